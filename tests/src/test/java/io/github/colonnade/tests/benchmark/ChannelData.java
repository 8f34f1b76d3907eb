package io.github.colonnade.tests.benchmark;

import java.util.ArrayList;
import java.util.List;

/**
 * Channel matrices of users of an antenna array: H = Σ g·a(θ)·b(τ)ᴴ over paths, 64 antennas by 64
 * subcarriers, real part over imaginary part (128×64).
 *
 * <p>Paths come in clusters around scatterers, with a spread in angle and delay. Users stand in
 * sites; those of one site see the same scatterers, each with its own gains. Path loss differs, so
 * that the norms of channels do by more than a factor of ten.
 */
final class ChannelData {

  static final int ANTENNAS = 64;
  static final int SUBCARRIERS = 64;

  private static final int SCATTERERS = 6;
  private static final int PATHS_EACH = 6;
  private static final double ANGLE_SPREAD = 0.012;
  private static final double DELAY_SPREAD = 0.008;

  private ChannelData() {}

  private record Scatterer(double angle, double delay) {}

  static DataSet of(int sites, int usersEach, long seed) {
    Noise noise = new Noise(seed);
    List<List<Scatterer>> scatterers = new ArrayList<>();
    for (int s = 0; s < sites; s++) {
      List<Scatterer> site = new ArrayList<>();
      for (int i = 0; i < SCATTERERS; i++) {
        site.add(new Scatterer(noise.uniform(0, 1), noise.uniform(0, 1)));
      }
      scatterers.add(site);
    }
    List<float[]> blocks = new ArrayList<>();
    for (int k = 0; k < sites * usersEach; k++) {
      blocks.add(channel(scatterers.get(k % sites), noise));
    }
    return new DataSet(2 * ANTENNAS, blocks);
  }

  private static float[] channel(List<Scatterer> scatterers, Noise noise) {
    double[] h = new double[2 * ANTENNAS * SUBCARRIERS];
    double loss = Math.exp(0.9 * noise.gaussian());
    for (Scatterer scatterer : scatterers) {
      double strength = loss * Math.exp(0.8 * noise.gaussian());
      for (int p = 0; p < PATHS_EACH; p++) {
        double angle = scatterer.angle + ANGLE_SPREAD * noise.gaussian();
        double delay = scatterer.delay + DELAY_SPREAD * noise.gaussian();
        double re = strength * noise.gaussian();
        double im = strength * noise.gaussian();
        for (int j = 0; j < SUBCARRIERS; j++) {
          for (int i = 0; i < ANTENNAS; i++) {
            double phase = 2 * Math.PI * (i * angle - j * delay);
            double cos = Math.cos(phase);
            double sin = Math.sin(phase);
            h[i + j * 2 * ANTENNAS] += re * cos - im * sin;
            h[i + ANTENNAS + j * 2 * ANTENNAS] += re * sin + im * cos;
          }
        }
      }
    }
    float[] floats = new float[h.length];
    for (int i = 0; i < h.length; i++) {
      floats[i] = (float) h[i];
    }
    return floats;
  }
}
