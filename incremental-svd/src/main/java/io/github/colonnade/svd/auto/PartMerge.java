package io.github.colonnade.svd.auto;

import io.github.colonnade.bounds.Decision;
import io.github.colonnade.bounds.Proof;
import io.github.colonnade.svd.auto.AutoStrategy.Extent;
import io.github.colonnade.svd.auto.Part.Cluster;
import io.github.colonnade.svd.auto.Part.Inside;
import io.github.colonnade.svd.auto.Part.Lone;
import io.github.colonnade.svd.auto.Part.Sample;
import io.github.colonnade.svd.auto.SharedCost.Estimate;
import io.github.colonnade.svd.auto.SharedCost.Weighted;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.partition.BlockSketch;
import io.github.colonnade.svd.partition.DecisionTally;
import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import io.github.colonnade.svd.partition.PlannedCluster;
import io.github.colonnade.svd.sketch.Sketch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.stream.IntStream;
import org.roaringbitmap.RoaringBitmap;

/**
 * One meeting of parts: blocks that are alone look for company, then clusters merge.
 *
 * <p>As in {@link Merging}, two clusters can save the m numbers of each direction that both have,
 * about ‖U_aᵀU_b‖_F² of them; pairs with the largest share of the smaller rank in common are tried
 * first. A trial merges the two sketches and finds by the samples of both what the union would
 * cost.
 */
final class PartMerge {

  /** Pairs whose bases have less than this share of the smaller rank in common are not tried. */
  private static final double LEAST_OVERLAP = 0.15;

  /** Trials for each cluster, on average. */
  private static final int TRIALS_PER_CLUSTER = 3;

  /** A cluster is tried with so many of those before it at most, the nearest. */
  private static final int PARTNERS = 8;

  /** Bases are compared for at most so many of the clusters that meet, those of most columns. */
  private static final int MOST_COMPARED = 2048;

  /** The origin of clusters that no part has compared with the others. */
  private static final int HERE = -1;

  /** A block joins a cluster if it saves this share of its cost alone. */
  private static final double WORTHWHILE = 0.98;

  /** What clusters merged to is put side by side with the others when there are so many. */
  private static final int FRESH = 64;

  /** Clusters before and while they merge. */
  private static final class Node {
    final RoaringBitmap members;
    final Sketch sketch;
    final Weighted samples;
    final OptionalInt shared;
    final Estimate estimate;
    final int origin;
    boolean alive = true;

    /**
     * @param shared what is planned; only what comes from a trial is replaced by what it tells
     */
    Node(
        RoaringBitmap members,
        Sketch sketch,
        Weighted samples,
        OptionalInt shared,
        Estimate estimate,
        int origin) {
      this.members = members;
      this.sketch = sketch;
      this.samples = samples;
      this.shared = shared;
      this.estimate = estimate;
      this.origin = origin;
    }
  }

  /**
   * What became of the parts.
   *
   * @param lone ascending
   */
  record Result(List<Cluster> clusters, List<Lone> lone) {}

  private record Pair(int left, int right, double common, double overlap) {}

  private final LinearAlgebra la;
  private final Precision precision;
  private final int rows;
  private final PartitionSettings settings;
  private final MatrixScope scope;
  private final DecisionTally decisions;

  private final List<BlockSketch> known = new ArrayList<>();
  private final List<Cluster> given = new ArrayList<>();
  private final List<Integer> origins = new ArrayList<>();
  private final List<Weighted> samples = new ArrayList<>();
  private final List<Lone> done = new ArrayList<>();
  private final List<Lone> seeking = new ArrayList<>();

  /** Where the blocks of {@link #seeking} are in {@link #known}. */
  private final List<Integer> seekers = new ArrayList<>();

  private final List<Node> nodes = new ArrayList<>();

  PartMerge(
      LinearAlgebra la,
      Precision precision,
      int rows,
      PartitionSettings settings,
      DecisionTally decisions,
      MatrixScope scope) {
    this.decisions = decisions;
    this.la = la;
    this.precision = precision;
    this.rows = rows;
    this.settings = settings;
    this.scope = scope;
  }

  /**
   * A cluster with its inside.
   *
   * @param origin the part that it comes from, from 0
   */
  void add(Cluster cluster, int origin) {
    given.add(cluster);
    origins.add(origin);
    List<Sample> inside = cluster.inside().orElseThrow().samples();
    samples.add(
        new Weighted(
            IntStream.range(known.size(), known.size() + inside.size()).toArray(),
            inside.stream().mapToDouble(Sample::weight).toArray()));
    inside.forEach(sample -> known.add(sample.block()));
  }

