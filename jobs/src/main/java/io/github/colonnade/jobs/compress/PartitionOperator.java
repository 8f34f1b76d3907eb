package io.github.colonnade.jobs.compress;

import io.github.colonnade.jobs.compress.StageTimes.Stage;
import io.github.colonnade.jobs.flink.CodecTypeInfo;
import io.github.colonnade.jobs.metrics.Meters;
import io.github.colonnade.jobs.metrics.PartitionMeters;
import io.github.colonnade.jobs.metrics.WorkMeters;
import io.github.colonnade.jobs.plan.Partitions;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.measure.Sum;
import java.io.IOException;
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
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * Collects the sketches of its partitions until the input ends, then partitions each. What comes of
 * a family of one partition is ready to be encoded; parts of families leave by a side output.
 *
 * <p>All blocks of a partition are sent to the same subtask. They arrive in any order and are
 * sorted first, so the result does not depend on who sketched what.
 *
 * <p>Blocks that come to a collection may join bases that are there. Their partitions are not
 * merged: those who have company in a basis are gone from them.
 */
final class PartitionOperator extends AbstractStreamOperator<EncodeTask>
    implements OneInputStreamOperator<SketchedBlock, EncodeTask>, BoundedOneInput {

  static final OutputTag<FamilyPart> PARTS =
      new OutputTag<>("parts", CodecTypeInfo.of(new FamilyPart.FamilyPartCodec()));

  private final CompressSettings settings;
  private final Partitions partitions;
  private final @Nullable Addition addition;
  private final TreeMap<Integer, TreeMap<Integer, List<SketchedBlock>>> families = new TreeMap<>();

  private transient LinearAlgebra la;
  private transient LongCounter partitioned;
  private transient PartitionMeters meters;
  private transient Sum waiting;

  @SuppressWarnings("NullAway.Init") // open() comes before everything else.
  PartitionOperator(CompressSettings settings, Partitions partitions, @Nullable Addition addition) {
    this.settings = settings;
    this.partitions = partitions;
    this.addition = addition;
  }

  @Override
  public void open() throws Exception {
    super.open();
    Meters ofSubtask = Meters.of(getMetricGroup());
    la = WorkMeters.measured(ofSubtask, new Nd4jLinearAlgebra());
    meters = new PartitionMeters(ofSubtask);
    waiting = meters.waiting();
    partitioned = Counters.register(getRuntimeContext(), Counters.PARTITIONED_BLOCKS);
  }

  @Override
  public void close() throws Exception {
    if (la != null) {
      la.close();
    }
    super.close();
  }

  @Override
  public void processElement(StreamRecord<SketchedBlock> element) {
    SketchedBlock block = element.getValue();
    families
        .computeIfAbsent(block.rows(), rows -> new TreeMap<>())
        .computeIfAbsent(
            partitions.run(block.rows(), block.ordinal(), block.index()), run -> new ArrayList<>())
        .add(block);
    waiting.add(1);
  }

  @Override
  public void endInput() throws IOException {
    for (Map.Entry<Integer, TreeMap<Integer, List<SketchedBlock>>> family : families.entrySet()) {
      int rows = family.getKey();
      while (!family.getValue().isEmpty()) {
        Map.Entry<Integer, List<SketchedBlock>> run = family.getValue().pollFirstEntry();
        long started = System.nanoTime();
        partition(rows, run.getKey(), run.getValue());
        meters.done(started);
        waiting.add(-run.getValue().size());
        partitioned.add(run.getValue().size());
      }
    }
    families.clear();
  }

  private void partition(int rows, int number, List<SketchedBlock> blocks) throws IOException {
    long start = System.currentTimeMillis();
    blocks.sort(
        Comparator.comparingLong(SketchedBlock::ordinal).thenComparingInt(SketchedBlock::index));
    StageTimes times =
        blocks.stream().map(SketchedBlock::times).reduce(StageTimes.none(), StageTimes::join);
    if (addition != null) {
      JoiningPartitioner joining =
          new JoiningPartitioner(
              la,
              settings,
              FamilyPartitioner.MAX_MEMBERS,
              addition.bases().of(rows),
              meters.decisions());
      List<EncodeTask> tasks =
          joining.partition(rows, blocks).stream()
              .map(each -> addition.named(each, number))
              .toList();
      collect(tasks, times.with(Stage.PARTITION, start, System.currentTimeMillis()));
      return;
    }
    FamilyPartitioner partitioner =
        new FamilyPartitioner(la, settings, FamilyPartitioner.MAX_MEMBERS, meters.decisions());
    if (partitions.width(rows, 0) > 1) {
      FamilyPart part =
          new SplitFamily(la, settings, partitioner, Partitions.OPEN_NUMBERS)
              .partition(rows, number, blocks, times);
      output.collect(
          PARTS,
          new StreamRecord<>(
              part.at(times.with(Stage.PARTITION, start, System.currentTimeMillis()))));
      return;
    }
    List<EncodeTask> tasks = partitioner.partition(rows, blocks);
    collect(tasks, times.with(Stage.PARTITION, start, System.currentTimeMillis()));
  }

  private void collect(List<EncodeTask> tasks, StageTimes times) {
    for (EncodeTask task : tasks) {
      for (EncodeTask.ClusterTask each : task.clusters()) {
        if (each.basis().isPresent()) {
          meters.joined(each.members().size());
        } else {
          meters.sealed(each.members().size());
        }
      }
      output.collect(
          new StreamRecord<>(new EncodeTask(task.file(), task.clusters(), task.copies(), times)));
    }
  }
}
