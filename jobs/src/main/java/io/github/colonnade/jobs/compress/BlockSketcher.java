package io.github.colonnade.jobs.compress;

import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.BlockValues;
import io.github.colonnade.connectors.view.ElementType;
import io.github.colonnade.jobs.compress.SketchedBlock.Factor;
import io.github.colonnade.svd.factor.ColumnWeight;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.partition.BlockSketch;
import io.github.colonnade.svd.partition.PartitionSettings;
import io.github.colonnade.svd.sketch.Sketch;
import io.github.colonnade.svd.sketch.Sketcher;
import io.github.colonnade.svd.sketch.Sketcher.BothFactors;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Makes the sketch of a block that a strategy decides by. */
final class BlockSketcher {

  /**
   * A sketch keeps directions until what it drops is below this share of the error limit: what a
   * sketch leaves out cannot be told from error later.
   */
  private static final double DROPPED_SHARE = 0.3;

  /** A sketch keeps this many directions more than could ever pay. */
  private static final int SPARE_DIRECTIONS = 2;

  /**
   * Eigenvalues of Gram matrices are noise below 10⁻¹⁵ of the energy; what is dropped is above it.
   */
  private static final double LEAST_LIMIT_OF_GRAM = 1e-6;

  private final LinearAlgebra la;
  private final CompressSettings settings;

  BlockSketcher(LinearAlgebra la, CompressSettings settings) {
    this.la = la;
    this.settings = settings;
  }

  /** Whether a Gram matrix in double tells the limit from rounding. */
  boolean resolvesByGram() {
    return settings.sketchLimit() >= LEAST_LIMIT_OF_GRAM;
  }

  /** How the numbers of a tensor are to be read; with a weight they are multiplied in double. */
  ElementType elementType(DType dtype, boolean weighted) {
    return weighted || settings.productPrecision() == Precision.FLOAT64 || dtype == DType.F64
        ? ElementType.DOUBLE
        : ElementType.FLOAT;
  }

  /**
   * @param values of {@link #elementType} and finite; their array is used up
   * @param weight that of the block, if it has one; not closed
   */
  SketchedBlock sketch(
      long ordinal,
      int index,
      BlockValues values,
      Optional<ColumnWeight> weight,
      StageTimes times) {
    BlockRef block = values.block();
    int exponent = exponent(values);
    if (settings.lost().isPresent()) {
      return fingerprint(ordinal, index, values, exponent, times);
    }
    if (block.columns() == 1) {
      return column(ordinal, index, values, exponent, weight, times);
    }
    try (MatrixScope scope = new MatrixScope()) {
      Matrix a;
      OptionalInt weightExponent = OptionalInt.empty();
      if (weight.isPresent()) {
        Matrix exact = scope.own(normalizedDoubles(values, exponent));
        Optional<ColumnWeight.Fit> fit = weight.get().fit(la, exact);
        if (fit.isPresent()) {
          weightExponent = OptionalInt.of(fit.get().weight().exponent());
          exact = scope.own(fit.get().product().matrix());
        }
        a = scope.own(la.cast(exact, settings.productPrecision()));
      } else {
        a = scope.own(normalized(values, exponent));
      }
      Sketcher sketcher = sketcher(a);
      Sketch most = sketcher.sketchOfMost(a, droppable(), leastRank());
      scope.own(most.basis());
      Sketch sketch = sketcher.truncate(most, keptRank(most.spectrum(), block));
      scope.own(sketch.basis());
      Matrix factor = scope.own(BlockSketch.of(la, sketch).factor());
      return sketched(
          ordinal,
          index,
          values,
          block,
          exponent,
          weightExponent,
          sketch.spectrum(),
          factor,
          times);
    }
  }

  /**
   * What predictions need of a block and of its transpose, by one decomposition.
   *
   * @param values as in {@link #sketch}, of more than one row and more than one column
   * @param turned the same numbers as the transpose
   */
  List<SketchedBlock> bothWays(BlockValues values, BlockRef turned) {
    int exponent = exponent(values);
    BlockRef block = values.block();
    try (MatrixScope scope = new MatrixScope()) {
      Matrix a = scope.own(normalized(values, exponent));
      BothFactors both =
          sketcher(a).factors(a, droppable(), leastRank(), spectrum -> keptRank(spectrum, block));
      scope.own(both.left());
      scope.own(both.right());
      OptionalInt none = OptionalInt.empty();
      StageTimes noTimes = StageTimes.none();
      return List.of(
          sketched(0, 0, values, block, exponent, none, both.spectrum(), both.left(), noTimes),
          sketched(0, 0, values, turned, exponent, none, both.spectrum(), both.right(), noTimes));
    }
  }

  private static int exponent(BlockValues values) {
    return values.maxAbs() == 0 ? 0 : Math.getExponent(values.maxAbs()) + 1;
  }

  private Sketcher sketcher(Matrix a) {
    return new Sketcher(la, a.precision(), Math.min(a.rows(), a.columns()));
  }

