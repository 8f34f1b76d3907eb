package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.ScaledEnergy;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.svd.factor.OtherColumns.Encoded;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.lost.LostFactors;
import io.github.colonnade.svd.lost.LostInitializer;
import io.github.colonnade.svd.lost.LostPlan;
import io.github.colonnade.svd.lost.LostSearch;
import io.github.colonnade.svd.lost.LostSettings;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Encodes a block by itself in a size that was asked for, whatever error that makes: a rank and a
 * number of columns that are kept as they are; or as the factors that a layer is trained from.
 *
 * <p>Within an error limit, {@link ClusterEncoder#keepingColumns} does this.
 */
public final class LostEncoder {

  private final LinearAlgebra la;
  private final EncoderSettings settings;

  /**
   * @param settings of which only the format counts
   */
  public LostEncoder(LinearAlgebra la, EncoderSettings settings) {
    this.la = la;
    this.settings = settings;
  }

  /**
   * The approximation of a rank and a number of columns that was found to lose least. A block for
   * which that is no fewer numbers than its own stays raw.
   *
   * @param rank from 1 to min(m, n)
   * @param count of columns that are kept, at most n
   */
  public Encoding encodeFixed(Member member, BlockLoader loader, int rank, int count) {
    try (Matrix a = loader.load(member.position())) {
      ScaledEnergy energy = new ScaledEnergy(la.energy(a), member.exponent());
      long raw = StorageCost.raw(a.rows(), a.columns());
      int bytes = loader.sourceBytes(member.position());
      if (count < a.columns()) {
        LostPlan plan = new LostSearch(la).fixed(a, rank, count, bytes);
        try (OtherColumns others = new OtherColumns(la, settings, member, a, plan.channels())) {
          Encoded encoded = others.atRank(rank);
          if (encoded.numbers(bytes) < raw) {
            return encoded.encoding(true);
          }
        }
      }
      return new Encoding.Raw(
          member.position(),
          energy,
          energy,
          String.format(
              "rank %d and %d whole columns are no fewer than the block's own %d numbers",
              rank, count, raw));
    }
  }

  /**
   * The factors that a layer is trained from. Its errors are those of the low-rank part B·A alone;
   * the coefficients A are for all columns.
   *
   * @throws IllegalArgumentException if the rank is larger than the sides of the block, or the
   *     storage format cannot hold the factors
   */
  public Encoding.LowRank initialize(Member member, BlockLoader loader, LostSettings lost) {
    try (MatrixScope scope = new MatrixScope()) {
      Matrix loaded = scope.own(loader.load(member.position()));
      double[] values = loaded.toDoubles();
      scale(values, member.exponent());
      Matrix w = scope.own(la.fromColumns(values, loaded.rows(), loaded.columns()));
      try (LostFactors factors = new LostInitializer(la).initialize(w, lost)) {
        RoundedBasis b = RoundedBasis.of(la, settings.format(), factors.b());
        scope.own(b.matrix());
        RoundedBasis a = RoundedBasis.of(la, settings.format(), factors.a());
        double[] decoded = scope.own(a.matrix()).toDoubles();
        requireFinite(b.matrix().toDoubles());
        requireFinite(decoded);
        // In the units of the loaded block, so that nothing overflows.
        scale(decoded, -member.exponent());
        Matrix product = scope.own(la.fromColumns(decoded, lost.rank(), loaded.columns()));
        double energy = la.energy(loaded);
        la.subtractProductInPlace(loaded, b.matrix(), product);
        double error = energy == 0 ? 0 : Math.sqrt(la.energy(loaded) / energy);
        ScaledEnergy whole = new ScaledEnergy(energy, member.exponent());
        EncodedBlock block =
            new EncodedBlock(
                member.position(),
                lost.rank(),
                a.bytes(),
                false,
                1,
                error,
                OptionalDouble.empty(),
                factors.channelNumbers());
        return new Encoding.LowRank(
            lost.rank(),
            b.bytes(),
            new byte[0],
            List.of(block),
            error,
            OptionalDouble.empty(),
            whole,
            whole,
            Optional.empty(),
            true);
      }
    }
  }

  private static void scale(double[] values, int exponent) {
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.scalb(values[i], exponent);
    }
  }

  private static void requireFinite(double[] values) {
    for (double each : values) {
      if (!Double.isFinite(each)) {
        throw new IllegalArgumentException(
            "its factors are beyond the range of the format in which they are to be stored");
      }
    }
  }
}
