package io.github.colonnade.connectors.view;

/** Which way round a two-dimensional tensor is taken. */
public enum Orientation {
  /** A tensor of shape [m, n] is an m×n matrix. */
  AS_STORED,
  /** A tensor of shape [n, m] is an m×n matrix, its transpose. */
  TRANSPOSED
}
