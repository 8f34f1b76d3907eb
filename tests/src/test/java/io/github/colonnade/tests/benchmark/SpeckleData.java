package io.github.colonnade.tests.benchmark;

import java.util.ArrayList;
import java.util.List;

/**
 * Radar patches with speckle: 40×40 pixels of two polarisations in decibels, pixel after pixel,
 * read as a 160×20 matrix.
 *
 * <p>Each patch shows ground of its own level and texture, a sum of cosines of random amplitude
 * that falls with the wave number, the same in both polarisations but for a constant. Speckle of
 * several looks is multiplied to the power, so it is added to the decibels.
 */
final class SpeckleData {

  private static final int SIDE = 40;
  private static final int CHANNELS = 2;
  private static final int ROWS = 160;
  private static final int LOOKS = 3;
  private static final int WAVES = 5;
  private static final double TEXTURE = 3;

  private SpeckleData() {}

  static DataSet of(int patches, long seed) {
    Noise noise = new Noise(seed);
    List<float[]> blocks = new ArrayList<>();
    for (int k = 0; k < patches; k++) {
      blocks.add(patch(noise));
    }
    return new DataSet(ROWS, blocks);
  }

  private static float[] patch(Noise noise) {
    double[] ground = ground(noise);
    double difference = noise.uniform(-8, -5);
    int columns = SIDE * SIDE * CHANNELS / ROWS;
    float[] block = new float[SIDE * SIDE * CHANNELS];
    for (int at = 0; at < block.length; at++) {
      int channel = at % CHANNELS;
      double value =
          ground[at / CHANNELS] + channel * difference + 10 * Math.log10(noise.gamma(LOOKS));
      block[at / columns + at % columns * ROWS] = (float) value;
    }
    return block;
  }

  private static double[] ground(Noise noise) {
    double[] ground = new double[SIDE * SIDE];
    double level = noise.uniform(-22, -11);
    for (int ky = 0; ky < WAVES; ky++) {
      for (int kx = 0; kx < WAVES; kx++) {
        double amplitude = kx + ky == 0 ? 0 : TEXTURE * noise.gaussian() / (kx + ky);
        for (int at = 0; at < ground.length; at++) {
          int line = at / SIDE;
          ground[at] +=
              amplitude
                  * Math.cos(Math.PI * kx * (at % SIDE) / (SIDE - 1))
                  * Math.cos(Math.PI * ky * line / (SIDE - 1));
        }
      }
    }
    for (int at = 0; at < ground.length; at++) {
      ground[at] += level;
    }
    return ground;
  }
}
