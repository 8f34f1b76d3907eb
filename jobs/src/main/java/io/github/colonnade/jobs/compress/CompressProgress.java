package io.github.colonnade.jobs.compress;

import io.github.colonnade.jobs.console.Progress;
import io.github.colonnade.jobs.console.Progress.Unit;
import io.github.colonnade.jobs.plan.Partitions;
import io.github.colonnade.jobs.plan.RunPlan;
import java.util.Map;
import java.util.function.Function;

/** How far a compress run is, from its accumulators and its plan. */
public final class CompressProgress implements Function<Map<String, Object>, Progress.State> {

  private final RunPlan plan;
  private final int merges;

  public CompressProgress(RunPlan plan, Partitions partitions) {
    this.plan = plan;
    this.merges = partitions.allNodes();
  }

  @Override
  public Progress.State apply(Map<String, Object> accumulators) {
    long sketched = Counters.value(accumulators, Counters.SKETCHED_BYTES);
    long encoded = Counters.value(accumulators, Counters.ENCODED_BYTES);
    long partitioned = Counters.value(accumulators, Counters.PARTITIONED_BLOCKS);
    long merged = Counters.value(accumulators, Counters.MERGED_NODES);
    if (encoded > 0 || (partitioned >= plan.blocks() && merged >= merges)) {
      return new Progress.State("encode", encoded, plan.bytes());
    }
    if (partitioned == 0 && sketched < plan.matrixBytes()) {
      return new Progress.State("sketch", sketched, plan.matrixBytes());
    }
    if (partitioned < plan.blocks() && merged == 0) {
      return new Progress.State("partition", partitioned, plan.blocks(), Unit.BLOCKS);
    }
    return new Progress.State("merge", merged, merges, Unit.MERGES);
  }
}
