package io.github.colonnade.svd.auto;

import io.github.colonnade.bounds.Decision;
import io.github.colonnade.bounds.Proof;
import io.github.colonnade.bounds.Rank;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.svd.linalg.LinearAlgebra.Eigen;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.roaringbitmap.RoaringBitmap;

/**
 * Merges single blocks, and what becomes of them, while that saves stored numbers.
 *
 * <p>A cluster is its sketch F = U·diag(σ). The spectrum of two side by side is that of the small
 * Gram matrix [F_a F_b]ᵀ[F_a F_b], whose diagonal blocks are known, so a pair costs one product
 * F_aᵀF_b and the eigenvalues of a matrix of the size of both ranks. The pair that saves the
 * largest share of its own cost is merged first. Beyond a few clusters only neighbours are tried:
 * those whose signatures vec(ΩᵀF·FᵀΩ), Ω a fixed random matrix, point in the most similar
 * directions. Signatures add up when clusters merge.
 */
final class Agglomeration {

  /** Up to so many clusters every pair is tried. */
  private static final int ALL_PAIRS = 24;

  private static final int NEIGHBOURS = 6;

  /** Pairs with more factor columns are not tried: their eigenproblems take the cube of it. */
  private static final int MAX_SIDE = 128;

  private static final int SIGNATURE_SIDE = 12;

  /** A sketch drops this share of the error limit at most. */
  private static final double DROPPED_SHARE = 0.3;

  private static final class Node {
    final int[] members;
    final Matrix factor;
    final double[] squares;
    final double dropped;
    final long columns;
    final long cost;
    final double[] signature;
    boolean alive = true;

    Node(
        int[] members,
        Matrix factor,
        double[] squares,
        double dropped,
        long columns,
        long cost,
        double[] signature) {
      this.members = members;
      this.factor = factor;
      this.squares = squares;
      this.dropped = dropped;
      this.columns = columns;
      this.cost = cost;
      this.signature = signature;
    }
  }

  private record Pair(int left, int right, double share) {}

  /** Two sets of members; the one with the smallest position first. */
  private record Sets(RoaringBitmap first, RoaringBitmap second) {

    static Sets of(Node a, Node b) {
      RoaringBitmap left = RoaringBitmap.bitmapOf(a.members);
      RoaringBitmap right = RoaringBitmap.bitmapOf(b.members);
      return left.first() < right.first() ? new Sets(left, right) : new Sets(right, left);
    }
  }

  private final Blocks blocks;
  private final Matrix omega;
  private final Map<Sets, Long> mergedCosts;
  private final List<Node> nodes = new ArrayList<>();
  private final PriorityQueue<Pair> pairs =
      new PriorityQueue<>(
          Comparator.comparingDouble((Pair pair) -> -pair.share)
              .thenComparingInt(Pair::left)
              .thenComparingInt(Pair::right));

  private Agglomeration(Blocks blocks, Matrix omega, Map<Sets, Long> mergedCosts) {
    this.blocks = blocks;
    this.omega = omega;
    this.mergedCosts = mergedCosts;
  }

  /** Agglomerations of one family; they share what they learn about pairs. */
  static final class Runs implements AutoCloseable {
    private final Blocks blocks;
    private final Matrix omega;
    private final Map<Sets, Long> mergedCosts = new HashMap<>();

    Runs(Blocks blocks) {
      this.blocks = blocks;
      this.omega = omega(blocks);
    }

    /** Sets of at least two, after all merges that pay; the others found no company. */
    List<int[]> merge(int[] singles) {
      return new Agglomeration(blocks, omega, mergedCosts).merge(singles);
    }

    @Override
    public void close() {
      omega.close();
    }
  }

