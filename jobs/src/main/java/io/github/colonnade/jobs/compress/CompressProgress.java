package io.github.colonnade.jobs.compress;

import io.github.colonnade.jobs.console.Progress;
import io.github.colonnade.jobs.plan.RunPlan;
import java.util.Map;
import java.util.function.Function;

/** How far a compress run is, from its accumulators and its plan. */
public final class CompressProgress implements Function<Map<String, Object>, Progress.State> {

  private final RunPlan plan;

  public CompressProgress(RunPlan plan) {
    this.plan = plan;
  }

  @Override
  public Progress.State apply(Map<String, Object> accumulators) {
    long sketched = value(accumulators, Counters.SKETCHED_BYTES);
    long encoded = value(accumulators, Counters.ENCODED_BYTES);
    long partitioned = value(accumulators, Counters.PARTITIONED_BLOCKS);
    if (encoded > 0 || partitioned >= plan.blocks()) {
      return new Progress.State("encode", encoded, plan.bytes());
    }
    if (partitioned == 0 && sketched < plan.matrixBytes()) {
      return new Progress.State("sketch", sketched, plan.matrixBytes());
    }
    return new Progress.State("partition", 0, 0);
  }

  private static long value(Map<String, Object> accumulators, String name) {
    return accumulators.get(name) instanceof Long value ? value : 0;
  }
}
