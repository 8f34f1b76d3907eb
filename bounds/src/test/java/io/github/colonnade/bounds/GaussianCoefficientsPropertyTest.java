package io.github.colonnade.bounds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.GaussianCoefficients.Rows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class GaussianCoefficientsPropertyTest {

  /** How many of the largest squares leave at most some energy to the others. */
  private static int exact(double[] squares, double allowed) {
    double[] sorted = squares.clone();
    Arrays.sort(sorted);
    double lost = 0;
    int dropped = 0;
    while (dropped < sorted.length && lost + sorted[dropped] <= allowed) {
      lost += sorted[dropped++];
    }
    return sorted.length - dropped;
  }

  @Property(tries = 50)
  void closeToWhatNormalRowsTake(
      @ForAll @IntRange(min = 1, max = 12) int directions,
      @ForAll @IntRange(min = 1, max = 3) int blocks,
      @ForAll @DoubleRange(min = 0.02, max = 0.9) double limit,
      @ForAll long seed) {
    Random random = new Random(seed);
    int columns = 4000;
    List<Rows> rows = new ArrayList<>();
    double[] squares = new double[blocks * directions * columns];
    int at = 0;
    double energy = 0;
    for (int j = 0; j < blocks; j++) {
      double[] energies = new double[directions];
      for (int i = 0; i < directions; i++) {
        double deviation = Math.pow(10, 2 * random.nextDouble() - 1);
        for (int n = 0; n < columns; n++) {
          double c = deviation * random.nextGaussian();
          squares[at++] = c * c;
          energies[i] += c * c;
        }
        energy += energies[i];
      }
      rows.add(new Rows(columns, energies));
    }
    double allowed = limit * limit * energy;
    double expected = exact(squares, allowed);
    double kept = GaussianCoefficients.kept(rows, directions, allowed);
    assertEquals(expected, kept, 0.02 * squares.length);
  }

  @Property
  void exactForSingleColumns(
      @ForAll @IntRange(min = 1, max = 30) int directions,
      @ForAll @DoubleRange(min = 0, max = 1) double limit,
      @ForAll long seed) {
    Random random = new Random(seed);
    double[] energies = random.doubles(directions).toArray();
    double allowed = limit * limit * Arrays.stream(energies).sum();
    double kept = GaussianCoefficients.kept(List.of(new Rows(1, energies)), directions, allowed);
    // What is allowed to the last digit may fall on either side.
    assertTrue(Math.abs(exact(energies, allowed) - kept) <= (limit == 1 ? 1 : 0), () -> kept + "");
  }

  @Property
  void fewerWhereMoreIsAllowed(
      @ForAll @DoubleRange(min = 0, max = 1) double less,
      @ForAll @DoubleRange(min = 0, max = 1) double more,
      @ForAll @IntRange(min = 2, max = 100) int columns,
      @ForAll long seed) {
    double[] energies = new Random(seed).doubles(8).toArray();
    List<Rows> rows = List.of(new Rows(columns, energies));
    double of = Arrays.stream(energies).sum();
    double first = GaussianCoefficients.kept(rows, 8, Math.min(less, more) * of);
    double second = GaussianCoefficients.kept(rows, 8, Math.max(less, more) * of);
    assertTrue(second <= first && first <= 8.0 * columns + 1e-3, () -> first + ", " + second);
  }

  @Property(tries = 100)
  void aTradeOffSaysWhatAThresholdKeeps(
      @ForAll @IntRange(min = 1, max = 9) int directions,
      @ForAll @IntRange(min = 1, max = 3) int blocks,
      @ForAll @DoubleRange(min = 0, max = 1) double outside,
      @ForAll long seed) {
    Random random = new Random(seed);
    List<Rows> rows = new ArrayList<>();
    double energy = outside;
    long columns = 0;
    for (int j = 0; j < blocks; j++) {
      double[] energies = random.doubles(directions).toArray();
      rows.add(new Rows(2 + j, energies));
      energy += Arrays.stream(energies).sum();
      columns += 2 + j;
    }
    TradeOff curve = GaussianCoefficients.tradeOff(10, rows, outside, 0, 4, 32);
    for (int way = 0; way < curve.size(); way++) {
      double lost = curve.lost(way);
      assertTrue(lost >= outside * (1 - 1e-12) && lost <= energy * (1 + 1e-12), () -> lost + "");
      long least = Long.MAX_VALUE;
      long most = Long.MAX_VALUE;
      for (int r = directions; r > 0; r /= 2) {
        double left = lost - outside;
        for (Rows block : rows) {
          for (int i = r; i < directions; i++) {
            left -= block.energies()[i];
          }
        }
        if (left >= 0) {
          double kept = GaussianCoefficients.kept(rows, r, left * (1 + 1e-6));
          double beside = 10 * r + r * columns / 32.0;
          least = Math.min(least, (long) (beside + kept));
          // The curve takes a step of thresholds at a time, a few coefficients each.
          kept = GaussianCoefficients.kept(rows, r, left * 0.6);
          most = Math.min(most, (long) Math.ceil(beside + kept) + 1);
        }
      }
      long numbers = curve.numbers(way);
      long expected = least;
      long bound = most;
      assertTrue(
          numbers >= expected && numbers <= bound,
          () -> numbers + " numbers, expected " + expected + " to " + bound);
    }
  }

  @Example
  void nothingToKeep() {
    List<Rows> rows = List.of(new Rows(5, new double[] {0, 0}));
    assertEquals(0, GaussianCoefficients.kept(rows, 2, 0));
    assertEquals(0, GaussianCoefficients.kept(List.of(), 2, 0));
  }

  @Example
  void complementaryErrorFunction() {
    assertEquals(1, GaussianCoefficients.erfc(0), 2e-7);
    assertEquals(0.157299207050285, GaussianCoefficients.erfc(1), 2e-7);
    assertEquals(0.004677734981047, GaussianCoefficients.erfc(2), 2e-7);
  }
}
