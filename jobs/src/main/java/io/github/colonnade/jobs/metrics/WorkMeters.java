package io.github.colonnade.jobs.metrics;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.MeasuredLinearAlgebra;
import io.github.colonnade.svd.linalg.Work;
import io.github.colonnade.svd.linalg.Work.Decomposition;
import io.micrometer.core.instrument.DistributionSummary;

/** What the linear algebra of a subtask does. */
public final class WorkMeters {

  private static final double NANOS_PER_SECOND = 1e9;

  /** Eigenproblems have at most some thousand rows. */
  private static final int LARGEST_EIGENPROBLEM = 13;

  private WorkMeters() {}

  /** The same linear algebra, whose work these meters show. */
  public static LinearAlgebra measured(Meters meters, LinearAlgebra la) {
    if (!meters.areRead()) {
      return la;
    }
    DistributionSummary sizes =
        meters.distribution(JobMeter.EIGENPROBLEMS_SIZE, Meters.powersOfTwo(LARGEST_EIGENPROBLEM));
    Work work = new Work(sizes::record);
    meters.timed(JobMeter.PRODUCTS, work::products, work::productNanos);
    meters.counted(JobMeter.PRODUCTS_FLOPS, work::productOperations);
    meters.gauge(JobMeter.PRODUCTS_RATE, () -> rate(work));
    for (Decomposition kind : Decomposition.values()) {
      meters.timed(
          JobMeter.DECOMPOSITIONS,
          () -> work.decompositions(kind),
          () -> work.decompositionNanos(kind),
          Meters.value(kind));
    }
    return new MeasuredLinearAlgebra(la, work);
  }

  private static double rate(Work work) {
    long nanos = work.productNanos();
    return nanos == 0 ? 0 : work.productOperations() * NANOS_PER_SECOND / nanos;
  }
}
