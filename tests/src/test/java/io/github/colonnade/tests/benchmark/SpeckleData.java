package io.github.colonnade.tests.benchmark;

import java.util.ArrayList;
import java.util.List;

/**
 * Radar patches with speckle: 40×40 pixels of two polarisations in decibels, pixel after pixel,
 * read as a 160×20 matrix.
 *
 * <p>Each patch shows one kind of ground, which has a level for each polarisation, under a gentle
 * slope. Speckle of several looks is multiplied to the power, so it is added to the decibels.
 */
final class SpeckleData {

  private static final int SIDE = 40;
  private static final int CHANNELS = 2;
  private static final int ROWS = 160;
  private static final int LOOKS = 4;

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
    int columns = SIDE * SIDE * CHANNELS / ROWS;
    double level = noise.uniform(-22, -11);
    double difference = noise.uniform(-8, -5);
    double slopeX = 1.5 * noise.gaussian();
    double slopeY = 1.5 * noise.gaussian();
    float[] block = new float[SIDE * SIDE * CHANNELS];
    for (int at = 0; at < block.length; at++) {
      int channel = at % CHANNELS;
      int x = at / CHANNELS % SIDE;
      int y = at / CHANNELS / SIDE;
      double ground =
          level
              + channel * difference
              + slopeX * (x / (SIDE - 1.0) - 0.5)
              + slopeY * (y / (SIDE - 1.0) - 0.5);
      double value = ground + 10 * Math.log10(noise.gamma(LOOKS));
      block[at / columns + at % columns * ROWS] = (float) value;
    }
    return block;
  }
}
