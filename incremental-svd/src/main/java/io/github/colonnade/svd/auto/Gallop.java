package io.github.colonnade.svd.auto;

import io.github.colonnade.svd.linalg.LinearAlgebra.LeftSvd;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A first partition at a fixed rank r, by projections alone.
 *
 * <p>A cluster grows from one seed block: a basis of r columns from the seed and its nearest
 * blocks; then, again and again, all blocks that the basis is proven to serve (the projection bound
 * of Ky Fan) are taken at once and the basis is turned towards them by a step of subspace
 * iteration. No eigenproblem is solved for any block. Seeds are tried by falling energy; after
 * {@code patience} seeds in a row that attracted nobody, the rest stay alone.
 */
final class Gallop {

  private static final int MAX_STEPS = 12;

  /** A first basis is made of this many factor columns for each of its own. */
  private static final int FILL = 2;

  private final Blocks blocks;
  private final int rank;
  private final int patience;

  Gallop(Blocks blocks, int rank, int patience) {
    this.blocks = blocks;
    this.rank = Math.min(rank, blocks.rows);
    this.patience = patience;
  }

  /** Disjoint sets of at least two of the candidates; the other candidates found no company. */
  List<int[]> run(int[] candidates) {
    List<int[]> clusters = new ArrayList<>();
    int[] available =
        Arrays.stream(candidates)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer j) -> -blocks.energies[j]))
            .mapToInt(Integer::intValue)
            .toArray();
    int idle = 0;
    while (available.length > 1 && idle < patience) {
      int[] cluster = grow(available);
      if (cluster.length > 1) {
        clusters.add(cluster);
        idle = 0;
      } else {
        idle++;
        cluster = new int[] {available[0]};
      }
      boolean[] taken = new boolean[blocks.count];
      for (int j : cluster) {
        taken[j] = true;
      }
      available = Arrays.stream(available).filter(j -> !taken[j]).toArray();
    }
    return clusters;
  }

  private int[] grow(int[] available) {
    int seed = available[0];
    Matrix q = firstBasis(seed, available);
    int[] members = {seed};
    for (int step = 0; step < MAX_STEPS; step++) {
      int[] served = served(blocks.residualEnergies(q), available);
      if (served.length <= members.length) {
        break;
      }
      members = served;
      Matrix turned = turned(q, members);
      q.close();
      q = turned;
    }
    q.close();
    Arrays.sort(members);
    return members;
  }

  /** The leading r directions of the seed and, where it has fewer, of its nearest blocks. */
  private Matrix firstBasis(int seed, int[] available) {
    Matrix q = leading(new int[] {seed});
    if (q.columns() >= rank) {
      return q;
    }
    double[] residuals = blocks.residualEnergies(q);
    q.close();
    int[] nearest =
        Arrays.stream(available)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer j) -> residuals[j] / blocks.energies[j]))
            .mapToInt(Integer::intValue)
            .toArray();
    int columns = 0;
    int count = 0;
    while (count < nearest.length && columns < FILL * rank) {
      columns += blocks.factor(nearest[count++]).columns();
    }
    int[] fill =
        IntStream.concat(IntStream.of(seed), Arrays.stream(nearest, 0, count)).distinct().toArray();
    return leading(fill);
  }

  private Matrix leading(int[] members) {
    try (MatrixScope scope = new MatrixScope()) {
      LeftSvd svd = scope.own(blocks.la.leftSvd(scope.own(blocks.concatenated(members))));
      return blocks.la.columns(svd.vectors(), 0, Math.min(rank, svd.values().length));
    }
  }

  /** orth(A·(Aᵀ·Q)) for the members side by side. */
  private Matrix turned(Matrix q, int[] members) {
    try (MatrixScope scope = new MatrixScope()) {
      Matrix all = scope.own(blocks.concatenated(members));
      Matrix p = scope.own(blocks.la.transposedProduct(all, q));
      var qr = blocks.la.qr(scope.own(blocks.la.product(all, p)));
      scope.own(qr.r());
      return qr.q();
    }
  }

  private int[] served(double[] residuals, int[] available) {
    double allowed = blocks.limit() * blocks.limit();
    int[] nearest =
        Arrays.stream(available)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer j) -> residuals[j] / blocks.energies[j]))
            .mapToInt(Integer::intValue)
            .toArray();
    double lost = 0;
    double energy = 0;
    int count = 0;
    for (int j : nearest) {
      lost += residuals[j];
      energy += blocks.energies[j];
      if (lost > allowed * energy) {
        break;
      }
      count++;
    }
    return Arrays.copyOf(nearest, count);
  }
}
