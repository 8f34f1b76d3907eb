package io.github.colonnade.svd.partition;

import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PrimitiveIterator;
import org.jspecify.annotations.Nullable;

/**
 * Orders the blocks that have no cluster yet by their residual outside the span of a seed.
 *
 * <p>Of wide blocks only the leading columns, which hold nearly all of the energy, are multiplied
 * at first: with F_j = [L_j, T_j],
 *
 * <pre>  ‖(I − QQᵀ)L_j‖²  ≤  ‖(I − QQᵀ)F_j‖²  ≤  ‖(I − QQᵀ)L_j‖² + ‖T_j‖²,</pre>
 *
 * and the residual itself is found for a block only when no other can come before it. A single
 * column leads alone.
 *
 * <p>What is multiplied is put side by side in batches once, not for every seed: a family may have
 * many thousands of single columns and hundreds of seeds. A batch is made again when half of its
 * blocks have found a cluster. Single columns near some subspaces of few dimensions are not
 * multiplied at all until bounds from these say that they may come next.
 */
final class ResidualOrder implements AutoCloseable {

  /** Columns of a batch, unless one block has more. */
  private static final int BATCH_COLUMNS = 4096;

  /**
   * Where less than this share of a block's energy is residual, the residual is formed; above it
   * the difference of two energies tells it to a hundred roundings.
   */
  private static final double FORMED_BELOW = 1e-2;

  /** The columns after the leading ones have at most this share of a block's energy. */
  private static final double TAIL_SHARE = 0.1;

  private final Family family;
  private final LinearAlgebra la;
  private final LocalSubspaces subspaces;

  /** By position in the family: the group that a block is in, if any. */
  private final @Nullable NearColumns[] groupOf;

  private final List<Batch> batches = new ArrayList<>();

  // By position in the family: ‖F_j‖², the dropped energy, and ‖T_j‖². Looked at for each block and
  // seed, so not in the blocks themselves, which lie all over the heap.
  private final double[] kept;
  private final double[] dropped;
  private final double[] tails;

  /** How many columns L_j has. */
  private final int[] leading;

  /** The leading columns of some blocks side by side. */
  private record Batch(int[] blocks, Matrix factors) {}

  /** For many seeds. */
  static ResidualOrder of(Family family, int[] blocks) {
    return new ResidualOrder(family, blocks, LocalSubspaces.of(family, blocks));
  }

  /** For a seed that attracts all blocks, or nearly all. */
  static ResidualOrder once(Family family, int[] blocks) {
    return new ResidualOrder(family, blocks, LocalSubspaces.none(family));
  }

