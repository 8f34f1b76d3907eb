package io.github.colonnade.tests.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.tests.benchmark.SubspaceData.Shape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

class FlatMethodsTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();
  private static final int KINDS = 4;

  /** Blocks that are nearly equal to one of four, with which rank 2 pays. */
  private static DataSet piles() {
    DataSet centres = SubspaceData.of(new Shape(20, 8, KINDS, 1, 2, 0, 0, 0), 1);
    Noise noise = new Noise(2);
    List<float[]> blocks = new ArrayList<>();
    for (int k = 0; k < 10 * KINDS; k++) {
      float[] block = centres.blocks().get(k % KINDS).clone();
      for (int i = 0; i < block.length; i++) {
        block[i] += (float) (0.001 * noise.gaussian());
      }
      blocks.add(block);
    }
    return new DataSet(20, blocks);
  }

  /** Rank 2 for each of four clusters of ten blocks. */
  private static final long BEST = KINDS * 2 * (20 + 10 * 8);

  private static Case of(DataSet data) {
    return Case.of(LA, data, new ErrorLimit(0.1, Scope.BLOCK), Precision.FLOAT64);
  }

  @Test
  void distancesStayAsTheyAre() {
    DataSet data = SubspaceData.of(new Shape(20, 8, 3, 3, 2, 0, 0, 0.3), 1);
    double[][] points = FlatBlocks.points(LA, data);
    for (int i = 0; i < data.size(); i++) {
      for (int j = 0; j < data.size(); j++) {
        double exact = squaredDistance(unit(data.blocks().get(i)), unit(data.blocks().get(j)));
        assertEquals(exact, squaredDistance(points[i], points[j]), 1e-12);
      }
    }
  }

  private static double squaredDistance(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return sum;
  }

  private static double[] unit(float[] values) {
    double energy = 0;
    for (float x : values) {
      energy += (double) x * x;
    }
    double[] unit = new double[values.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = values[i] / Math.sqrt(energy);
    }
    return unit;
  }

  @Test
  void labelsBecomeClusters() {
    assertEquals(
        List.of(RoaringBitmap.bitmapOf(1, 3), RoaringBitmap.bitmapOf(0), RoaringBitmap.bitmapOf(2)),
        FlatMethods.partition(new int[] {5, 2, 9, 2}));
  }

  @Test
  void kMeansAndHdbscanFindWhatLiesTogether() {
    for (Method method : List.of(new FlatMethods.KMeans(), new FlatMethods.Hdbscan())) {
      assertEquals(BEST, method.run(of(piles())).numbers(), method.name());
    }
  }

  @Test
  void chanceFindsLess() {
    assertTrue(new FlatMethods.Random().run(of(piles())).numbers() > BEST);
  }

  @Test
  void theSameAgain() {
    Case of = of(SubspaceData.of(new Shape(20, 8, 3, 5, 2, 0, 0, 0.05), 1));
    for (Method method :
        List.of(new FlatMethods.Random(), new FlatMethods.KMeans(), new FlatMethods.Hdbscan())) {
      Result once = method.run(of);
      Result again = method.run(of);
      assertEquals(once.numbers(), again.numbers(), method.name());
      assertEquals(once.note(), again.note(), method.name());
    }
  }
}
