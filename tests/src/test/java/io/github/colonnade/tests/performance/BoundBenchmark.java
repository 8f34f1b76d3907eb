package io.github.colonnade.tests.performance;

import io.github.colonnade.bounds.ErrorBounds;
import io.github.colonnade.bounds.ErrorInterval;
import io.github.colonnade.bounds.Spectrum;
import java.util.Arrays;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Each bound on the error, from a spectrum of so many values, at half its rank; and adding the
 * values up, for comparison.
 */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls setUp first.
public class BoundBenchmark {

  @Param({"16", "256"})
  public int values;

  private double[] squares;
  private double energy;
  private Spectrum spectrum;

  @Setup
  public void setUp() {
    squares = new Random(1).doubles(values).toArray();
    energy = Arrays.stream(squares).sum();
    double[] ascending = squares.clone();
    Arrays.sort(ascending);
    double[] descending = new double[values];
    for (int i = 0; i < values; i++) {
      descending[i] = ascending[values - 1 - i];
    }
    spectrum = Spectrum.ofKept(descending, 0.1);
  }

  @Benchmark
  public ErrorInterval weyl() {
    return ErrorBounds.weyl(energy, 0.9 * energy);
  }

  @Benchmark
  public ErrorInterval projection() {
    return ErrorBounds.projection(energy, 0.9 * energy);
  }

  @Benchmark
  public ErrorInterval residual() {
    return ErrorBounds.residual(energy, squares, values / 2);
  }

  @Benchmark
  public ErrorInterval incremental() {
    return ErrorBounds.incremental(spectrum, values / 2);
  }

  @Benchmark
  public ErrorInterval exact() {
    return ErrorBounds.exact(spectrum, values / 2);
  }

  @Benchmark
  public ErrorInterval subadditive() {
    return ErrorBounds.subadditive(squares, energy);
  }

  @Benchmark
  public double sum() {
    double sum = 0;
    for (double each : squares) {
      sum += each;
    }
    return sum;
  }
}
