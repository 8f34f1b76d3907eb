package io.github.colonnade.jobs.stream;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.source.Arrival;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.jobs.compress.CompressSettings;
import io.github.colonnade.jobs.compress.Counters;
import io.github.colonnade.jobs.compress.Outcome;
import io.github.colonnade.jobs.compress.StageTimes;
import io.github.colonnade.jobs.compress.StageTimes.Stage;
import io.github.colonnade.jobs.compress.TensorSketcher;
import io.github.colonnade.jobs.compress.TensorSketcher.Sketched;
import io.github.colonnade.jobs.flink.CodecTypeInfo;
import io.github.colonnade.jobs.flink.Processor;
import io.github.colonnade.jobs.manifest.RejectionCause;
import io.github.colonnade.jobs.memory.PayloadShare;
import io.github.colonnade.jobs.metrics.Meters;
import io.github.colonnade.jobs.metrics.SketchMeters;
import io.github.colonnade.jobs.metrics.WorkMeters;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/** Sketches the tensors that arrive; files that give none leave by a side output. */
final class SketchArrivals extends ProcessFunction<Arrival, BatchItem> {

  static final OutputTag<BatchOutcome> REFUSED_FILES =
      new OutputTag<>("refused-files", CodecTypeInfo.of(new BatchOutcome.BatchOutcomeCodec()));

  /** For which tensors are rejected here; files are counted where they are found. */
  private static final Set<RejectionCause> CAUSES =
      Set.of(
          RejectionCause.NOT_FINITE,
          RejectionCause.UNREADABLE,
          RejectionCause.CHANGED,
          RejectionCause.TOO_LARGE);

  private final CompressSettings settings;
  private final Processor processor;

  private transient Processor.Opened opened;
  private transient TensorSketcher sketcher;
  private transient PayloadShare memory;
  private transient LongCounter tensors;
  private transient SketchMeters meters;

  @SuppressWarnings("NullAway.Init") // open() comes before everything else.
  SketchArrivals(CompressSettings settings, Processor processor) {
    this.settings = settings;
    this.processor = processor;
  }

  @Override
  public void open(OpenContext context) throws IOException {
    LongCounter bytes = Counters.register(getRuntimeContext(), StreamCounters.SKETCHED_BYTES);
    tensors = Counters.register(getRuntimeContext(), StreamCounters.TENSORS);
    opened = processor.open(getRuntimeContext());
    memory = PayloadShare.open(getRuntimeContext(), settings.payloadLimit());
    Meters ofSubtask = Meters.of(getRuntimeContext().getMetricGroup());
    meters = new SketchMeters(ofSubtask, CAUSES, opened.device());
    sketcher =
        TensorSketcher.open(
            WorkMeters.measured(ofSubtask, opened.algebra()),
            settings,
            memory,
            read -> {
              bytes.add(read);
              meters.read(read);
            });
  }

  @Override
  public void processElement(Arrival arrival, Context context, Collector<BatchItem> out)
      throws IOException {
    if (arrival instanceof Arrival.Tensor tensor) {
      sketch(tensor, out);
    } else if (arrival instanceof Arrival.Seal seal) {
      out.collect(new BatchItem(seal.batch(), new BatchItem.Sealed(seal.tensors())));
    } else if (arrival instanceof Arrival.Refusal refusal) {
      context.output(
          REFUSED_FILES,
          new BatchOutcome(
              0,
              List.of(
                  new Outcome.Rejected(
                      refusal.ordinal(),
                      refusal.source(),
                      "",
                      cause(refusal.cause()),
                      refusal.reason(),
                      StageTimes.none()))));
    }
  }

  private static RejectionCause cause(Arrival.Cause cause) {
    return switch (cause) {
      case UNREADABLE -> RejectionCause.UNREADABLE;
      case LATE -> RejectionCause.LATE;
      case REWRITTEN -> RejectionCause.REWRITTEN;
    };
  }

  /**
   * A tensor that cannot be read is rejected, unless it is the storage that fails. So is one that
   * needs more memory than there is: every restart would meet it again.
   */
  private void sketch(Arrival.Tensor arrival, Collector<BatchItem> out) throws IOException {
    TensorInfo tensor = arrival.tensor();
    StageTimes listed =
        StageTimes.none().with(Stage.LIST, arrival.listedMillis(), arrival.listedMillis());
    Optional<String> tooLarge = sketcher.refusal(tensor);
    if (tooLarge.isPresent()) {
      meters.done(System.nanoTime());
      reject(arrival, RejectionCause.TOO_LARGE, tooLarge.get(), listed, out);
      done(arrival, out);
      return;
    }
    try {
      Sketched sketched = sketched(arrival, listed);
      if (sketched instanceof Sketched.Blocks blocks) {
        blocks.blocks().forEach(each -> meters.sketched(each.squares().length));
        blocks.blocks().forEach(each -> collect(arrival, new BatchItem.Block(each), out));
      } else if (sketched instanceof Sketched.Copy copy) {
        collect(arrival, new BatchItem.Copy(copy.tensor()), out);
      } else if (sketched instanceof Sketched.NotFinite refused) {
        reject(arrival, RejectionCause.NOT_FINITE, refused.reason(), listed, out);
      }
    } catch (FormatException e) {
      if (isGone(tensor)) {
        reject(arrival, RejectionCause.CHANGED, MissingFiles.REASON, listed, out);
      } else {
        reject(arrival, RejectionCause.UNREADABLE, e.reason(), listed, out);
      }
    }
    done(arrival, out);
  }

  /** What follows may have to wait for the operators after this one, which is not measured. */
  private Sketched sketched(Arrival.Tensor arrival, StageTimes listed) throws IOException {
    long started = System.nanoTime();
    try {
      return sketcher.sketch(arrival.ordinal(), arrival.tensor(), listed);
    } finally {
      meters.done(started);
    }
  }

  private void done(Arrival.Tensor arrival, Collector<BatchItem> out) {
    tensors.add(1L);
    collect(arrival, new BatchItem.Done(arrival.fileBytes()), out);
  }

  private boolean isGone(TensorInfo tensor) throws IOException {
    List<String> inputs = settings.input().uris();
    return MissingFiles.isGone(inputs, tensor.source())
        || MissingFiles.isGone(inputs, tensor.payload().path());
  }

  private void reject(
      Arrival.Tensor arrival,
      RejectionCause cause,
      String reason,
      StageTimes times,
      Collector<BatchItem> out) {
    meters.rejected(cause);
    TensorInfo tensor = arrival.tensor();
    collect(
        arrival,
        new BatchItem.Refused(
            new Outcome.Rejected(
                arrival.ordinal(), tensor.source(), tensor.name(), cause, reason, times)),
        out);
  }

  private static void collect(
      Arrival.Tensor arrival, BatchItem.Content content, Collector<BatchItem> out) {
    out.collect(new BatchItem(arrival.batch(), content));
  }

  @Override
  public void close() throws IOException {
    if (memory != null) {
      memory.close();
    }
    if (sketcher != null) {
      sketcher.close();
    }
    if (meters != null) {
      meters.close();
    }
    if (opened != null) {
      opened.close();
    }
  }
}