  private static SketchedBlock sketched(
      long ordinal,
      int index,
      BlockValues values,
      BlockRef block,
      int exponent,
      OptionalInt weightExponent,
      Spectrum spectrum,
      Matrix factor,
      StageTimes times) {
    double[] squares = new double[spectrum.size()];
    for (int i = 0; i < squares.length; i++) {
      squares[i] = spectrum.squaredSingularValue(i);
    }
    return new SketchedBlock(
        ordinal,
        index,
        block,
        exponent,
        weightExponent,
        values.sha256(),
        squares,
        spectrum.droppedEnergy(),
        Factor.of(factor),
        times);
  }

  /** Where nothing is shared a sketch would tell nothing. */
  private static SketchedBlock fingerprint(
      long ordinal, int index, BlockValues values, int exponent, StageTimes times) {
    return new SketchedBlock(
        ordinal,
        index,
        values.block(),
        exponent,
        OptionalInt.empty(),
        values.sha256(),
        new double[0],
        0,
        new Factor.Floats(new float[0]),
        times);
  }

  /** A single column is its own sketch; there may be millions, so no matrix is made for it. */
  private SketchedBlock column(
      long ordinal,
      int index,
      BlockValues values,
      int exponent,
      Optional<ColumnWeight> weight,
      StageTimes times) {
    double root = weight.map(each -> each.root(0)).orElse(0.0);
    OptionalInt weightExponent =
        root == 0 || values.maxAbs() == 0
            ? OptionalInt.empty()
            : OptionalInt.of(Math.getExponent(root) + 1);
    if (weightExponent.isPresent()) {
      double mantissa = Math.scalb(root, -weightExponent.getAsInt());
      double[] column = values.doubles();
      for (int i = 0; i < column.length; i++) {
        column[i] *= mantissa;
      }
    }
    Factor factor;
    double energy = 0;
    if (settings.productPrecision() == Precision.FLOAT64) {
      double[] column = scaled(values.doubles(), -exponent);
      for (double x : column) {
        energy += x * x;
      }
      factor = new Factor.Doubles(column);
    } else {
      float[] column = scaledFloats(values, -exponent);
      for (float x : column) {
        energy += (double) x * x;
      }
      factor = new Factor.Floats(column);
    }
    boolean zero = energy == 0;
    return new SketchedBlock(
        ordinal,
        index,
        values.block(),
        exponent,
        weightExponent,
        values.sha256(),
        zero ? new double[0] : new double[] {energy},
        0,
        zero ? factor.empty() : factor,
        times);
  }

  /** The share of its energy that a sketch may leave out. */
  private double droppable() {
    double dropped = DROPPED_SHARE * settings.sketchLimit();
    return dropped * dropped;
  }

  /** The fewest directions that a sketch needs, as far as its block has them. */
  private int leastRank() {
    if (settings.rank() > 0) {
      return settings.rank();
    }
    int limit = settings.method().rankLimit();
    return limit == 0 ? 0 : limit + PartitionSettings.PUBLISHED_OVERSAMPLING;
  }

  private int keptRank(Spectrum spectrum, BlockRef block) {
    double allowed = droppable() * spectrum.energy();
    int useful = StorageCost.largestPayingRank(block.rows(), block.columns()) + SPARE_DIRECTIONS;
    int kept = 0;
    while (kept < Math.min(useful, spectrum.size()) && spectrum.tailEnergy(kept) > allowed) {
      kept++;
    }
    if (settings.rank() > 0) {
      return Math.min(spectrum.size(), Math.min(useful, settings.rank()));
    }
    return Math.min(spectrum.size(), Math.max(kept, leastRank()));
  }

  /** 2⁻ᵉ times the block in the run's precision; its own array is used up. */
  private Matrix normalized(BlockValues values, int exponent) {
    int m = Math.toIntExact(values.block().rows());
    int n = Math.toIntExact(values.block().columns());
    return settings.productPrecision() == Precision.FLOAT64
        ? normalizedDoubles(values, exponent)
        : la.fromColumns(scaledFloats(values, -exponent), m, n);
  }

  private Matrix normalizedDoubles(BlockValues values, int exponent) {
    return la.fromColumns(
        scaled(values.doubles(), -exponent),
        Math.toIntExact(values.block().rows()),
        Math.toIntExact(values.block().columns()));
  }

  /** The values times 2ᵉ, rounded once; their own array is used up. */
  private static float[] scaledFloats(BlockValues values, int exponent) {
    if (values.elementType() == ElementType.FLOAT) {
      float[] floats = values.floats();
      for (int i = 0; i < floats.length; i++) {
        floats[i] = Math.scalb(floats[i], exponent);
      }
      return floats;
    }
    double[] doubles = values.doubles();
    float[] floats = new float[doubles.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) Math.scalb(doubles[i], exponent);
    }
    return floats;
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
