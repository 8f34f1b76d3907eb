package io.github.colonnade.connectors.view;

/** Order of a matrix's numbers in the canonical payload. */
public enum Layout {
  /** Row after row of the whole tensor. */
  ROW_MAJOR,
  /** Column after column of the whole tensor. */
  COLUMN_MAJOR
}