  /** Ω: m×s with fixed pseudorandom entries of mean 0, the same on every machine. */
  private static Matrix omega(Blocks blocks) {
    double[] values = new double[blocks.rows * SIGNATURE_SIDE];
    SplittableRandom random = new SplittableRandom(42);
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextDouble() - 0.5;
    }
    try (Matrix doubles = blocks.la.fromColumns(values, blocks.rows, SIGNATURE_SIDE)) {
      return blocks.la.cast(doubles, blocks.precision);
    }
  }

  private List<int[]> merge(int[] singles) {
    for (int single : singles) {
      nodes.add(single(single));
    }
    int alive = nodes.size();
    Set<Long> tried = new HashSet<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (int other : alive <= ALL_PAIRS ? IntStream.range(0, i).toArray() : neighbours(i)) {
        if (tried.add(((long) Math.min(i, other) << 32) | Math.max(i, other))) {
          push(Math.min(i, other), Math.max(i, other));
        }
      }
    }
    while (!pairs.isEmpty()) {
      Pair pair = pairs.remove();
      Node left = nodes.get(pair.left);
      Node right = nodes.get(pair.right);
      if (!left.alive || !right.alive) {
        continue;
      }
      left.alive = false;
      right.alive = false;
      alive--;
      nodes.add(merged(left, right));
      left.factor.close();
      right.factor.close();
      int added = nodes.size() - 1;
      int[] near =
          alive <= ALL_PAIRS
              ? IntStream.range(0, added).filter(i -> nodes.get(i).alive).toArray()
              : neighbours(added);
      for (int other : near) {
        push(other, added);
      }
    }
    List<int[]> sets = new ArrayList<>();
    for (Node node : nodes) {
      if (node.alive) {
        if (node.members.length > 1) {
          sets.add(node.members);
        }
        node.factor.close();
      }
    }
    return sets;
  }

  private Node single(int block) {
    Spectrum spectrum = blocks.spectrum(block);
    double[] squares = new double[spectrum.size()];
    for (int i = 0; i < squares.length; i++) {
      squares[i] = spectrum.squaredSingularValue(i);
    }
    Matrix factor = blocks.la.cast(blocks.factor(block), blocks.precision);
    return new Node(
        new int[] {block},
        factor,
        squares,
        spectrum.droppedEnergy(),
        blocks.columns[block],
        blocks.loneCosts[block],
        signature(factor));
  }

  private int kept(Spectrum spectrum) {
    double share = DROPPED_SHARE * blocks.limit();
    double allowed = share * share * spectrum.energy();
    int kept = Math.min(1, spectrum.size());
    while (kept < spectrum.size() && spectrum.tailEnergy(kept) > allowed) {
      kept++;
    }
    return kept;
  }

  private double[] signature(Matrix factor) {
    try (Matrix p = blocks.la.transposedProduct(omega, factor);
        Matrix pp = blocks.la.productTransposed(p, p)) {
      return pp.toDoubles();
    }
  }

  private int[] neighbours(int node) {
    double[] own = nodes.get(node).signature;
    double[] farness = new double[nodes.size()];
    for (int i = 0; i < farness.length; i++) {
      farness[i] = nodes.get(i).alive ? -cosine(own, nodes.get(i).signature) : 0;
    }
    int[] others =
        IntStream.range(0, farness.length).filter(i -> i != node && nodes.get(i).alive).toArray();
    return Arrays.stream(Order.ascending(others, farness)).limit(NEIGHBOURS).toArray();
  }

  /** The cosine of two signatures but for the length of the first. */
  private static double cosine(double[] a, double[] b) {
    double ab = 0;
    double bb = 0;
    for (int i = 0; i < a.length; i++) {
      ab += a[i] * b[i];
      bb += b[i] * b[i];
    }
    return bb == 0 ? 0 : ab / Math.sqrt(bb);
  }

  private void push(int left, int right) {
    Node a = nodes.get(left);
    Node b = nodes.get(right);
    if (a.squares.length + b.squares.length > MAX_SIDE) {
      return;
    }
    Sets sets = Sets.of(a, b);
    Long merged = mergedCosts.get(sets);
    if (merged == null) {
      long started = System.nanoTime();
      try (Matrix cross = blocks.la.transposedProduct(a.factor, b.factor)) {
        boolean refused = cannotPay(a, b, blocks.la.energy(cross));
        count(Proof.SUBADDITIVE, refused ? Decision.REJECT : Decision.UNDECIDED, started);
        if (refused) {
          return;
        }
        started = System.nanoTime();
        try (Matrix gram = gram(a, b, cross)) {
          double[] values = blocks.la.symmetricEigenvalues(gram);
          merged = cost(values, a.dropped + b.dropped, a.columns + b.columns);
          mergedCosts.put(sets, merged);
        }
        count(Proof.EXACT, merged < a.cost + b.cost ? Decision.ACCEPT : Decision.REJECT, started);
      }
    }
    long saved = a.cost + b.cost - merged;
    if (saved > 0) {
      pairs.add(new Pair(left, right, (double) saved / (a.cost + b.cost)));
    }
  }

  private void count(Proof bound, Decision decision, long started) {
    blocks.decisions().count(bound, decision, 1);
    blocks.decisions().took(bound, started);
  }

  /**
   * Whether no eigenproblem is needed to refuse a pair. With C = F_aᵀF_b, Ky Fan's sub-additivity
   * gives Σ_{i≤r} λ_i ≤ (the r largest of both spectra) + Σ_{i≤r} σ_i(C), and the last sum is at
   * most √min(r, k_a, k_b)·‖C‖_F. If that is too little at the largest rank at which the pair would
   * save anything, it saves nothing.
   */
  private boolean cannotPay(Node a, Node b, double crossEnergy) {
    long columns = a.columns + b.columns;
    long breakEven = (a.cost + b.cost - 1) / (blocks.rows + columns);
    double energy = a.dropped + b.dropped;
    int i = 0;
    int j = 0;
    double captured = 0;
    while (i < a.squares.length || j < b.squares.length) {
      boolean left =
          j == b.squares.length || (i < a.squares.length && a.squares[i] >= b.squares[j]);
      double next = left ? a.squares[i++] : b.squares[j++];
      energy += next;
      if (i + j <= breakEven) {
        captured += next;
      }
    }
    double least = Math.min(breakEven, Math.min(a.squares.length, b.squares.length));
    double most = captured + Math.sqrt(least * crossEnergy);
    return most < (1 - blocks.limit() * blocks.limit()) * energy * (1 - 1e-5);
  }

  private long cost(double[] values, double dropped, long columns) {
    int most =
        Math.min(blocks.settings.rankLimit(), StorageCost.largestPayingRank(blocks.rows, columns));
    Spectrum spectrum = Spectrum.ofKept(Blocks.squares(values), dropped);
    int rank = Rank.smallestFor(spectrum, blocks.limit()).orElse(most + 1);
    return rank > most
        ? StorageCost.raw(blocks.rows, columns)
        : StorageCost.lowRank(rank, blocks.rows, columns);
  }

  /** [F_a F_b]ᵀ[F_a F_b]; the diagonal blocks are diag(σ²). */
  private Matrix gram(Node a, Node b, Matrix cross) {
    int ka = a.squares.length;
    int kb = b.squares.length;
    int k = ka + kb;
    double[] g = new double[k * k];
    for (int i = 0; i < ka; i++) {
      g[i + i * k] = a.squares[i];
    }
    for (int i = 0; i < kb; i++) {
      g[(ka + i) * (k + 1)] = b.squares[i];
    }
    double[] c = cross.toDoubles();
    for (int j = 0; j < kb; j++) {
      for (int i = 0; i < ka; i++) {
        g[i + (ka + j) * k] = c[i + j * ka];
        g[ka + j + i * k] = c[i + j * ka];
      }
    }
    return blocks.la.fromColumns(g, k, k);
  }

  private Node merged(Node a, Node b) {
    try (MatrixScope scope = new MatrixScope()) {
      Matrix cross = scope.own(blocks.la.transposedProduct(a.factor, b.factor));
      double dropped = a.dropped + b.dropped;
      Eigen eigen =
          scope.own(
              blocks.la.symmetricEigen(
                  scope.own(gram(a, b, cross)),
                  values -> kept(Spectrum.ofKept(Blocks.squares(values), dropped))));
      double[] squares = Blocks.squares(eigen.values());
      Spectrum whole = Spectrum.ofKept(squares, dropped);
      int kept = eigen.vectors().columns();
      Matrix v = scope.own(blocks.la.cast(eigen.vectors(), blocks.precision));
      Matrix both = scope.own(blocks.la.concatenate(List.of(a.factor, b.factor)));
      Matrix factor = blocks.la.product(both, v);
      double[] signature = a.signature.clone();
      for (int i = 0; i < signature.length; i++) {
        signature[i] += b.signature[i];
      }
      int[] members =
          IntStream.concat(Arrays.stream(a.members), Arrays.stream(b.members)).sorted().toArray();
      long columns = a.columns + b.columns;
      return new Node(
          members,
          factor,
          Arrays.copyOf(squares, kept),
          whole.tailEnergy(kept),
          columns,
          cost(eigen.values(), dropped, columns),
          signature);
    }
  }
}
