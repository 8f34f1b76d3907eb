package io.github.colonnade.tests.benchmark;

import java.util.SplittableRandom;

/** The random numbers that generators need beyond uniform ones; the same seed gives the same. */
final class Noise {

  private final SplittableRandom random;

  Noise(long seed) {
    this.random = new SplittableRandom(seed);
  }

  double uniform(double from, double to) {
    return from + (to - from) * random.nextDouble();
  }

  int index(int bound) {
    return random.nextInt(bound);
  }

  /** Standard normal, by Box and Muller. */
  double gaussian() {
    double radius = Math.sqrt(-2 * Math.log(1 - random.nextDouble()));
    return radius * Math.cos(2 * Math.PI * random.nextDouble());
  }

  double[] gaussians(int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = gaussian();
    }
    return values;
  }

  /** The mean of so many independent exponential values of mean 1: speckle of so many looks. */
  double gamma(int looks) {
    double sum = 0;
    for (int i = 0; i < looks; i++) {
      sum -= Math.log(1 - random.nextDouble());
    }
    return sum / looks;
  }
}
