package io.github.colonnade.connectors.view;

/** Precision in which a block's numbers are held in memory. */
public enum ElementType {
  /** {@code float}; F64 tensors are rounded. */
  FLOAT,
  /** {@code double}; exact for every type. */
  DOUBLE
}
