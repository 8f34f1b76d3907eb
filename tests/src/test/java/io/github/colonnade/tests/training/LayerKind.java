package io.github.colonnade.tests.training;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.lost.Activation;
import io.github.colonnade.svd.lost.ChannelRule;
import io.github.colonnade.svd.lost.LostFactors;
import io.github.colonnade.svd.lost.LostInitializer;
import io.github.colonnade.svd.lost.LostLayer;
import io.github.colonnade.svd.lost.LostSettings;
import io.github.colonnade.svd.training.LostLinear;
import java.util.Arrays;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;
import org.roaringbitmap.RoaringBitmap;

/** What a model has in the place of y = W·x. */
sealed interface LayerKind {

  /**
   * Adds the layer to a graph.
   *
   * @param x batch×in, FLOAT
   * @param w the W to begin with: out×in, column after column
   * @return batch×out
   */
  SDVariable add(SameDiff graph, String name, SDVariable x, double[] w, int out, int in);

  /** W itself. */
  record Full() implements LayerKind {
    @Override
    public SDVariable add(SameDiff graph, String name, SDVariable x, double[] w, int out, int in) {
      SDVariable weights =
          graph.var(
              name + ".W", Nd4j.createFromArray(w).reshape('f', out, in).castTo(DataType.FLOAT));
      return graph.mmul(name, x, weights, false, true, false);
    }
  }

  /** B·act(A·x), from the first singular triples of W. */
  record LowRank(int rank, Activation activation) implements LayerKind {
    @Override
    public SDVariable add(SameDiff graph, String name, SDVariable x, double[] w, int out, int in) {
      LinearAlgebra la = new Nd4jLinearAlgebra();
      try (LostFactors factors = factors(la, w, out, in, rank, 0);
          LostFactors alone =
              new LostFactors(
                  la.cast(factors.b(), Precision.FLOAT64),
                  la.cast(factors.a(), Precision.FLOAT64),
                  la.zeros(out, 0, Precision.FLOAT64),
                  new RoaringBitmap());
          LostLayer layer = new LostLayer(alone, 1, activation)) {
        return LostLinear.add(graph, name, x, layer).output();
      }
    }
  }

  /**
   * γ·B·act(A·x) + (1 − γ)·S·x_I with no more numbers than {@link LowRank} has.
   *
   * @param equalRank the rank of that layer
   * @param sparsity the share of the channels in I
   * @param gamma γ; without it the parts are added as they are
   */
  record Lost(int equalRank, double sparsity, OptionalDouble gamma, Activation activation)
      implements LayerKind {

    @Override
    public SDVariable add(SameDiff graph, String name, SDVariable x, double[] w, int out, int in) {
      int columns = LostSettings.channels(sparsity, in);
      int rank = equalRank - (columns * out + out + in - 1) / (out + in);
      LinearAlgebra la = new Nd4jLinearAlgebra();
      // Without γ: as with γ = ½ of twice the parts.
      double scale = gamma.isPresent() ? 1 : 2;
      try (LostFactors factors = factors(la, w, out, in, rank, sparsity);
          LostFactors scaled =
              new LostFactors(
                  scaled(la, factors.b(), scale),
                  la.cast(factors.a(), Precision.FLOAT64),
                  scaled(la, factors.columns(), scale),
                  factors.channels());
          LostLayer layer = new LostLayer(scaled, gamma.orElse(0.5), activation)) {
        return LostLinear.add(graph, name, x, layer).output();
      }
    }
  }

  private static LostFactors factors(
      LinearAlgebra la, double[] w, int out, int in, int rank, double sparsity) {
    LostSettings settings =
        new LostSettings(rank, sparsity, ChannelRule.COMPLEMENT_L2, OptionalInt.empty(), 0);
    try (Matrix matrix = la.fromColumns(w, out, in)) {
      return new LostInitializer(la).initialize(matrix, settings);
    }
  }

  private static Matrix scaled(LinearAlgebra la, Matrix a, double scale) {
    double[] factors = new double[a.columns()];
    Arrays.fill(factors, scale);
    return la.scaleColumns(a, factors);
  }
}
