package io.github.colonnade.svd.linalg;

/** Where the matrices of a {@link Nd4jLinearAlgebra} live, and what multiplies them. */
interface Backend {

  /** The name for messages and reports. */
  String name();

  /** Gives back the memory that is kept for later matrices. */
  void close();

  /** Host memory for rows × columns elements, at least one, not initialised. */
  NativeMatrix.Memory allocate(int rows, int columns, Precision precision);

  /**
   * C ← op(A)·op(B), of one precision and without an empty operand.
   *
   * @param a op(A): m×k; A itself is k×m if {@code transposeA}; not modified
   * @param b op(B): k×n; B itself is n×k if {@code transposeB}; not modified
   * @param c m×n, overwritten
   */
  void product(
      NativeMatrix a, boolean transposeA, NativeMatrix b, boolean transposeB, NativeMatrix c);

  /** C ← C + weight·op(A)·op(B), otherwise as {@link #product}. */
  void addProduct(
      double weight,
      NativeMatrix a,
      boolean transposeA,
      NativeMatrix b,
      boolean transposeB,
      NativeMatrix c);

  /**
   * C ← op(A)·op(A)ᵀ, in FLOAT64.
   *
   * @param a op(A): m×k; A itself is k×m if {@code transposeA}; not empty, not modified
   * @param c m×m, overwritten; symmetric but for rounding
   */
  void symmetricProduct(NativeMatrix a, boolean transposeA, NativeMatrix c);

  /** C ← C + weight·op(A)·op(A)ᵀ for a C that is symmetric but for rounding, otherwise the same. */
  void addSymmetricProduct(double weight, NativeMatrix a, boolean transposeA, NativeMatrix c);
}