  /** A block that is alone. */
  void add(Lone lone) {
    if (lone.block().isPresent()) {
      seeking.add(lone);
      seekers.add(known.size());
      known.add(lone.block().get());
    } else {
      done.add(lone);
    }
  }

  Result run() {
    if (known.isEmpty()) {
      return new Result(List.of(), done);
    }
    Family family = new Family(la, precision, rows, known, decisions);
    Blocks blocks = new Blocks(family, settings);
    SharedCost costs = new SharedCost(blocks);
    ClusterSketcher sketcher = new ClusterSketcher(family, settings);
    for (int i = 0; i < given.size(); i++) {
      Cluster cluster = given.get(i);
      Sketch sketch = cluster.inside().orElseThrow().sketch();
      int[] tried = cluster.sharedDirections().stream().toArray();
      nodes.add(
          new Node(
              cluster.members(),
              sketch,
              samples.get(i),
              cluster.sharedDirections(),
              costs.of(sketch, samples.get(i), tried),
              origins.get(i)));
    }
    boolean[] found = new boolean[seeking.size()];
    join(blocks, costs, sketcher, found);
    findCompany(family, costs, sketcher, found);
    merge(costs, sketcher);
    // What clusters merged to serves blocks that neither of them did.
    join(blocks, costs, sketcher, found);
    return result(family, found);
  }

  /** Where blocks that are alone had better go. */
  private static final class Offers {
    /** The cluster that serves a block best, or −1, and the block's cost there. */
    final int[] home;

    final double[] price;

    /** The nearest cluster whose members have own directions, or −1, and what is outside of it. */
    final int[] nearest;

    final double[] outside;

    Offers(Blocks blocks) {
      home = new int[blocks.count];
      nearest = new int[blocks.count];
      outside = new double[blocks.count];
      Arrays.fill(home, -1);
      Arrays.fill(nearest, -1);
      Arrays.fill(outside, Double.POSITIVE_INFINITY);
      price = Arrays.stream(blocks.loneCosts).mapToDouble(x -> x * WORTHWHILE).toArray();
    }
  }

  /** Offers every block that is alone to all clusters; it joins the one that serves it best. */
  private void join(Blocks blocks, SharedCost costs, ClusterSketcher sketcher, boolean[] found) {
    Offers offers = new Offers(blocks);
    int[] left = IntStream.range(0, found.length).filter(i -> !found[i]).toArray();
    int[] positions = Arrays.stream(left).map(seekers::get).toArray();
    try (Batches all = new Batches(blocks, positions)) {
      for (int g = 0; g < nodes.size(); g++) {
        if (nodes.get(g).alive) {
          offer(g, blocks, all, offers);
        }
      }
    }
    for (int j : positions) {
      offerOwnDirections(j, costs, offers);
    }
    List<List<Integer>> joining = new ArrayList<>();
    nodes.forEach(node -> joining.add(new ArrayList<>()));
    for (int i : left) {
      int home = offers.home[seekers.get(i)];
      if (home >= 0) {
        joining.get(home).add(i);
        found[i] = true;
      }
    }
    for (int g = 0; g < joining.size(); g++) {
      if (!joining.get(g).isEmpty()) {
        nodes.set(g, joined(nodes.get(g), joining.get(g), costs, sketcher));
      }
    }
  }

  private void offer(int g, Blocks blocks, Batches all, Offers offers) {
    Node node = nodes.get(g);
    if (node.estimate.rank() == 0) {
      return;
    }
    long started = System.nanoTime();
    double allowed = blocks.limit() * blocks.limit();
    try (Matrix q = la.columns(node.sketch.basis(), 0, node.estimate.rank())) {
      all.project(
          q,
          (j, captured, outside) -> {
            double here = blocks.rowsNeeded(j, captured, outside) * (double) blocks.columns[j];
            boolean serves = outside <= allowed * blocks.energies[j];
            decisions.count(Proof.PROJECTION, serves ? Decision.ACCEPT : Decision.UNDECIDED, 1);
            if (serves && here < offers.price[j]) {
              offers.home[j] = g;
              offers.price[j] = here;
            }
            if (node.estimate.own() && outside < offers.outside[j]) {
              offers.nearest[j] = g;
              offers.outside[j] = outside;
            }
          });
    }
    decisions.took(Proof.PROJECTION, started);
  }

