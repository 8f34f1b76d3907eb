package io.github.colonnade.svd.linalg;

/**
 * Which products are worth the way to a device and back.
 *
 * <p>A product of m×k by k×n takes 2mnk operations and moves mk + kn + mn elements. It goes to the
 * device if it has at least {@code minimumFlops} operations, so that the fixed time of a call and
 * its copies does not count, and at least {@code minimumFlopsPerElement} for each element moved, so
 * that the host could not have computed the result while the elements were on their way.
 *
 * @param minimumFlops operations, multiplications and additions
 * @param minimumFlopsPerElement operations for each element of the operands and of the result
 */
record OffloadThreshold(long minimumFlops, int minimumFlopsPerElement) {

  /**
   * For one thread of a processor with 50 to 100 GFLOP/s beside a device behind PCI Express with 5
   * GB/s, copies into pinned memory included: moving a float takes as long as 40 to 80 operations,
   * twice that for a double at half the speed. A call and its three allocations are taken to cost
   * less than the millisecond that 10⁸ operations take. {@code tests/gpu/run.sh} measures all of
   * it.
   */
  static final OffloadThreshold DEFAULT = new OffloadThreshold(100_000_000L, 100);

  /** Everything goes to the device: for tests and measurements. */
  static final OffloadThreshold NONE = new OffloadThreshold(0, 0);

  /** Whether a product of m×k by k×n, all at least 1, is worth it. */
  boolean isReached(long m, long n, long k) {
    double flops = 2.0 * m * n * k;
    double elements = (double) m * k + (double) k * n + (double) m * n;
    return flops >= minimumFlops && flops >= minimumFlopsPerElement * elements;
  }
}
