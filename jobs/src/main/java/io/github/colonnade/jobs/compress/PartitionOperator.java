package io.github.colonnade.jobs.compress;

import io.github.colonnade.jobs.compress.StageTimes.Stage;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Collects the sketches of its families until the input ends, then partitions each family.
 *
 * <p>All blocks of a family are sent to the same subtask. They arrive in any order and are sorted
 * first, so the result does not depend on who sketched what.
 */
final class PartitionOperator extends AbstractStreamOperator<EncodeTask>
    implements OneInputStreamOperator<SketchedBlock, EncodeTask>, BoundedOneInput {

  private final CompressSettings settings;
  private final Map<Integer, List<SketchedBlock>> families = new TreeMap<>();

  private transient LinearAlgebra la;
  private transient LongCounter partitioned;

  @SuppressWarnings("NullAway.Init") // open() comes before everything else.
  PartitionOperator(CompressSettings settings) {
    this.settings = settings;
  }

  @Override
  public void open() throws Exception {
    super.open();
    la = new Nd4jLinearAlgebra();
    partitioned = Counters.register(getRuntimeContext(), Counters.PARTITIONED_BLOCKS);
  }

  @Override
  public void processElement(StreamRecord<SketchedBlock> element) {
    SketchedBlock block = element.getValue();
    families.computeIfAbsent(block.rows(), rows -> new ArrayList<>()).add(block);
  }

  @Override
  public void endInput() {
    for (Map.Entry<Integer, List<SketchedBlock>> family : families.entrySet()) {
      long start = System.currentTimeMillis();
      List<SketchedBlock> blocks = family.getValue();
      blocks.sort(
          Comparator.comparingLong(SketchedBlock::ordinal).thenComparingInt(SketchedBlock::index));
      StageTimes times =
          blocks.stream().map(SketchedBlock::times).reduce(StageTimes.none(), StageTimes::join);
      List<EncodeTask> tasks =
          new FamilyPartitioner(la, settings, FamilyPartitioner.MAX_MEMBERS)
              .partition(family.getKey(), blocks);
      StageTimes done = times.with(Stage.PARTITION, start, System.currentTimeMillis());
      for (EncodeTask task : tasks) {
        output.collect(
            new StreamRecord<>(new EncodeTask(task.file(), task.clusters(), task.copies(), done)));
      }
      partitioned.add(blocks.size());
    }
    families.clear();
  }
}
