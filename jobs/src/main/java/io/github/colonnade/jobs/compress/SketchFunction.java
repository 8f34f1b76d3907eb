package io.github.colonnade.jobs.compress;

import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.source.TensorSplit;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockReader;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.BlockValues;
import io.github.colonnade.connectors.view.ElementType;
import io.github.colonnade.connectors.view.MatrixView;
import io.github.colonnade.connectors.view.TensorPlan;
import io.github.colonnade.jobs.compress.SketchedBlock.Factor;
import io.github.colonnade.jobs.compress.StageTimes.Stage;
import io.github.colonnade.jobs.flink.CodecTypeInfo;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.partition.BlockSketch;
import io.github.colonnade.svd.partition.PartitionSettings;
import io.github.colonnade.svd.sketch.Sketch;
import io.github.colonnade.svd.sketch.Sketcher;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
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

  /**
   * A sketch keeps directions until what it drops is below this share of the error limit: what a
   * sketch leaves out cannot be told from error later.
   */
  private static final double DROPPED_SHARE = 0.5;

  /** A sketch keeps this many directions more than could ever pay. */
  private static final int SPARE_DIRECTIONS = 2;

  private final CompressSettings settings;

  private transient LinearAlgebra la;
  private transient MatrixView view;
  private transient LongCounter sketchedBytes;

  @SuppressWarnings("NullAway.Init") // open() comes before everything else.
  SketchFunction(CompressSettings settings) {
    this.settings = settings;
  }

  @Override
  public void open(OpenContext context) {
    la = new Nd4jLinearAlgebra();
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
    ElementType elements =
        settings.productPrecision() == Precision.FLOAT64 || tensor.dtype() == DType.F64
            ? ElementType.DOUBLE
            : ElementType.FLOAT;
    new BlockReader(elements)
        .readTensorBlocks(
            tensor,
            blocks,
            values -> {
              sketchedBytes.add(values.block().sizeBytes());
              if (!values.finite()) {
                notFinite.add(values.block().id());
              } else if (notFinite.isEmpty()) {
                sketched.add(sketch(split.ordinal(), sketched.size(), values, times));
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
              block.sha256(),
              block.squares(),
              block.droppedEnergy(),
              block.factor(),
              done));
    }
  }

  private void reject(
      TensorSplit split, List<String> notFinite, Context context, StageTimes times) {
    TensorInfo tensor = split.tensor();
    String where = notFinite.get(0).equals(tensor.name()) ? "" : " in " + notFinite.get(0);
    String reason = "it has NaN or infinity" + where;
    if (settings.strict()) {
      throw FormatException.of(
          tensor.source(),
          tensor.name(),
          reason + "; leave out --strict to reject such tensors and go on");
    }
    context.output(
        REJECTED,
        new Outcome.Rejected(
            split.ordinal(), tensor.source(), tensor.name(), tensor.elements(), reason, times));
  }

  private SketchedBlock sketch(long ordinal, int index, BlockValues values, StageTimes times) {
    BlockRef block = values.block();
    int exponent = values.maxAbs() == 0 ? 0 : Math.getExponent(values.maxAbs()) + 1;
    try (MatrixScope scope = new MatrixScope()) {
      Matrix a = scope.own(normalized(values, exponent));
      int smaller = Math.min(a.rows(), a.columns());
      Sketch whole = new Sketcher(la, a.precision(), smaller).sketch(a);
      scope.own(whole.basis());
      int kept = keptRank(whole.spectrum(), block);
      Sketch sketch = new Sketcher(la, a.precision(), smaller).truncate(whole, kept);
      scope.own(sketch.basis());
      double[] squares = new double[sketch.rank()];
      for (int i = 0; i < squares.length; i++) {
        squares[i] = sketch.spectrum().squaredSingularValue(i);
      }
      Matrix factor = scope.own(BlockSketch.of(la, sketch).factor());
      return new SketchedBlock(
          ordinal,
          index,
          block,
          exponent,
          values.sha256(),
          squares,
          sketch.spectrum().droppedEnergy(),
          Factor.of(factor),
          times);
    }
  }

  private int keptRank(Spectrum spectrum, BlockRef block) {
    double dropped = DROPPED_SHARE * settings.maxError();
    double allowed = dropped * dropped * spectrum.energy();
    int useful = StorageCost.largestPayingRank(block.rows(), block.columns()) + SPARE_DIRECTIONS;
    int kept = 0;
    while (kept < Math.min(useful, spectrum.size()) && spectrum.tailEnergy(kept) > allowed) {
      kept++;
    }
    int published = settings.rankLimit() + PartitionSettings.PUBLISHED_OVERSAMPLING;
    return Math.min(spectrum.size(), settings.rankLimit() == 0 ? kept : Math.max(kept, published));
  }

  /** 2⁻ᵉ times the block in the run's precision; its own array is used up. */
  private Matrix normalized(BlockValues values, int exponent) {
    int m = Math.toIntExact(values.block().rows());
    int n = Math.toIntExact(values.block().columns());
    if (values.elementType() == ElementType.FLOAT) {
      float[] floats = values.floats();
      for (int i = 0; i < floats.length; i++) {
        floats[i] = Math.scalb(floats[i], -exponent);
      }
      return la.fromColumns(floats, m, n);
    }
    Matrix doubles = la.fromColumns(scaled(values.doubles(), -exponent), m, n);
    if (settings.productPrecision() == Precision.FLOAT64) {
      return doubles;
    }
    try (doubles) {
      return la.cast(doubles, Precision.FLOAT32);
    }
  }

  static double[] scaled(double[] values, int exponent) {
    if (exponent != 0) {
      for (int i = 0; i < values.length; i++) {
        values[i] = Math.scalb(values[i], exponent);
      }
    }
    return values;
  }
}
