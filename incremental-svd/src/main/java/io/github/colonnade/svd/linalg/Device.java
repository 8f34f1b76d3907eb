package io.github.colonnade.svd.linalg;

/** Something beside the host that multiplies matrices of the host. */
interface Device {

  /** The name for messages and reports. */
  String name();

  /**
   * C ← op(A)·op(B) as {@link Backend#product}; when it returns, the result is in C. If it fails C
   * is undefined, and A and B are as they were.
   */
  void product(
      NativeMatrix a, boolean transposeA, NativeMatrix b, boolean transposeB, NativeMatrix c);
}
