package io.github.colonnade.jobs.compress;

import io.github.colonnade.jobs.compress.StageTimes.Stage;
import io.github.colonnade.jobs.metrics.Meters;
import io.github.colonnade.jobs.metrics.PartitionMeters;
import io.github.colonnade.jobs.metrics.WorkMeters;
import io.github.colonnade.jobs.plan.Partitions;
import io.github.colonnade.svd.auto.PartTree;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.measure.Sum;
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
 * One level of the tree: collects the parts of its nodes until the input ends, then merges those of
 * each node in the order of their numbers. What comes of a family's last node is ready to be
 * encoded; others leave by a side output.
 */
final class MergeOperator extends AbstractStreamOperator<EncodeTask>
    implements OneInputStreamOperator<FamilyPart, EncodeTask>, BoundedOneInput {

  /** A family and a number of a node. */
  private record Node(int rows, int number) implements Comparable<Node> {
    @Override
    public int compareTo(Node other) {
      return Comparator.comparingInt(Node::rows)
          .thenComparingInt(Node::number)
          .compare(this, other);
    }
  }

  private final CompressSettings settings;
  private final Partitions partitions;
  private final int level;
  private final TreeMap<Node, List<FamilyPart>> nodes = new TreeMap<>();

  private transient LinearAlgebra la;
  private transient LongCounter merged;
  private transient PartitionMeters meters;
  private transient Sum open;

  /**
   * @param level from 1
   */
  @SuppressWarnings("NullAway.Init") // open() comes before everything else.
  MergeOperator(CompressSettings settings, Partitions partitions, int level) {
    this.settings = settings;
    this.partitions = partitions;
    this.level = level;
  }

  @Override
  public void open() throws Exception {
    super.open();
    Meters ofSubtask = Meters.of(getMetricGroup());
    la = WorkMeters.measured(ofSubtask, new Nd4jLinearAlgebra());
    meters = new PartitionMeters(ofSubtask);
    open = meters.open();
    merged = Counters.register(getRuntimeContext(), Counters.MERGED_NODES);
  }

  @Override
  public void close() throws Exception {
    if (la != null) {
      la.close();
    }
    super.close();
  }

  @Override
  public void processElement(StreamRecord<FamilyPart> element) {
    FamilyPart part = element.getValue();
    nodes
        .computeIfAbsent(
            new Node(part.rows(), PartTree.parent(part.number())), node -> new ArrayList<>())
        .add(part);
    open.add(part.clusters().size());
  }

  @Override
  public void endInput() {
    while (!nodes.isEmpty()) {
      Map.Entry<Node, List<FamilyPart>> node = nodes.pollFirstEntry();
      long started = System.nanoTime();
      merge(node.getKey(), node.getValue());
      meters.done(started);
      open.add(-node.getValue().stream().mapToLong(each -> each.clusters().size()).sum());
      merged.add(1);
    }
  }

  private void merge(Node node, List<FamilyPart> parts) {
    long start = System.currentTimeMillis();
    parts.sort(Comparator.comparingInt(FamilyPart::number));
    boolean last = partitions.width(node.rows, level) == 1;
    SplitFamily family =
        new SplitFamily(
            la,
            settings,
            new FamilyPartitioner(la, settings, FamilyPartitioner.MAX_MEMBERS, meters.decisions()),
            last ? 0 : Partitions.OPEN_NUMBERS);
    StageTimes times =
        parts.stream().map(FamilyPart::times).reduce(StageTimes.none(), StageTimes::join);
    FamilyPart part = family.merge(node.number, parts, times);
    StageTimes done = times.with(Stage.PARTITION, start, System.currentTimeMillis());
    if (!last) {
      output.collect(PartitionOperator.PARTS, new StreamRecord<>(part.at(done)));
      return;
    }
    for (EncodeTask task : family.files(part)) {
      task.clusters().forEach(each -> meters.sealed(each.members().size()));
      output.collect(
          new StreamRecord<>(new EncodeTask(task.file(), task.clusters(), task.copies(), done)));
    }
  }
}
