package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.source.TensorSplit;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockReader;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.BlockValues;
import io.github.colonnade.connectors.view.MatrixView;
import io.github.colonnade.connectors.view.TensorPlan;
import io.github.colonnade.jobs.compress.StageTimes.Stage;
import io.github.colonnade.jobs.flink.CodecTypeInfo;
import io.github.colonnade.jobs.weights.BlockWeights;
import io.github.colonnade.svd.factor.ColumnWeight;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Reads each tensor once and sketches its blocks; what is no matrix, or not finite, leaves by a
 * side output.
 */
final class SketchFunction extends ProcessFunction<TensorSplit, SketchedBlock> {

  static final OutputTag<PassThrough> PASS_THROUGH =
      new OutputTag<>("pass-through", CodecTypeInfo.of(new PassThrough.PassThroughCodec()));

  static final OutputTag<Outcome> REJECTED =
      new OutputTag<>("rejected", CodecTypeInfo.of(new Outcome.OutcomeCodec()));

  private final CompressSettings settings;

  private transient BlockSketcher sketcher;
  private transient BlockWeights weights;
  private transient MatrixView view;
  private transient LongCounter sketchedBytes;

  @SuppressWarnings("NullAway.Init") // open() comes before everything else.
  SketchFunction(CompressSettings settings) {
    this.settings = settings;
  }

  @Override
  public void open(OpenContext context) throws IOException {
    LinearAlgebra la = new Nd4jLinearAlgebra();
    sketcher = new BlockSketcher(la, settings);
    weights = settings.openWeights(la);
    view = settings.view();
    sketchedBytes = Counters.register(getRuntimeContext(), Counters.SKETCHED_BYTES);
  }

  @Override
  public void processElement(TensorSplit split, Context context, Collector<SketchedBlock> out)
      throws IOException {
    StageTimes times =
        StageTimes.none().with(Stage.LIST, split.listStartMillis(), split.listEndMillis());
    TensorInfo tensor = split.tensor();
    TensorPlan plan = view.plan(tensor);
    if (plan instanceof TensorPlan.PassThrough pass) {
      context.output(PASS_THROUGH, new PassThrough(split.ordinal(), tensor, pass.reason(), times));
      return;
    }
    long start = System.currentTimeMillis();
    List<BlockRef> blocks = ((TensorPlan.Blocks) plan).blocks();
    List<SketchedBlock> sketched = new ArrayList<>(blocks.size());
    List<String> notFinite = new ArrayList<>();
    boolean weighted = weights.has(tensor);
    new BlockReader(sketcher.elementType(tensor.dtype(), weighted))
        .readTensorBlocks(
            tensor,
            blocks,
            values -> {
              sketchedBytes.add(values.block().sizeBytes());
              if (!values.finite()) {
                notFinite.add(values.block().id());
              } else if (notFinite.isEmpty()) {
                sketched.add(sketch(split.ordinal(), sketched.size(), values, weighted, times));
              }
            });
    if (!notFinite.isEmpty()) {
      reject(split, notFinite, context, times);
      return;
    }
    StageTimes done = times.with(Stage.SKETCH, start, System.currentTimeMillis());
    for (SketchedBlock block : sketched) {
      out.collect(
          new SketchedBlock(
              block.ordinal(),
              block.index(),
              block.block(),
              block.exponent(),
              block.weightExponent(),
              block.sha256(),
              block.squares(),
              block.droppedEnergy(),
              block.factor(),
              done));
    }
  }

  private SketchedBlock sketch(
      long ordinal, int index, BlockValues values, boolean weighted, StageTimes times) {
    if (!weighted) {
      return sketcher.sketch(ordinal, index, values, Optional.empty(), times);
    }
    try (ColumnWeight weight = weights.weight(values.block())) {
      return sketcher.sketch(ordinal, index, values, Optional.of(weight), times);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    if (weights != null) {
      weights.close();
    }
  }

  private void reject(
      TensorSplit split, List<String> notFinite, Context context, StageTimes times) {
    TensorInfo tensor = split.tensor();
    String where = notFinite.get(0).equals(tensor.name()) ? "" : " in " + notFinite.get(0);
    String reason = "it has NaN or infinity" + where;
    if (settings.input().strict()) {
      throw FormatException.of(
          tensor.source(),
          tensor.name(),
          reason + "; leave out --strict to reject such tensors and go on");
    }
    context.output(
        REJECTED,
        new Outcome.Rejected(split.ordinal(), tensor.source(), tensor.name(), reason, times));
  }
}
