package io.github.colonnade.svd.auto;

import io.github.colonnade.bounds.Decision;
import io.github.colonnade.bounds.Proof;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.sketch.Sketcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A first partition at a fixed rank r, by projections alone.
 *
 * <p>A cluster grows from one seed block: a basis of r columns from the seed and its nearest
 * blocks; then, again and again, all blocks that the basis is proven to serve (the projection bound
 * of Ky Fan) are taken at once and the basis is turned towards them by a step of subspace
 * iteration. No eigenproblem is solved but for a first basis. Seeds are tried by falling energy;
 * after {@code patience} seeds in a row that attracted nobody, or a few times as many whose
 * clusters save nothing at that rank, the rest stay alone.
 */
final class Gallop {

  private static final int MAX_STEPS = 12;

  /** A first basis is made of this many factor columns for each of its own. */
  private static final int FILL = 2;

  /** So many clusters in a row that save nothing count as one seed that attracted nobody. */
  private static final int CLUSTERS_PER_LONER = 4;

  /** A basis tells who is far once it has this share of the rank, and so many directions. */
  private static final double WELL_KNOWN = 0.5;

  private static final int FEW_DIRECTIONS = 8;

  /** Blocks are far that come by less than this share from chance to the limit. */
  private static final double FAR = 0.15;

