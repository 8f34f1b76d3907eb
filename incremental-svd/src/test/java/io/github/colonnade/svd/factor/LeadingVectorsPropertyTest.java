package io.github.colonnade.svd.factor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.svd.factor.BasisFinder.Basis;
import io.github.colonnade.svd.factor.ClusterEncoderPropertyTest.Format;
import io.github.colonnade.svd.factor.StoredFactors.Attempt;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** How many vectors were found does not limit how far a rank is raised. */
class LeadingVectorsPropertyTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();
  private static final int M = 24;

  private static final int COUNT = 3;

  /** The rank of the blocks side by side. */
  private static final int RANK = 7;

  private static final double LIMIT = 0.05;

  @Property(tries = 100)
  void asFarAsWithAllVectors(
      @ForAll @IntRange(min = 1, max = RANK - 1) int found,
      @ForAll @IntRange(min = 6, max = 16) int columns,
      @ForAll Scope scope,
      @ForAll long seed) {
    Random random = new Random(seed);
    double[] left = random.doubles((long) M * RANK, -1, 1).toArray();
    List<double[]> blocks =
        IntStream.range(0, COUNT)
            .mapToObj(j -> block(left, random.doubles((long) RANK * columns, -1, 1).toArray()))
            .toList();
    // So much that nobody leaves.
    List<Member> members =
        IntStream.range(0, COUNT).mapToObj(j -> new Member(j, columns, 0, 1L << 40)).toList();
    Cluster cluster =
        new Cluster(LA, M, members, j -> LA.fromColumns(blocks.get(j), M, columns), scope);
    BasisFinder finder = new BasisFinder(LA);
    Basis some = finder.find(cluster, M, LIMIT, spectrum -> Math.min(found, spectrum.size()));
    Basis all = finder.find(cluster, M, LIMIT);
    try (Matrix few = some.vectors();
        Matrix each = all.vectors();
        LeadingVectors vectors = new LeadingVectors(LA, cluster, some, M, LIMIT)) {
      assertTrue(few.columns() <= found);
      assertEquals(each.columns(), vectors.mostRank());
      for (int rank : new int[] {1, each.columns(), few.columns()}) {
        try (Matrix first = vectors.first(rank)) {
          assertEquals(rank, first.columns());
        }
      }
      EncoderSettings settings = new EncoderSettings(new ErrorLimit(LIMIT, scope), M, Format.F32);
      RankPlan.Choice choice = new RankPlan.Choice(1, members, 0);
      Attempt raised = new StoredFactors(LA, settings, cluster, vectors, M).encode(choice);
      Attempt expected = new StoredFactors(LA, settings, cluster, each, M).encode(choice);
      assertEquals(expected.rank(), raised.rank());
      assertEquals(members, expected.members());
      assertEquals(members, raised.members());
      assertTrue(raised.rank() > found, raised.rank() + " of " + found);
    }
  }

  private static double[] block(double[] left, double[] right) {
    try (Matrix u = LA.fromColumns(left, M, RANK);
        Matrix v = LA.fromColumns(right, RANK, right.length / RANK);
        Matrix product = LA.product(u, v)) {
      return Arrays.stream(product.toDoubles()).map(each -> each / RANK).toArray();
    }
  }
}
