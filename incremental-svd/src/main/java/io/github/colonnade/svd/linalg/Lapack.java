package io.github.colonnade.svd.linalg;

/** What LAPACK's routines answer. */
final class Lapack {

  private Lapack() {}

  /**
   * @param info of a routine of LAPACKE
   */
  static void check(String routine, int info) {
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