  /**
   * @param blocks positions in the family
   * @param subspaces of these, closed by this
   */
  private ResidualOrder(Family family, int[] blocks, LocalSubspaces subspaces) {
    this.family = family;
    this.la = family.algebra();
    this.subspaces = subspaces;
    this.kept = new double[family.size()];
    this.dropped = new double[family.size()];
    this.tails = new double[family.size()];
    this.leading = new int[family.size()];
    this.groupOf = new NearColumns[family.size()];
    for (NearColumns group : subspaces.groups()) {
      for (int block : group.blocks()) {
        groupOf[block] = group;
      }
    }
    try {
      for (int block : blocks) {
        findLeading(block);
      }
      makeBatches(Arrays.stream(blocks).filter(each -> groupOf[each] == null).toArray());
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void makeBatches(int[] blocks) {
    int from = 0;
    while (from < blocks.length) {
      int to = from;
      int columns = 0;
      while (to < blocks.length && (to == from || columns < BATCH_COLUMNS)) {
        columns += leading[blocks[to]];
        to++;
      }
      batches.add(batch(Arrays.copyOfRange(blocks, from, to)));
      from = to;
    }
  }

  private Matrix factor(int block) {
    return family.block(block).factor();
  }

  private void findLeading(int block) {
    Spectrum spectrum = family.block(block).spectrum();
    kept[block] = spectrum.capturedEnergy(spectrum.size());
    dropped[block] = spectrum.droppedEnergy();
    Matrix factor = factor(block);
    leading[block] = factor.columns();
    if (factor.columns() > 1) {
      double[] energies = la.columnEnergies(factor);
      double most = TAIL_SHARE * Arrays.stream(energies).sum();
      while (leading[block] > 1 && tails[block] + energies[leading[block] - 1] <= most) {
        leading[block]--;
        tails[block] += energies[leading[block]];
      }
    }
  }

  private Batch batch(int[] blocks) {
    List<Matrix> parts = new ArrayList<>(blocks.length);
    List<Matrix> copies = new ArrayList<>();
    for (int block : blocks) {
      Matrix part = factor(block);
      if (leading[block] < part.columns()) {
        part = la.columns(part, 0, leading[block]);
        copies.add(part);
      }
      parts.add(part);
    }
    Matrix factors = la.concatenate(parts);
    copies.forEach(Matrix::close);
    return new Batch(blocks, factors);
  }

  /**
   * The blocks of {@code others}, smallest residual first, then by position. An order that was
   * begun before must not be gone on with.
   *
   * @param q m×k with orthonormal columns, open as long as the order is used
   * @param others blocks that are in no cluster yet
   */
  PrimitiveIterator.OfInt order(Matrix q, int[] others) {
    // Asked for once for each block and seed, so no compressed set.
    boolean[] available = new boolean[family.size()];
    for (int each : others) {
      available[each] = true;
    }
    renewBatches(available);
    List<NearColumns> groups = subspaces.begin(q, available);
    int most = others.length + groups.size();
    int[] blocks = new int[most];
    double[] least = new double[most];
    boolean[] isExact = new boolean[family.size()];
    int count = 0;
    for (NearColumns group : groups) {
      blocks[count] = group.first();
      least[count] = group.least();
      count++;
    }
    for (Batch batch : batches) {
      double[] captured;
      try (Matrix projection = la.transposedProduct(q, batch.factors)) {
        captured = la.columnEnergies(projection);
      }
      int column = 0;
      for (int block : batch.blocks) {
        double inside = 0;
        for (int end = column + leading[block]; column < end; column++) {
          inside += captured[column];
        }
        if (available[block]) {
          double outside = kept[block] - tails[block] - inside;
          isExact[block] = tails[block] == 0 && outside >= FORMED_BELOW * kept[block];
          blocks[count] = block;
          least[count] =
              isExact[block]
                  ? outside + dropped[block]
                  : Math.max(0, outside - FORMED_BELOW * FORMED_BELOW * kept[block]);
          count++;
        }
      }
    }
    SmallestFirst heap =
        new SmallestFirst(Arrays.copyOf(blocks, count), Arrays.copyOf(least, count));
    return new Order(q, heap, isExact);
  }

  /**
   * From a heap of residuals and of bounds below residuals, which are found when they are first. A
   * group of columns has the place of its first column in the heap.
   */
  private final class Order implements PrimitiveIterator.OfInt {
    private final Matrix q;
    private final SmallestFirst heap;
    private final boolean[] isExact;

    Order(Matrix q, SmallestFirst heap, boolean[] isExact) {
      this.q = q;
      this.heap = heap;
      this.isExact = isExact;
    }

    @Override
    public boolean hasNext() {
      return heap.hasNext();
    }

    @Override
    public int nextInt() {
      while (true) {
        int first = heap.peek();
        NearColumns group = groupOf[first];
        if (group == null) {
          if (isExact[first]) {
            return heap.nextInt();
          }
          isExact[first] = true;
          heap.replaceFirst(first, residualEnergy(q, first));
        } else if (group.isFirstExact()) {
          if (group.takeFirst()) {
            heap.replaceFirst(group.first(), group.least());
          } else {
            heap.nextInt();
          }
          return first;
        } else {
          if (group.isBounded()) {
            group.tellFirst(residualEnergy(q, first));
          } else {
            group.bound(subspaces.gram(group));
          }
          heap.replaceFirst(group.first(), group.least());
        }
      }
    }
  }

  /** ‖(I − QQᵀ)F_j‖² + dropped energy of a block. */
  private double residualEnergy(Matrix q, int block) {
    double outside;
    try (Matrix projection = la.transposedProduct(q, factor(block))) {
      outside = kept[block] - la.energy(projection);
    }
    if (outside < FORMED_BELOW * kept[block]) {
      try (Matrix residual = Estimators.residual(la, List.of(q), factor(block))) {
        outside = la.energy(residual);
      }
    }
    return outside + dropped[block];
  }

  private void renewBatches(boolean[] available) {
    for (int i = batches.size() - 1; i >= 0; i--) {
      Batch batch = batches.get(i);
      int[] left = Arrays.stream(batch.blocks).filter(each -> available[each]).toArray();
      if (left.length == 0) {
        batch.factors.close();
        batches.remove(i);
      } else if (left.length <= batch.blocks.length / 2) {
        batch.factors.close();
        batches.set(i, batch(left));
      }
    }
  }

  @Override
  public void close() {
    batches.forEach(each -> each.factors.close());
    batches.clear();
    subspaces.close();
  }
}