  /** With directions of its own a block may use a basis that does not serve it alone. */
  private void offerOwnDirections(int j, SharedCost costs, Offers offers) {
    if (offers.nearest[j] < 0) {
      return;
    }
    try (Matrix basis = basis(nodes.get(offers.nearest[j]))) {
      OptionalLong here = costs.besides(basis, j);
      if (here.isPresent() && here.getAsLong() < offers.price[j]) {
        offers.home[j] = offers.nearest[j];
        offers.price[j] = here.getAsLong();
      }
    }
  }

  private Node joined(
      Node node, List<Integer> joining, SharedCost costs, ClusterSketcher sketcher) {
    RoaringBitmap members = node.members.clone();
    joining.forEach(i -> members.add(seeking.get(i).position()));
    int[] positions = joining.stream().mapToInt(seekers::get).toArray();
    Sketch sketch = sketcher.with(node.sketch, positions);
    scope.own(sketch.basis());
    Weighted both = node.samples.and(Weighted.once(positions)).thinned(PartPlanner.SAMPLES);
    Estimate estimate = costs.of(sketch, both, own(node));
    return new Node(members, sketch, both, planned(node, estimate), estimate, HERE);
  }

  /** Own directions were found worthwhile by the strategy, which knows more than samples tell. */
  private static OptionalInt planned(Node before, Estimate estimate) {
    return before.estimate.own() && !estimate.own() ? before.shared : estimate.shared();
  }

  private static int[] own(Node node) {
    return node.estimate.own() ? node.estimate.shared().stream().toArray() : new int[0];
  }

  /** Those still alone are partitioned among themselves. */
  private void findCompany(
      Family family, SharedCost costs, ClusterSketcher sketcher, boolean[] found) {
    int[] left = IntStream.range(0, found.length).filter(i -> !found[i]).toArray();
    if (left.length < 2) {
      return;
    }
    Family alone =
        new Family(
            la,
            precision,
            rows,
            Arrays.stream(left).mapToObj(i -> family.block(seekers.get(i))).toList(),
            decisions);
    for (PlannedCluster planned : new AutoStrategy().plan(alone, settings, Extent.LEFT_OVER)) {
      if (planned.members().getCardinality() < 2) {
        continue;
      }
      int[] indices = Arrays.stream(planned.members().toArray()).map(k -> left[k]).toArray();
      RoaringBitmap members = new RoaringBitmap();
      for (int i : indices) {
        members.add(seeking.get(i).position());
        found[i] = true;
      }
      int[] positions = Arrays.stream(indices).map(seekers::get).toArray();
      Weighted samples = Weighted.once(positions).thinned(PartPlanner.SAMPLES);
      Sketch sketch = sketcher.of(positions);
      scope.own(sketch.basis());
      int[] tried = planned.sharedDirections().stream().toArray();
      nodes.add(
          new Node(
              members,
              sketch,
              samples,
              planned.sharedDirections(),
              costs.of(sketch, samples, tried),
              HERE));
    }
  }

  private void merge(SharedCost costs, ClusterSketcher sketcher) {
    PriorityQueue<Pair> pairs =
        new PriorityQueue<>(
            Comparator.comparingDouble((Pair pair) -> -pair.overlap)
                .thenComparingInt(Pair::left)
                .thenComparingInt(Pair::right));
    OptionalLong least = columnsToCompare();
    Overlaps overlaps = overlaps(least);
    try {
      for (int i = 0; i < nodes.size(); i++) {
        if (isCompared(nodes.get(i), least)) {
          compare(overlaps, i, pairs);
        }
      }
      int trials = TRIALS_PER_CLUSTER * nodes.size();
      int fresh = 0;
      while (!pairs.isEmpty() && trials > 0) {
        Pair pair = pairs.remove();
        Node left = nodes.get(pair.left);
        Node right = nodes.get(pair.right);
        if (!left.alive || !right.alive) {
          continue;
        }
        trials--;
        Optional<Node> merged = tried(left, right, pair.common, costs, sketcher);
        if (merged.isEmpty()) {
          continue;
        }
        left.alive = false;
        right.alive = false;
        nodes.add(merged.get());
        if (++fresh % FRESH == 0) {
          overlaps.close();
          overlaps = overlaps(least);
        } else {
          add(overlaps, nodes.size() - 1);
        }
        compare(overlaps, nodes.size() - 1, pairs);
      }
    } finally {
      overlaps.close();
    }
  }

