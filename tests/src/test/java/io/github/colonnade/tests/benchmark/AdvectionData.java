package io.github.colonnade.tests.benchmark;

import java.util.ArrayList;
import java.util.List;

/**
 * Fields of the one-dimensional advection equation: u(x, t) = f(x − 0.1·t) on 100 places and 100
 * times, row after row in time, read as a 500×20 matrix.
 *
 * <p>f is a periodic pulse exp(κ(cos 2π(x − c) − 1)) at a random place c. Most pulses are smooth (κ
 * small, few Fourier modes), a few are sharp.
 */
final class AdvectionData {

  private static final int PLACES = 100;
  private static final int TIMES = 100;
  private static final double LAST_TIME = 5;
  private static final int ROWS = 500;

  private AdvectionData() {}

  static DataSet of(int fields, long seed) {
    Noise noise = new Noise(seed);
    List<float[]> blocks = new ArrayList<>();
    for (int k = 0; k < fields; k++) {
      double kappa = k % 8 == 0 ? noise.uniform(1, 1.6) : noise.uniform(0.1, 0.5);
      blocks.add(field(kappa, noise.uniform(0, 1), noise.uniform(0.5, 2)));
    }
    return new DataSet(ROWS, blocks);
  }

  private static float[] field(double kappa, double centre, double height) {
    int columns = PLACES * TIMES / ROWS;
    float[] block = new float[PLACES * TIMES];
    for (int at = 0; at < block.length; at++) {
      double x = at % PLACES / (double) PLACES;
      int step = at / PLACES;
      double t = LAST_TIME * step / (TIMES - 1);
      double value =
          height * Math.exp(kappa * (Math.cos(2 * Math.PI * (x - 0.1 * t - centre)) - 1));
      block[at / columns + at % columns * ROWS] = (float) value;
    }
    return block;
  }
}
