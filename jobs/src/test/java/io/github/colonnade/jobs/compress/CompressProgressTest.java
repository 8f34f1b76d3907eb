package io.github.colonnade.jobs.compress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.colonnade.connectors.view.MatrixView;
import io.github.colonnade.connectors.view.ViewOptions;
import io.github.colonnade.jobs.console.Progress;
import io.github.colonnade.jobs.console.Progress.Unit;
import io.github.colonnade.jobs.memory.PayloadNeed;
import io.github.colonnade.jobs.plan.Partitions;
import io.github.colonnade.jobs.plan.Reach;
import io.github.colonnade.jobs.plan.RunPlan;
import io.github.colonnade.jobs.plan.Undecided;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CompressProgressTest {

  private static final CompressProgress PROGRESS =
      new CompressProgress(
          new RunPlan(
              2,
              1,
              List.of(new RunPlan.Family(4, 2, 8, 32, 128)),
              Map.of(),
              128,
              new RunPlan.Weights(0, 0, 0),
              Undecided.NOTHING,
              new Reach(List.of(), 0, 2, Float.BYTES),
              PayloadNeed.NOTHING),
          Partitions.of(List.of(), MatrixView.of(ViewOptions.defaults()), 0));

  @Test
  void encodingBeginsWhenAllBlocksArePartitioned() {
    assertEquals(new Progress.State("partition", 1, 2, Unit.BLOCKS), at(128, 1));
    assertEquals(new Progress.State("encode", 0, 128), at(128, 2));
  }

  private static Progress.State at(long sketched, long partitioned) {
    return PROGRESS.apply(
        Map.of(Counters.SKETCHED_BYTES, sketched, Counters.PARTITIONED_BLOCKS, partitioned));
  }
}
