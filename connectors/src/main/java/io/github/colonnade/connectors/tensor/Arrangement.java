package io.github.colonnade.connectors.tensor;

/** How the elements of a tensor lie in its file. */
public enum Arrangement {
  /** Row-major, little-endian: the canonical payload itself. */
  CANONICAL,
  /** Row-major, big-endian. */
  BIG_ENDIAN,
  /** Column-major (Fortran order), little-endian. */
  COLUMN_MAJOR,
  /** Column-major (Fortran order), big-endian. */
  COLUMN_MAJOR_BIG_ENDIAN;

  boolean isBigEndian() {
    return this == BIG_ENDIAN || this == COLUMN_MAJOR_BIG_ENDIAN;
  }

  boolean isColumnMajor() {
    return this == COLUMN_MAJOR || this == COLUMN_MAJOR_BIG_ENDIAN;
  }
}
