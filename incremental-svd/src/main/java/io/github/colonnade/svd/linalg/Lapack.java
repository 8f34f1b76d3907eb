package io.github.colonnade.svd.linalg;

/** What LAPACK's routines answer. */
final class Lapack {

  // Of LAPACKE, where it could not allocate.
  private static final int NO_WORK_SPACE = -1010;
  private static final int NO_TRANSPOSE_SPACE = -1011;

  private Lapack() {}

  /**
   * @param info of a routine of LAPACKE
   */
  static void check(String routine, int info) {
    if (info == NO_WORK_SPACE || info == NO_TRANSPOSE_SPACE) {
      throw new OutOfMemoryError("LAPACK " + routine + " found no native memory to work in");
    }
    if (info != 0) {
      throw new ArithmeticException(
          "LAPACK "
              + routine
              + (info < 0
                  ? " refused argument " + -info + ": the input has NaN or infinity"
                  : " did not converge, info " + info));
    }
  }
}
