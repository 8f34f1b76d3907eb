package io.github.colonnade.jobs.compress;

import io.github.colonnade.bounds.Rank;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.jobs.compress.EncodeTask.ClusterTask;
import io.github.colonnade.jobs.compress.EncodeTask.MemberTask;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.svd.auto.AllStrategies;
import io.github.colonnade.svd.auto.AutoStrategy;
import io.github.colonnade.svd.auto.ExpectedCost;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.partition.BlockSketch;
import io.github.colonnade.svd.partition.DecisionTally;
import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import io.github.colonnade.svd.partition.PartitionStrategy;
import io.github.colonnade.svd.partition.PlannedCluster;
import io.github.colonnade.svd.sketch.Sketch;
import io.github.colonnade.svd.sketch.Sketcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.roaringbitmap.RoaringBitmap;

/**
 * Runs the strategy on one family and divides the clusters among output files.
 *
 * <p>For scope block, the blocks are scaled to unit energy, because each must meet the limit by
 * itself; for scope cluster they keep their proportions. Zero blocks need no basis and form a
 * cluster of rank 0. A cluster of more members than one file may hold is divided into clusters of
 * at most that many, in member order, so that the header of each file stays below its limit.
 */
public final class FamilyPartitioner {

  /** The payload bytes of the clusters in one output file, unless one cluster is larger. */
  static final long FILE_BYTES = 32L << 20;

  /** The most members of all clusters in one output file: each has an entry in its header. */
  public static final int MAX_MEMBERS = 100_000;

  /** The rank at which strategies try clusters when the user gave no limit: see {@link #rank}. */
  private static final double RANK_OVER_MEDIAN = 1.5;

  private static final int ROWS_PER_RANK = 8;

  /** Factor columns appended to a cluster's sketch at a time. */
  private static final int BATCH_COLUMNS = 1024;

  private final LinearAlgebra la;
  private final CompressSettings settings;
  private final Precision precision;
  private final int maxMembers;
  private final DecisionTally decisions;

  /**
   * @param maxMembers of one file and thus of one cluster, such as {@link #MAX_MEMBERS}
   * @param decisions where strategies count what bounds say
   */
  public FamilyPartitioner(
      LinearAlgebra la, CompressSettings settings, int maxMembers, DecisionTally decisions) {
    this.decisions = decisions;
    this.maxMembers = maxMembers;
    this.la = la;
    this.settings = settings;
    this.precision = settings.productPrecision();
  }

  /**
   * The files of a family.
   *
   * @param blocks all blocks with this many rows, sorted
   */
  public List<EncodeTask> partition(int rows, List<SketchedBlock> blocks) {
    if (settings.lost().isPresent()) {
      return files(rows, eachAlone(rows, blocks));
    }
    List<SketchedBlock> zero = blocks.stream().filter(FamilyPartitioner::isZero).toList();
    List<SketchedBlock> others = blocks.stream().filter(each -> !isZero(each)).toList();
    List<ClusterTask> clusters = new ArrayList<>();
    if (!others.isEmpty()) {
      clusters.addAll(partitionNonZero(rows, others));
    }
    List<MemberTask> members = zero.stream().map(each -> member(each, 0)).toList();
    return files(rows, clusters, members);
  }

  private List<ClusterTask> eachAlone(int rows, List<SketchedBlock> blocks) {
    List<ClusterTask> clusters = new ArrayList<>();
    for (SketchedBlock block : blocks) {
      long raw = StorageCost.raw(rows, block.block().columns());
      clusters.add(
          new ClusterTask(
              clusterId(rows, clusters.size()),
              List.of(member(block, raw)),
              new double[0],
              0,
              directionLimit(),
              OptionalInt.empty(),
              OptionalDouble.empty(),
              Optional.empty()));
    }
    return clusters;
  }

  /**
   * The files of clusters.
   *
   * @param given at most so many members in each as one file may hold
   * @param zero blocks that need no basis
   */
  List<EncodeTask> files(int rows, List<ClusterTask> given, List<MemberTask> zero) {
    List<ClusterTask> clusters = new ArrayList<>(given);
    for (int from = 0; from < zero.size(); from += maxMembers) {
      clusters.add(
          new ClusterTask(
              clusterId(rows, clusters.size()),
              zero.subList(from, Math.min(zero.size(), from + maxMembers)),
              new double[0],
              0,
              directionLimit(),
              OptionalInt.empty(),
              OptionalDouble.empty(),
              Optional.empty()));
    }
    return files(rows, clusters);
  }

