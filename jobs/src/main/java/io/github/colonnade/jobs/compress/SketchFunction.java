package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.source.TensorSplit;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.jobs.compress.StageTimes.Stage;
import io.github.colonnade.jobs.compress.TensorSketcher.Sketched;
import io.github.colonnade.jobs.flink.CodecTypeInfo;
import io.github.colonnade.jobs.flink.Processor;
import io.github.colonnade.jobs.manifest.RejectionCause;
import io.github.colonnade.jobs.memory.PayloadShare;
import io.github.colonnade.jobs.metrics.Meters;
import io.github.colonnade.jobs.metrics.SketchMeters;
import io.github.colonnade.jobs.metrics.WorkMeters;
import java.io.IOException;
import java.util.Set;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/** Sketches tensors; what is no matrix, or not finite, leaves by a side output. */
final class SketchFunction extends ProcessFunction<TensorSplit, SketchedBlock> {

  static final OutputTag<PassThrough> PASS_THROUGH =
      new OutputTag<>("pass-through", CodecTypeInfo.of(new PassThrough.PassThroughCodec()));

  static final OutputTag<Outcome> REJECTED =
      new OutputTag<>("rejected", CodecTypeInfo.of(new Outcome.OutcomeCodec()));

  private final CompressSettings settings;
  private final Processor processor;

  private transient Processor.Opened opened;
  private transient TensorSketcher sketcher;
  private transient PayloadShare memory;
  private transient SketchMeters meters;

  @SuppressWarnings("NullAway.Init") // open() comes before everything else.
  SketchFunction(CompressSettings settings, Processor processor) {
    this.settings = settings;
    this.processor = processor;
  }

  @Override
  public void open(OpenContext context) throws IOException {
    LongCounter read = Counters.register(getRuntimeContext(), Counters.SKETCHED_BYTES);
    opened = processor.open(getRuntimeContext());
    memory = PayloadShare.open(getRuntimeContext(), settings.payloadLimit());
    Meters ofSubtask = Meters.of(getRuntimeContext().getMetricGroup());
    meters = new SketchMeters(ofSubtask, Set.of(RejectionCause.NOT_FINITE), opened.device());
    sketcher =
        TensorSketcher.open(
            WorkMeters.measured(ofSubtask, opened.algebra()),
            settings,
            memory,
            bytes -> {
              read.add(bytes);
              meters.read(bytes);
            });
  }

  @Override
  public void processElement(TensorSplit split, Context context, Collector<SketchedBlock> out)
      throws IOException {
    long started = System.nanoTime();
    TensorInfo tensor = split.tensor();
    Sketched sketched =
        sketcher.sketch(
            split.ordinal(),
            tensor,
            StageTimes.none().with(Stage.LIST, split.listStartMillis(), split.listEndMillis()));
    meters.done(started);
    if (sketched instanceof Sketched.Blocks blocks) {
      blocks.blocks().forEach(each -> meters.sketched(each.squares().length));
      blocks.blocks().forEach(out::collect);
    } else if (sketched instanceof Sketched.Copy copy) {
      context.output(PASS_THROUGH, copy.tensor());
    } else if (sketched instanceof Sketched.NotFinite refused) {
      if (settings.input().strict()) {
        throw FormatException.of(
            tensor.source(),
            tensor.name(),
            refused.reason() + "; leave out --strict to reject such tensors and go on");
      }
      meters.rejected(RejectionCause.NOT_FINITE);
      context.output(
          REJECTED,
          new Outcome.Rejected(
              split.ordinal(),
              tensor.source(),
              tensor.name(),
              RejectionCause.NOT_FINITE,
              refused.reason(),
              refused.times()));
    }
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
