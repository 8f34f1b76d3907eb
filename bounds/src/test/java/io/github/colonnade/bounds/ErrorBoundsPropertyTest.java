package io.github.colonnade.bounds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.BlockCollections.Blocks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.domains.Domain;
import net.jqwik.api.domains.DomainContext;

/** Every interval holds the error of a dense decomposition, and is tight where theory says so. */
@Domain(BlockCollections.class)
@Domain(DomainContext.Global.class)
class ErrorBoundsPropertyTest {

  /** On squared errors, that is, on energies relative to the total. */
  private static final double ROUNDING = 1e-13;

  @Property(tries = 200)
  void weylHoldsForAnySubsetHoweverWide(
      @ForAll Blocks blocks,
      @ForAll @IntRange(min = 1, max = 5) int seeds,
      @ForAll @IntRange(max = 6) int r) {
    List<double[][]> seed = blocks.list().subList(0, Math.min(seeds, blocks.list().size()));
    double leading = Matrices.spectrum(Matrices.concatenate(seed)).capturedEnergy(r);
    ErrorInterval interval = ErrorBounds.weyl(blocks.energy(), leading);
    assertHolds(interval, blocks.exactError(r));
    if (seed.size() == blocks.list().size()) {
      assertUpperIs(blocks.exactError(r), interval);
    }
  }

  @Property(tries = 200)
  void projectionHoldsForAnyBasisAndIsTightForTheBest(
      @ForAll Blocks blocks, @ForAll @IntRange(max = 6) int r, @ForAll long seed) {
    double exact = blocks.exactError(r);
    int columns = Math.min(r, blocks.rows());
    double[][] noise = new double[blocks.rows()][blocks.rows()];
    Random random = new Random(seed);
    for (double[] row : noise) {
      Arrays.setAll(row, j -> random.nextGaussian());
    }
    assertHolds(project(blocks, JacobiSvd.of(noise).leading(columns)), exact);
    assertUpperIs(exact, project(blocks, JacobiSvd.of(blocks.joined()).leading(columns)));
  }

  private static ErrorInterval project(Blocks blocks, double[][] q) {
    double projected =
        blocks.list().stream()
            .mapToDouble(block -> Matrices.energy(Matrices.transposeTimes(q, block)))
            .sum();
    return ErrorBounds.projection(blocks.energy(), projected);
  }

  @Property(tries = 200)
  void residualHoldsInAnyOrder(@ForAll Blocks blocks, @ForAll @IntRange(max = 6) int r) {
    double[][] basis = new double[blocks.rows()][0];
    List<Double> pool = new ArrayList<>();
    for (double[][] block : blocks.list()) {
      JacobiSvd svd = JacobiSvd.of(Matrices.residual(basis, block));
      double tolerance = 1e-24 * Matrices.energy(block);
      int fresh = 0;
      for (double value : svd.squaredSingularValues()) {
        if (value > tolerance) {
          pool.add(value);
          fresh++;
        }
      }
      basis = Matrices.concatenate(List.of(basis, svd.leading(fresh)));
    }
    double[] values = pool.stream().mapToDouble(Double::doubleValue).toArray();
    ErrorInterval interval = ErrorBounds.residual(blocks.energy(), values, r);
    assertHolds(interval, blocks.exactError(r));
    if (blocks.list().size() == 1) {
      assertUpperIs(blocks.exactError(r), interval);
    }
  }

  @Property(tries = 200)
  void incrementalHoldsOnBothSidesForAppendedBlocks(
      @ForAll Blocks blocks,
      @ForAll @IntRange(max = 6) int r,
      @ForAll @IntRange(min = 1, max = 7) int kept) {
    DenseSketch sketch = DenseSketch.empty(blocks.rows());
    for (double[][] block : blocks.list()) {
      sketch = sketch.append(block, kept);
    }
    checkSketch(sketch, blocks, r, kept);
  }

  @Property(tries = 200)
  void incrementalHoldsOnBothSidesForATreeOfMerges(
      @ForAll Blocks blocks,
      @ForAll @IntRange(max = 6) int r,
      @ForAll @IntRange(min = 1, max = 7) int kept) {
    List<DenseSketch> level =
        blocks.list().stream().map(b -> DenseSketch.empty(blocks.rows()).append(b, kept)).toList();
    while (level.size() > 1) {
      List<DenseSketch> next = new ArrayList<>();
      for (int i = 0; i < level.size(); i += 2) {
        boolean alone = i + 1 == level.size();
        next.add(alone ? level.get(i) : level.get(i).merge(level.get(i + 1), kept));
      }
      level = next;
    }
    checkSketch(level.get(0), blocks, r, kept);
  }

  private static void checkSketch(DenseSketch sketch, Blocks blocks, int r, int kept) {
    ErrorInterval interval = ErrorBounds.incremental(sketch.spectrum(), r);
    double exact = blocks.exactError(r);
    assertHolds(interval, exact);
    if (kept >= blocks.rows()) {
      assertEquals(ErrorInterval.exact(interval.upper()), interval);
      assertUpperIs(exact, interval);
    }
  }

  @Property(tries = 200)
  void subadditiveHoldsAndIsTightForCopiesOfOneBlock(
      @ForAll Blocks blocks, @ForAll @IntRange(max = 6) int r) {
    ErrorInterval interval = subadditive(blocks, r);
    assertHolds(interval, blocks.exactError(r));

    double[][] first = blocks.list().get(0);
    Blocks copies = new Blocks(List.of(first, first, first));
    double error = copies.exactError(r);
    double lower = subadditive(copies, r).lower();
    assertEquals(error * error, lower * lower, ROUNDING);
  }

  private static ErrorInterval subadditive(Blocks blocks, int r) {
    double[] tails =
        blocks.list().stream().mapToDouble(b -> Matrices.spectrum(b).tailEnergy(r)).toArray();
    return ErrorBounds.subadditive(tails, blocks.energy());
  }

  @Property(tries = 200)
  void allBoundsMeetAroundTheError(
      @ForAll Blocks blocks,
      @ForAll @IntRange(max = 6) int r,
      @ForAll @IntRange(min = 1, max = 7) int kept) {
    DenseSketch sketch = DenseSketch.empty(blocks.rows());
    for (double[][] block : blocks.list()) {
      sketch = sketch.append(block, kept);
    }
    double leading = Matrices.spectrum(blocks.list().get(0)).capturedEnergy(r);
    ErrorInterval met =
        ErrorInterval.unknown()
            .meet(ErrorBounds.weyl(blocks.energy(), leading))
            .meet(ErrorBounds.incremental(sketch.spectrum(), r))
            .meet(subadditive(blocks, r))
            .meet(ErrorBounds.exact(Matrices.spectrum(blocks.joined()), r));
    double exact = blocks.exactError(r);
    assertHolds(met, exact);
    assertUpperIs(exact, met);
  }

  private static void assertHolds(ErrorInterval interval, double exact) {
    double square = exact * exact;
    assertTrue(
        interval.upper() * interval.upper() >= square - ROUNDING,
        () -> exact + " is above " + interval);
    assertTrue(
        interval.lower() * interval.lower() <= square + ROUNDING,
        () -> exact + " is below " + interval);
  }

  private static void assertUpperIs(double exact, ErrorInterval interval) {
    assertEquals(exact * exact, interval.upper() * interval.upper(), ROUNDING);
  }
}