  /** A step that adds less than this share of members is the last. */
  private static final double ENOUGH_GROWTH = 1.05;

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
    double[] weakness = Arrays.stream(blocks.energies).map(energy -> -energy).toArray();
    int[] available = Order.ascending(candidates, weakness);
    int idle = 0;
    try (Batches batches = new Batches(blocks, available)) {
      while (available.length > 1 && idle < CLUSTERS_PER_LONER * patience) {
        int[] cluster = grow(available, batches);
        if (cluster.length > 1) {
          clusters.add(cluster);
        }
        idle = saves(cluster) ? 0 : idle + (cluster.length > 1 ? 1 : CLUSTERS_PER_LONER);
        boolean[] left = new boolean[blocks.count];
        for (int j : available) {
          left[j] = true;
        }
        for (int j : cluster) {
          left[j] = false;
        }
        available = Arrays.stream(available).filter(j -> left[j]).toArray();
        batches.retain(left);
      }
    }
    return clusters;
  }

  /** Whether a cluster at this rank costs less than its members alone. */
  private boolean saves(int[] members) {
    long columns = Arrays.stream(members).mapToLong(j -> blocks.columns[j]).sum();
    long alone = Arrays.stream(members).mapToLong(j -> blocks.loneCosts[j]).sum();
    return members.length > 1 && StorageCost.lowRank(rank, blocks.rows, columns) < alone;
  }

  private int[] grow(int[] available, Batches batches) {
    int seed = available[0];
    try (Candidates candidates = new Candidates(available, batches)) {
      Matrix q = firstBasis(seed, candidates);
      try {
        int[] members = {seed};
        for (int step = 0; step < MAX_STEPS; step++) {
          int[] served = candidates.served(q);
          if (served.length <= members.length) {
            break;
          }
          boolean enough = served.length < members.length * ENOUGH_GROWTH;
          members = served;
          if (enough) {
            break;
          }
          Matrix turned = turned(q, members);
          q.close();
          q = turned;
        }
        Arrays.sort(members);
        return members;
      } finally {
        q.close();
      }
    }
  }

  /**
   * The leading r directions of the seed and, where it has fewer, of its nearest blocks. These are
   * found by doubling: one direction tells little about who lies in a subspace of many, and those
   * who are nearest to a few of its directions tell more.
   */
  private Matrix firstBasis(int seed, Candidates candidates) {
    Matrix q = leading(new int[] {seed});
    int wanted = q.columns() + 1;
    while (q.columns() < rank) {
      int[] nearest;
      try {
        nearest = candidates.nearest(q);
      } finally {
        q.close();
      }
      boolean last = FILL * wanted > rank;
      int[] fill = first(nearest, last ? FILL * rank : FILL * wanted);
      q = leading(IntStream.concat(IntStream.of(seed), IntStream.of(fill)).distinct().toArray());
      if (last || fill.length == nearest.length) {
        break;
      }
      // Blocks that are alike add no direction.
      wanted = Math.max(q.columns(), FILL * wanted) + 1;
    }
    return q;
  }

  /** The first blocks that together have so many factor columns. */
  private int[] first(int[] positions, int wanted) {
    int columns = 0;
    int count = 0;
    while (count < positions.length && columns < wanted) {
      columns += blocks.factor(positions[count++]).columns();
    }
    return Arrays.copyOf(positions, count);
  }

  private Matrix leading(int[] members) {
    try (Matrix all = blocks.concatenated(members)) {
      return new Sketcher(blocks.la, blocks.precision, rank).sketch(all).basis();
    }
  }

  /** orth(A·(Aᵀ·Q)) for the members side by side. */
  private Matrix turned(Matrix q, int[] members) {
    try (MatrixScope scope = new MatrixScope();
        Batches batches = new Batches(blocks, members)) {
      var qr = blocks.la.qr(scope.own(batches.turned(q)));
      scope.own(qr.r());
      return qr.q();
    }
  }

  /**
   * The blocks that a growing cluster may take. A basis of rank r has, by chance, the share r/m of
   * a block that has nothing to do with it. Those that have little more of theirs in it are dropped
   * once the basis is large enough to tell, since most blocks are like that and each step looks at
   * all that are left.
   */
  private final class Candidates implements AutoCloseable {

    private int[] positions;
    private Batches batches;
    private boolean ownsBatches;

    Candidates(int[] available, Batches batches) {
      this.positions = available;
      this.batches = batches;
    }

    /** By the share of their energy outside Q. */
    int[] nearest(Matrix q) {
      double[] outside = outside(q);
      int[] nearest = Order.ascending(positions, outside);
      dropFar(q, outside, nearest);
      return nearest;
    }

    /** The longest run of the nearest blocks whose joint residual is within the limit. */
    int[] served(Matrix q) {
      long started = System.nanoTime();
      double[] outside = outside(q);
      int[] nearest = Order.ascending(positions, outside);
      dropFar(q, outside, nearest);
      double slack = 0;
      int count = 0;
      for (int j : nearest) {
        slack += (allowed() - outside[j]) * blocks.energies[j];
        if (slack < 0) {
          break;
        }
        count++;
      }
      blocks.decisions().count(Proof.PROJECTION, Decision.ACCEPT, count);
      blocks.decisions().count(Proof.PROJECTION, Decision.UNDECIDED, nearest.length - count);
      blocks.decisions().took(Proof.PROJECTION, started);
      return Arrays.copyOf(nearest, count);
    }

    private double[] outside(Matrix q) {
      double[] shares = batches.residualEnergies(q);
      for (int j : positions) {
        shares[j] /= blocks.energies[j];
      }
      return shares;
    }

    private void dropFar(Matrix q, double[] outside, int[] nearest) {
      double known = Math.min(rank, Math.max(WELL_KNOWN * rank, FEW_DIRECTIONS));
      if (ownsBatches || q.columns() < known) {
        return;
      }
      double byChance = 1 - (double) q.columns() / blocks.rows;
      double far = Math.max(allowed(), byChance - FAR * (byChance - allowed()));
      int count = first(nearest, FILL * FILL * rank).length;
      while (count < nearest.length && outside[nearest[count]] <= far) {
        count++;
      }
      if (count <= nearest.length / 2) {
        positions = Arrays.copyOf(nearest, count);
        batches = new Batches(blocks, positions);
        ownsBatches = true;
      }
    }

    private double allowed() {
      return blocks.limit() * blocks.limit();
    }

    @Override
    public void close() {
      if (ownsBatches) {
        batches.close();
      }
    }
  }
}