  /**
   * About what {@code auto} is expected to store.
   *
   * @param blocks all of the family
   */
  ExpectedCost expectedCost(int rows, List<SketchedBlock> blocks) {
    int[] places = IntStream.range(0, blocks.size()).filter(i -> !isZero(blocks.get(i))).toArray();
    List<SketchedBlock> others = Arrays.stream(places).mapToObj(blocks::get).toList();
    int[] loneRanks = others.stream().mapToInt(each -> loneRank(rows, each)).toArray();
    double[] ofBlocks = new double[blocks.size()];
    if (loneRanks.length < 2) {
      for (int i = 0; i < places.length; i++) {
        ofBlocks[places[i]] = loneCost(rows, others.get(i), loneRanks[i]);
      }
      return new ExpectedCost(ofBlocks, List.of());
    }
    PartitionSettings options = options(rows, loneRanks);
    try (Family family = family(rows, others)) {
      ExpectedCost found = new AutoStrategy().expectedCost(family, options);
      for (int i = 0; i < places.length; i++) {
        ofBlocks[places[i]] = found.ofBlocks()[i];
      }
      return new ExpectedCost(
          ofBlocks,
          found.bases().stream()
              .map(
                  each ->
                      new ExpectedCost.Basis(
                          each.numbers(),
                          Arrays.stream(each.members()).map(i -> places[i]).toArray()))
              .toList());
    }
  }

  static boolean isZero(SketchedBlock block) {
    return block.squares().length == 0 && block.droppedEnergy() == 0;
  }

  static String clusterId(int rows, int number) {
    return "m" + rows + "-c" + number;
  }

  private List<ClusterTask> partitionNonZero(int rows, List<SketchedBlock> blocks) {
    int[] loneRanks = new int[blocks.size()];
    long[] loneCosts = new long[blocks.size()];
    for (int i = 0; i < loneRanks.length; i++) {
      loneRanks[i] = loneRank(rows, blocks.get(i));
      loneCosts[i] = loneCost(rows, blocks.get(i), loneRanks[i]);
    }
    PartitionSettings options = options(rows, loneRanks);
    try (Family family = family(rows, blocks)) {
      List<PlannedCluster> plan =
          settings.rank() > 0 ? List.of(whole(blocks.size())) : strategy().plan(family, options);
      return tasks(family, blocks, loneCosts, plan, options);
    }
  }

  /** What strategies are told of blocks that need these ranks by themselves. */
  PartitionSettings options(int rows, int[] loneRanks) {
    return PartitionSettings.of(settings.limit(), rank(rows, loneRanks), rankLimit(rows));
  }

  /** The clusters of a plan. */
  List<ClusterTask> tasks(
      Family family,
      List<SketchedBlock> blocks,
      long[] loneCosts,
      List<PlannedCluster> plan,
      PartitionSettings options) {
    List<ClusterTask> clusters = new ArrayList<>();
    Prospects prospects = new Prospects(settings, family, blocks, directionLimit());
    for (PlannedCluster planned : divided(plan)) {
      int[] members = planned.members().toArray();
      Spectrum spectrum = spectrum(family, planned.members(), options);
      List<MemberTask> tasks = new ArrayList<>();
      Arrays.stream(members).forEach(i -> tasks.add(member(blocks.get(i), loneCosts[i])));
      clusters.add(
          new ClusterTask(
              clusterId(family.rows(), clusters.size()),
              tasks,
              Prospect.squares(spectrum),
              spectrum.droppedEnergy(),
              directionLimit(),
              planned.sharedDirections(),
              OptionalDouble.empty(),
              prospects.of(members, spectrum)));
    }
    return clusters;
  }

  /** Where strategies count what bounds say. */
  DecisionTally decisions() {
    return decisions;
  }

  int loneRank(int rows, SketchedBlock block) {
    int useful = StorageCost.largestPayingRank(rows, block.block().columns());
    int needed = Rank.smallestFor(block.spectrum(), settings.maxError()).orElse(useful + 1);
    return Math.min(needed, useful + 1);
  }

  long loneCost(int rows, SketchedBlock block, int loneRank) {
    long columns = block.block().columns();
    return loneRank > rankLimit(rows)
        ? StorageCost.raw(rows, columns)
        : StorageCost.best(loneRank, rows, columns);
  }

  /** Without a limit nothing speaks against one basis for all. */
  private static PlannedCluster whole(int count) {
    RoaringBitmap all = new RoaringBitmap();
    all.add(0L, count);
    return PlannedCluster.of(all);
  }

  List<PlannedCluster> divided(Iterable<PlannedCluster> clusters) {
    List<PlannedCluster> divided = new ArrayList<>();
    for (PlannedCluster cluster : clusters) {
      if (cluster.members().getCardinality() <= maxMembers) {
        divided.add(cluster);
        continue;
      }
      int[] all = cluster.members().toArray();
      for (int from = 0; from < all.length; from += maxMembers) {
        int to = Math.min(all.length, from + maxMembers);
        divided.add(
            new PlannedCluster(
                RoaringBitmap.bitmapOf(Arrays.copyOfRange(all, from, to)),
                cluster.sharedDirections()));
      }
    }
    return divided;
  }

  static MemberTask member(SketchedBlock block, long loneCost) {
    return new MemberTask(
        block.ordinal(),
        block.index(),
        block.block(),
        block.exponent(),
        block.weightExponent(),
        block.sha256(),
        loneCost);
  }

