package io.github.colonnade.jobs.estimate;

import io.github.colonnade.bounds.ErrorBounds;
import io.github.colonnade.bounds.ErrorInterval;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockReader;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.BlockValues;
import io.github.colonnade.connectors.view.ElementType;
import io.github.colonnade.connectors.view.MatrixView;
import io.github.colonnade.connectors.view.TensorPlan;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.LeftSvd;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.partition.BlockSketch;
import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import io.github.colonnade.svd.partition.Strategies;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Every bound of the rank-r error of a set of blocks as one cluster, beside the exact error.
 *
 * @param blocks how many
 * @param rows m
 * @param columns of all blocks
 * @param rank r
 * @param exact the error by an SVD of the concatenation in double
 * @param estimates by the name of the strategy or bound
 */
public record Estimation(
    int blocks,
    int rows,
    long columns,
    int rank,
    double exact,
    Map<String, ErrorInterval> estimates) {

  /**
   * Reads all blocks into memory, scaled by one common power of two, and estimates.
   *
   * @throws UsageException if the blocks differ in their rows
   * @throws FormatException if an input is unsound or not finite
   */
  public static Estimation of(List<String> inputs, MatrixView view, int rank, Precision precision)
      throws IOException {
    List<BlockValues> values = read(inputs, view);
    double largest = values.stream().mapToDouble(BlockValues::maxAbs).max().orElse(0);
    int exponent = largest == 0 ? 0 : Math.getExponent(largest) + 1;
    int rows = Math.toIntExact(values.get(0).block().rows());
    try (LinearAlgebra la = new Nd4jLinearAlgebra();
        MatrixScope scope = new MatrixScope()) {
      List<Matrix> exact = new ArrayList<>();
      List<BlockSketch> sketches = new ArrayList<>();
      for (BlockValues each : values) {
        double[] scaled = each.doubles();
        for (int i = 0; i < scaled.length; i++) {
          scaled[i] = Math.scalb(scaled[i], -exponent);
        }
        Matrix a = scope.own(la.fromColumns(scaled, rows, Math.toIntExact(each.block().columns())));
        exact.add(a);
        sketches.add(BlockSketch.lossless(la, la.cast(a, precision)));
      }
      try (Family family = new Family(la, precision, rows, sketches)) {
        Map<String, ErrorInterval> estimates =
            new LinkedHashMap<>(Strategies.estimates(family, PartitionSettings.published(0, rank)));
        estimates.put("sub-additivity", subadditive(family, rank));
        Matrix all = scope.own(la.concatenate(exact));
        return new Estimation(
            values.size(), rows, all.columns(), rank, exactError(la, all, rank), estimates);
      }
    }
  }

  private static List<BlockValues> read(List<String> inputs, MatrixView view) throws IOException {
    List<BlockValues> values = new ArrayList<>();
    BlockReader reader = new BlockReader(ElementType.DOUBLE);
    for (TensorInfo tensor : TensorLister.list(inputs).tensors()) {
      if (view.plan(tensor) instanceof TensorPlan.Blocks blocks) {
        for (BlockRef block : blocks.blocks()) {
          BlockValues read = reader.read(block);
          if (!read.finite()) {
            throw FormatException.of(
                tensor.source(),
                tensor.name(),
                "it has NaN or infinity; leave it out with --exclude");
          }
          values.add(read);
        }
      }
    }
    if (values.isEmpty()) {
      throw new UsageException(
          String.join(", ", inputs) + ": no tensor is a matrix; see --rows and --include");
    }
    BlockRef first = values.get(0).block();
    for (BlockValues each : values) {
      if (each.block().rows() != first.rows()) {
        throw new UsageException(
            "blocks of one cluster have equal rows, but "
                + first.id()
                + " has "
                + first.rows()
                + " and "
                + each.block().id()
                + " has "
                + each.block().rows()
                + "; choose with --include, or give --rows");
      }
    }
    return values;
  }

  private static ErrorInterval subadditive(Family family, int rank) {
    double[] tails = new double[family.size()];
    double energy = 0;
    for (int i = 0; i < tails.length; i++) {
      tails[i] = family.block(i).spectrum().tailEnergy(rank);
      energy += family.block(i).energy();
    }
    return ErrorBounds.subadditive(tails, energy);
  }

  private static double exactError(LinearAlgebra la, Matrix all, int rank) {
    LeftSvd svd = la.leftSvd(all);
    svd.vectors().close();
    double[] squares = svd.values();
    for (int i = 0; i < squares.length; i++) {
      squares[i] *= squares[i];
    }
    return ErrorBounds.exact(Spectrum.ofKept(squares, 0), rank).upper();
  }
}
