package io.github.colonnade.jobs.stream;

import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.compress.CompressSettings;
import io.github.colonnade.jobs.compress.ManifestBuilder;
import io.github.colonnade.jobs.compress.Outcome;
import io.github.colonnade.jobs.compress.RunTotals;
import io.github.colonnade.jobs.compress.StageTimes;
import io.github.colonnade.jobs.flink.CodecTypeInfo;
import io.github.colonnade.jobs.manifest.Root;
import io.github.colonnade.jobs.metrics.CommitMeters;
import io.github.colonnade.jobs.metrics.Meters;
import io.github.colonnade.jobs.plan.Partitions;
import io.github.colonnade.jobs.stored.Segments;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Makes what has come visible, one segment for each checkpoint of the job.
 *
 * <p>The bytes of a segment are made when a checkpoint is taken and are in it; they are written
 * when it is complete. Whatever fails after that, the job goes on from this checkpoint or a later
 * one, and writes the same bytes again where they are missing. So no outcome is in two segments and
 * none is lost.
 */
final class CommitSegments extends AbstractStreamOperator<Void>
    implements OneInputStreamOperator<BatchOutcome, Void>, BoundedOneInput {

  private final CompressSettings settings;
  private final String run;

  private final List<BatchOutcome> waiting = new ArrayList<>();
  private final List<Segment> pending = new ArrayList<>();
  private long published;
  private boolean ended;
  private transient ListState<BatchOutcome> waitingState;
  private transient ListState<Segment> pendingState;
  private transient ListState<Long> publishedState;
  private transient StreamPlace place;
  private transient Segments segments;
  private transient CommitMeters meters;
  private transient RunTotals totals;

  /** The blocks of pending segments that this attempt has made, by number. */
  private transient Map<Long, Long> entries;

  /**
   * @param run what the place of the stream must name as its owner
   */
  @SuppressWarnings("NullAway.Init") // initializeState() and open() come before everything else.
  CommitSegments(CompressSettings settings, String run) {
    this.settings = settings;
    this.run = run;
  }

  @Override
  public void initializeState(StateInitializationContext context) throws Exception {
    super.initializeState(context);
    waitingState =
        context
            .getOperatorStateStore()
            .getListState(
                new ListStateDescriptor<>(
                    "waiting", CodecTypeInfo.of(new BatchOutcome.BatchOutcomeCodec())));
    pendingState =
        context
            .getOperatorStateStore()
            .getListState(
                new ListStateDescriptor<>("pending", CodecTypeInfo.of(new Segment.SegmentCodec())));
    publishedState =
        context
            .getOperatorStateStore()
            .getListState(new ListStateDescriptor<>("published", Long.class));
    waitingState.get().forEach(waiting::add);
    pendingState.get().forEach(pending::add);
    publishedState.get().forEach(count -> published = count);
  }

  /** What is pending was in a complete checkpoint, or else this would not have come back. */
  @Override
  public void open() throws Exception {
    super.open();
    meters = new CommitMeters(Meters.of(getMetricGroup()));
    totals = new RunTotals(getRuntimeContext());
    entries = new HashMap<>();
    place = new StreamPlace(settings.place().output());
    asOwner(() -> segments = Segments.open(settings.place().output()));
    long known = published + pending.size();
    long there = segments.root().map(Root::count).orElse(0L);
    if (there > known) {
      throw new UsageException(
          settings.place().output()
              + ": the collection has "
              + there
              + " segments, but the checkpoint that this run goes on from knows of "
              + known
              + "; go on from the newest checkpoint, or choose another --output");
    }
    publish(Long.MAX_VALUE);
  }

  @Override
  public void processElement(StreamRecord<BatchOutcome> element) {
    waiting.add(element.getValue());
  }

  @Override
  public void endInput() {
    ended = true;
  }

  @Override
  public void snapshotState(StateSnapshotContext context) throws Exception {
    super.snapshotState(context);
    asOwner(() -> {});
    // A stream that has found nothing has one segment, with nothing in it.
    boolean nothing = ended && published + pending.size() == 0;
    if (!waiting.isEmpty() || nothing) {
      long number = published + pending.size() + 1;
      ManifestBuilder.Sized made = made();
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      made.write(bytes);
      pending.add(new Segment(context.getCheckpointId(), number, bytes.toByteArray()));
      entries.put(number, made.manifest().totals().blocks());
      totals.add(made.manifest());
      waiting.clear();
    }
    waitingState.update(waiting);
    pendingState.update(pending);
    publishedState.update(List.of(published));
  }

  @Override
  public void notifyCheckpointComplete(long checkpoint) throws Exception {
    super.notifyCheckpointComplete(checkpoint);
    publish(checkpoint);
    if (ended && published > 0 && waiting.isEmpty() && pending.isEmpty()) {
      endCollection();
    }
  }

  /** What only the owner of the place may do. */
  private interface Step {
    void run() throws IOException;
  }

  /** Does a step as the owner. */
  private void asOwner(Step step) throws IOException {
    place.requireOwner(run);
    step.run();
  }

  /** The manifest of what waits. */
  private ManifestBuilder.Sized made() throws IOException {
    List<Outcome.FileWritten> files = new ArrayList<>();
    List<Outcome.Rejected> rejected = new ArrayList<>();
    StageTimes times = StageTimes.none();
    long inputBytes = 0;
    for (BatchOutcome batch : waiting) {
      inputBytes += batch.inputBytes();
      for (Outcome outcome : batch.outcomes()) {
        times = times.join(outcome.times());
        if (outcome instanceof Outcome.FileWritten file) {
          files.add(file);
        } else if (outcome instanceof Outcome.Rejected tensor) {
          rejected.add(tensor);
        }
      }
    }
    Set<String> roots = new TreeSet<>();
    for (String input : settings.input().uris()) {
      roots.add(InputFiles.qualify(input).toString());
    }
    ManifestBuilder builder =
        new ManifestBuilder(settings, Partitions.none(), files, rejected, roots);
    return builder.build(inputBytes, times.timings());
  }

  /** Writes the segments of checkpoints up to this one. */
  private void publish(long checkpoint) throws Exception {
    Iterator<Segment> each = pending.iterator();
    while (each.hasNext()) {
      Segment segment = each.next();
      if (segment.checkpoint() > checkpoint) {
        return;
      }
      long started = System.nanoTime();
      asOwner(() -> segments.publish(segment.number(), segment.bytes(), true));
      Long blocks = entries.remove(segment.number());
      meters.published(blocks == null ? 0 : blocks, started);
      published = segment.number();
      each.remove();
    }
  }

  /** Nothing comes after this. */
  private void endCollection() throws Exception {
    asOwner(segments::finish);
    ended = false;
  }
}