  /** The fewest columns of a cluster that is compared, if not all are. */
  private OptionalLong columnsToCompare() {
    return nodes.size() <= MOST_COMPARED
        ? OptionalLong.empty()
        : OptionalLong.of(
            nodes.stream()
                    .map(each -> each.sketch.columns())
                    .sorted(Comparator.reverseOrder())
                    .skip(MOST_COMPARED)
                    .findFirst()
                    .orElseThrow()
                + 1);
  }

  private static boolean isCompared(Node node, OptionalLong least) {
    return least.isEmpty() || node.sketch.columns() >= least.getAsLong();
  }

  private Overlaps overlaps(OptionalLong least) {
    Overlaps overlaps = new Overlaps(la);
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).alive && isCompared(nodes.get(i), least)) {
        add(overlaps, i);
      }
    }
    return overlaps;
  }

  private void add(Overlaps overlaps, int number) {
    Node node = nodes.get(number);
    if (node.estimate.rank() > 0) {
      try (Matrix basis = basis(node)) {
        overlaps.add(number, basis);
      }
    }
  }

  private Matrix basis(Node node) {
    return la.columns(node.sketch.basis(), 0, node.estimate.rank());
  }

  /** Notes the pairs of a cluster with those before it that it was not compared with. */
  private void compare(Overlaps overlaps, int number, PriorityQueue<Pair> pairs) {
    Node node = nodes.get(number);
    if (node.estimate.rank() == 0) {
      return;
    }
    List<Pair> found = new ArrayList<>();
    try (Matrix basis = basis(node)) {
      overlaps.visit(
          basis,
          (i, common) -> {
            Node other = nodes.get(i);
            boolean known = node.origin != HERE && node.origin == other.origin;
            double share =
                Overlaps.beyondChance(common, node.estimate.rank(), other.estimate.rank(), rows);
            if (i < number && other.alive && !known && share >= LEAST_OVERLAP) {
              found.add(new Pair(i, number, common, share));
            }
          });
    }
    found.stream().sorted(pairs.comparator()).limit(PARTNERS).forEach(pairs::add);
  }

  /** The union, if it is cheaper than both. */
  private Optional<Node> tried(
      Node left, Node right, double common, SharedCost costs, ClusterSketcher sketcher) {
    long started = System.nanoTime();
    try (MatrixScope trial = new MatrixScope()) {
      Sketch sketch = sketcher.merged(left.sketch, right.sketch);
      trial.own(sketch.basis());
      Weighted both = left.samples.and(right.samples);
      int[] shared = sharedToTry(left, right, common);
      Estimate union = costs.of(sketch, both, shared);
      boolean pays =
          union.rank() > 0 && union.cost() < left.estimate.cost() + right.estimate.cost();
      decisions.count(Proof.INCREMENTAL, pays ? Decision.ACCEPT : Decision.REJECT, 1);
      decisions.took(Proof.INCREMENTAL, started);
      if (!pays) {
        return Optional.empty();
      }
      Weighted kept = both.thinned(PartPlanner.SAMPLES);
      Estimate next = costs.of(sketch, kept, union.own() ? shared : new int[0]);
      scope.own(trial.release(sketch.basis()));
      return Optional.of(
          new Node(
              RoaringBitmap.or(left.members, right.members),
              sketch,
              kept,
              union.shared(),
              next.rank() == 0 ? union : next,
              HERE));
    }
  }

  /**
   * Numbers of shared directions beside which the union is tried with own ones: those that both
   * have in common, and those that either has now.
   */
  private static int[] sharedToTry(Node left, Node right, double common) {
    return IntStream.concat(
            IntStream.of((int) Math.round(common)),
            IntStream.concat(Arrays.stream(own(left)), Arrays.stream(own(right))))
        .filter(s -> s > 0)
        .sorted()
        .distinct()
        .toArray();
  }

  private Result result(Family family, boolean[] found) {
    List<Cluster> clusters = new ArrayList<>();
    for (Node node : nodes) {
      if (node.alive) {
        clusters.add(
            new Cluster(
                node.members,
                node.shared,
                node.sketch.spectrum(),
                Optional.of(new Inside(node.sketch, PartPlanner.samples(family, node.samples)))));
      }
    }
    List<Lone> lone = new ArrayList<>(done);
    IntStream.range(0, found.length)
        .filter(i -> !found[i])
        .mapToObj(seeking::get)
        .forEach(lone::add);
    lone.sort(Comparator.comparingInt(Lone::position));
    return new Result(clusters, lone);
  }
}