  /** Own directions of blocks may make a basis of more columns than rows. */
  int directionLimit() {
    if (settings.rank() > 0) {
      return settings.rank();
    }
    return settings.method().rankLimit() == 0 ? Integer.MAX_VALUE : settings.method().rankLimit();
  }

  PartitionStrategy strategy() {
    return AllStrategies.byName(settings.method().strategy()).orElseThrow();
  }

  int rankLimit(int rows) {
    return settings.method().rankLimit() == 0 ? rows : settings.method().rankLimit();
  }

  /**
   * The rank at which strategies try clusters: the user's limit, or else half as much again as the
   * median block needs by itself, and at least an eighth of the rows, so that single columns (which
   * need rank 1 by themselves) can come together.
   */
  int rank(int rows, int[] loneRanks) {
    if (settings.method().rankLimit() > 0) {
      return settings.method().rankLimit();
    }
    if (settings.rank() > 0) {
      return settings.rank();
    }
    int[] sorted = loneRanks.clone();
    Arrays.sort(sorted);
    double wanted =
        Math.max(RANK_OVER_MEDIAN * sorted[sorted.length / 2], (double) rows / ROWS_PER_RANK);
    return Math.max(1, Math.min(rows, (int) Math.ceil(wanted)));
  }

  Family family(int rows, List<SketchedBlock> blocks) {
    int largest = blocks.stream().mapToInt(SketchedBlock::sketchExponent).max().orElse(0);
    List<BlockSketch> sketches = new ArrayList<>();
    for (SketchedBlock block : blocks) {
      double factor =
          settings.method().scope() == Scope.BLOCK
              ? 1 / Math.sqrt(block.spectrum().energy())
              : Math.scalb(1.0, Math.max(block.sketchExponent() - largest, smallestExponent()));
      sketches.add(
          new BlockSketch(
              block.factor().times(factor).matrix(la, rows, block.squares().length),
              block.spectrum().scaledBy(factor * factor),
              block.block().columns()));
    }
    return new Family(la, precision, rows, sketches, decisions);
  }

  /**
   * The least proportion of a block to the largest one, as a power of two. Below it products would
   * underflow in the run's precision, and what a block adds to a joint error is beyond rounding.
   */
  int smallestExponent() {
    return precision == Precision.FLOAT32 ? -50 : -400;
  }

  private Spectrum spectrum(Family family, RoaringBitmap members, PartitionSettings options) {
    if (members.getCardinality() == 1) {
      return family.block(members.first()).spectrum();
    }
    int rank = Math.min(family.rows(), options.rank() + options.oversampling());
    Sketcher sketcher = new Sketcher(la, precision, rank);
    Sketch sketch = sketcher.empty(family.rows());
    List<BlockSketch> batch = new ArrayList<>();
    int columns = 0;
    for (int member : members) {
      batch.add(family.block(member));
      columns += family.block(member).factor().columns();
      if (columns >= BATCH_COLUMNS) {
        sketch = append(sketcher, sketch, batch);
        batch.clear();
        columns = 0;
      }
    }
    try (Sketch all = batch.isEmpty() ? sketch : append(sketcher, sketch, batch)) {
      return all.spectrum();
    }
  }

  private Sketch append(Sketcher sketcher, Sketch sketch, List<BlockSketch> batch) {
    double dropped = 0;
    long columns = 0;
    List<Matrix> factors = new ArrayList<>();
    for (BlockSketch block : batch) {
      dropped += block.spectrum().droppedEnergy();
      columns += block.columns();
      factors.add(block.factor());
    }
    try (MatrixScope scope = new MatrixScope();
        sketch) {
      return sketcher.append(sketch, scope.own(la.concatenate(factors)), dropped, columns);
    }
  }

  private List<EncodeTask> files(int rows, List<ClusterTask> clusters) {
    List<EncodeTask> files = new ArrayList<>();
    List<ClusterTask> batch = new ArrayList<>();
    long bytes = 0;
    int members = 0;
    for (ClusterTask cluster : clusters) {
      if (!batch.isEmpty()
          && (bytes + cluster.sizeBytes() > FILE_BYTES
              || members + cluster.members().size() > maxMembers)) {
        files.add(file(rows, files.size(), batch));
        batch = new ArrayList<>();
        bytes = 0;
        members = 0;
      }
      batch.add(cluster);
      bytes += cluster.sizeBytes();
      members += cluster.members().size();
    }
    if (!batch.isEmpty()) {
      files.add(file(rows, files.size(), batch));
    }
    return files;
  }

  private static EncodeTask file(int rows, int number, List<ClusterTask> clusters) {
    String name = String.format(Locale.ROOT, "factors-m%d-%05d.safetensors", rows, number);
    return new EncodeTask(name, clusters, List.of(), StageTimes.none());
  }
}
