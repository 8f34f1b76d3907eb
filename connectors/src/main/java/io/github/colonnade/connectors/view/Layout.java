package io.github.colonnade.connectors.view;

/** Order of a block's numbers in the canonical payload. */
public enum Layout {
  /** Row after row of the block, which is then the whole tensor. */
  ROW_MAJOR,
  /** Column after column of the block. */
  COLUMN_MAJOR
}
