package io.github.colonnade.bounds;

import java.util.Arrays;
import java.util.List;

/**
 * A truncated sketch of some blocks.
 *
 * @param scaled Q diag(σ): m×k
 * @param spectrum σ² and the energy dropped so far
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record DenseSketch(double[][] scaled, Spectrum spectrum) {

  static DenseSketch empty(int rows) {
    return new DenseSketch(new double[rows][0], Spectrum.ofKept(new double[0], 0));
  }

  DenseSketch append(double[][] block, int kept) {
    return truncate(block, spectrum.droppedEnergy(), kept);
  }

  DenseSketch merge(DenseSketch other, int kept) {
    double dropped = spectrum.droppedEnergy() + other.spectrum.droppedEnergy();
    return truncate(other.scaled, dropped, kept);
  }

  private DenseSketch truncate(double[][] columns, double dropped, int kept) {
    JacobiSvd svd = JacobiSvd.of(Matrices.concatenate(List.of(scaled, columns)));
    double[] all = svd.squaredSingularValues();
    double[] values = Arrays.copyOf(all, Math.min(kept, all.length));
    double lost = Arrays.stream(all, values.length, all.length).sum();
    double[] sigma = Arrays.stream(values).map(Math::sqrt).toArray();
    return new DenseSketch(
        Matrices.scaleColumns(svd.left(), sigma), Spectrum.ofKept(values, dropped + lost));
  }
}
