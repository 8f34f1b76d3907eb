package io.github.colonnade.svd.lost;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;

/**
 * What a layer computes with its factors: y = γ·B·act(A·x) + (1 − γ)·S·x_I, x_I the inputs of the
 * channels.
 *
 * @param factors B, A, S and I; closed with the layer
 * @param gamma γ, from 0 to 1
 * @param activation act
 */
public record LostLayer(LostFactors factors, double gamma, Activation activation)
    implements AutoCloseable {

  public LostLayer {
    if (!(gamma >= 0 && gamma <= 1)) {
      throw new IllegalArgumentException("gamma " + gamma + " is not in [0, 1]");
    }
  }

  /**
   * The outputs for a batch of inputs.
   *
   * @param x in×batch in the precision of the factors, not modified
   * @return out×batch, closed by the caller
   */
  public Matrix forward(LinearAlgebra la, Matrix x) {
    if (x.rows() != factors.in()) {
      throw new IllegalArgumentException(
          "the inputs have " + x.rows() + " rows, the layer has " + factors.in() + " channels");
    }
    try (MatrixScope scope = new MatrixScope()) {
      double[] z = scope.own(la.product(factors.a(), x)).toDoubles();
      for (int i = 0; i < z.length; i++) {
        z[i] = -gamma * activation.apply(z[i]);
      }
      Matrix hidden = matrix(la, scope, z, factors.rank(), x);
      double[] all = x.toDoubles();
      int[] channels = factors.channelNumbers();
      double[] chosen = new double[channels.length * x.columns()];
      for (int j = 0; j < x.columns(); j++) {
        for (int i = 0; i < channels.length; i++) {
          chosen[j * channels.length + i] = (gamma - 1) * all[j * x.rows() + channels[i]];
        }
      }
      Matrix inputs = matrix(la, scope, chosen, channels.length, x);
      Matrix y = la.zeros(factors.out(), x.columns(), x.precision());
      la.subtractProductInPlace(y, factors.b(), hidden);
      la.subtractProductInPlace(y, factors.columns(), inputs);
      return y;
    }
  }

  private static Matrix matrix(
      LinearAlgebra la, MatrixScope scope, double[] values, int rows, Matrix x) {
    Matrix exact = scope.own(la.fromColumns(values, rows, x.columns()));
    return scope.own(la.cast(exact, x.precision()));
  }

  @Override
  public void close() {
    factors.close();
  }
}
