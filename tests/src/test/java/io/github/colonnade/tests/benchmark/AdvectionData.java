package io.github.colonnade.tests.benchmark;

import java.util.ArrayList;
import java.util.List;

/**
 * Fields of the one-dimensional advection equation: u(x, t) = f(x − 0.1·t) on 100 places and 100
 * times, row after row in time, read as a 500×20 matrix.
 *
 * <p>f is a sum of eight sines of random phase whose amplitudes fall with the cube of the wave
 * number.
 */
final class AdvectionData {

  private static final int PLACES = 100;
  private static final int TIMES = 100;
  private static final double LAST_TIME = 5;
  private static final double SPEED = 0.1;
  private static final int ROWS = 500;
  private static final int WAVES = 8;

  private AdvectionData() {}

  static DataSet of(int fields, long seed) {
    Noise noise = new Noise(seed);
    List<float[]> blocks = new ArrayList<>();
    for (int k = 0; k < fields; k++) {
      double[] amplitudes = new double[WAVES];
      double[] phases = new double[WAVES];
      for (int i = 0; i < WAVES; i++) {
        amplitudes[i] = noise.gaussian() / Math.pow(i + 1, 3);
        phases[i] = noise.uniform(0, 2 * Math.PI);
      }
      blocks.add(field(amplitudes, phases));
    }
    return new DataSet(ROWS, blocks);
  }

  private static float[] field(double[] amplitudes, double[] phases) {
    int columns = PLACES * TIMES / ROWS;
    float[] block = new float[PLACES * TIMES];
    for (int at = 0; at < block.length; at++) {
      int step = at / PLACES;
      double t = LAST_TIME * step / (TIMES - 1);
      double x = at % PLACES / (double) PLACES - SPEED * t;
      double sum = 0;
      for (int i = 0; i < WAVES; i++) {
        sum += amplitudes[i] * Math.sin(2 * Math.PI * (i + 1) * x + phases[i]);
      }
      block[at / columns + at % columns * ROWS] = (float) sum;
    }
    return block;
  }
}
