package io.github.colonnade.tests.benchmark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

/** Compares with costs worked out by hand for blocks of known singular values. */
class ExactCostsReferenceTest {

  private static final int M = 12;
  private static final int N = 6;

  /** H = I − 2vvᵀ/vᵀv: an orthogonal matrix with no zeros. */
  private static double[][] reflection(int size, double slope) {
    double[] v = new double[size];
    double square = 0;
    for (int i = 0; i < size; i++) {
      v[i] = 1 + slope * i;
      square += v[i] * v[i];
    }
    double[][] h = new double[size][size];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        h[i][j] = (i == j ? 1 : 0) - 2 * v[i] * v[j] / square;
      }
    }
    return h;
  }

  /** Σ values_i·u_{directions_i}·w_iᵀ with orthonormal u and w. */
  private static float[] block(int[] directions, double... values) {
    double[][] u = reflection(M, 0.3);
    double[][] w = reflection(N, -0.7);
    float[] block = new float[M * N];
    for (int j = 0; j < N; j++) {
      for (int i = 0; i < M; i++) {
        double sum = 0;
        for (int l = 0; l < values.length; l++) {
          sum += values[l] * u[i][directions[l]] * w[j][l];
        }
        block[i + j * M] = (float) sum;
      }
    }
    return block;
  }

  private static ExactCosts costs(double limit, Scope scope, float[]... blocks) {
    return new ExactCosts(
        new Nd4jLinearAlgebra(), new DataSet(M, List.of(blocks)), new ErrorLimit(limit, scope));
  }

  private static RoaringBitmap set(int... members) {
    return RoaringBitmap.bitmapOf(members);
  }

  @Test
  void aBlockAloneNeedsTheRankOfItsTail() {
    float[] block = block(new int[] {0, 1, 2}, 10, 1, 0.1);
    // The tails are √1.01/√101.01 ≈ 0.1, 0.1/√101.01 ≈ 0.00995 and 0.
    assertEquals(1, costs(0.101, Scope.BLOCK, block).loneRank(0));
    assertEquals(2, costs(0.05, Scope.BLOCK, block).loneRank(0));
    assertEquals(2, costs(0.01, Scope.BLOCK, block).loneRank(0));
    assertEquals(3, costs(0.0099, Scope.BLOCK, block).loneRank(0));
    assertEquals(2 * (M + N), costs(0.05, Scope.BLOCK, block).lone(0));
  }

  @Test
  void aBlockThatNoRankMakesSmallerIsRaw() {
    float[] block = block(new int[] {0, 1, 2, 3, 4}, 1, 1, 1, 1, 1);
    assertEquals(M * N, costs(0.1, Scope.CLUSTER, block).lone(0));
  }

  @Test
  void membersOfOneSubspaceShareItsBasis() {
    float[] one = block(new int[] {0, 1}, 2, 1);
    float[] two = block(new int[] {1, 0}, 3, 1);
    for (Scope scope : Scope.values()) {
      ExactCosts costs = costs(0.1, scope, one, two);
      assertEquals(2, costs.leastRank(set(0, 1)));
      assertEquals(2 * (M + 2 * N), costs.settled(set(0, 1)));
      assertEquals(2 * 2 * (M + N), costs.settled(List.of(set(0), set(1))));
    }
  }

  @Test
  void aSmallMemberIsLostOnlyWhereTheLimitIsJoint() {
    float[] large = block(new int[] {0}, 100);
    float[] small = block(new int[] {1}, 1);
    assertEquals(1, costs(0.05, Scope.CLUSTER, large, small).leastRank(set(0, 1)));
    assertEquals(2, costs(0.05, Scope.BLOCK, large, small).leastRank(set(0, 1)));
    assertEquals(0, costs(0.05, Scope.CLUSTER, large, small).broken(set(0, 1), 1));
    assertTrue(costs(0.05, Scope.BLOCK, large, small).broken(set(0, 1), 1) > 0);
  }

  @Test
  void aMemberThatIsCheaperAloneLeaves() {
    float[] one = block(new int[] {0, 1}, 2, 1);
    float[] two = block(new int[] {1, 0}, 3, 1);
    float[] stranger = block(new int[] {7, 8}, 1, 1);
    ExactCosts costs = costs(0.1, Scope.BLOCK, one, two, stranger);
    assertEquals(2 * (M + 2 * N) + 2 * (M + N), costs.settled(set(0, 1, 2)));
  }

  @Test
  void aClusterThatLosesIsDissolved() {
    float[] one = block(new int[] {0}, 1);
    float[] two = block(new int[] {1}, 1);
    for (Scope scope : Scope.values()) {
      // Together rank 2 costs 2·(12 + 12) = 48, apart 2·18 = 36.
      assertEquals(36, costs(0.1, scope, one, two).settled(set(0, 1)));
    }
  }

  @Test
  void aRankBelowTheLeastBreaksTheLimit() {
    float[] one = block(new int[] {0, 1, 2, 3}, 4, 3, 2, 1);
    float[] two = block(new int[] {3, 4, 1, 0}, 4, 3, 2, 1);
    float[] three = block(new int[] {5, 4, 2, 0}, 4, 3, 2, 1);
    for (Scope scope : Scope.values()) {
      // Three blocks have more columns than rows, so that both ways to the basis are tried.
      for (RoaringBitmap members : List.of(set(0), set(0, 1), set(0, 1, 2))) {
        ExactCosts costs = costs(0.2, scope, one, two, three);
        int rank = costs.leastRank(members);
        assertEquals(0, costs.broken(members, rank), scope + " " + members);
        assertTrue(costs.broken(members, rank - 1) > 0, scope + " " + members);
      }
    }
  }
}
