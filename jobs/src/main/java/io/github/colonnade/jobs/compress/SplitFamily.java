package io.github.colonnade.jobs.compress;

import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.jobs.compress.EncodeTask.ClusterTask;
import io.github.colonnade.jobs.compress.EncodeTask.MemberTask;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.svd.auto.Part;
import io.github.colonnade.svd.auto.PartPlanner;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import io.github.colonnade.svd.partition.PlannedCluster;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.roaringbitmap.RoaringBitmap;

/**
 * Partitions runs of the blocks of a large family one by one, and merges what comes of them.
 *
 * <p>What {@link FamilyPartitioner} says about proportions and zero blocks holds here as well; each
 * part has its own largest block, and parts are brought to the larger one's where they meet.
 */
final class SplitFamily {

  private final LinearAlgebra la;
  private final CompressSettings settings;
  private final FamilyPartitioner partitioner;
  private final long openNumbers;

  /**
   * @param openNumbers as in {@link PartPlanner}
   */
  SplitFamily(
      LinearAlgebra la,
      CompressSettings settings,
      FamilyPartitioner partitioner,
      long openNumbers) {
    this.la = la;
    this.settings = settings;
    this.partitioner = partitioner;
    this.openNumbers = openNumbers;
  }

  /**
   * Partitions one run.
   *
   * @param blocks of the run, sorted
   */
  FamilyPart partition(int rows, int number, List<SketchedBlock> blocks, StageTimes times) {
    List<MemberTask> zero =
        blocks.stream()
            .filter(FamilyPartitioner::isZero)
            .map(each -> FamilyPartitioner.member(each, 0))
            .toList();
    List<SketchedBlock> others =
        blocks.stream().filter(each -> !FamilyPartitioner.isZero(each)).toList();
    if (others.isEmpty()) {
      return new FamilyPart(rows, number, 0, 1, List.of(), zero, List.of(), List.of(), times);
    }
    int[] loneRanks = others.stream().mapToInt(each -> partitioner.loneRank(rows, each)).toArray();
    List<MemberTask> members =
        IntStream.range(0, loneRanks.length)
            .mapToObj(
                i ->
                    FamilyPartitioner.member(
                        others.get(i), partitioner.loneCost(rows, others.get(i), loneRanks[i])))
            .toList();
    int rank = partitioner.rank(rows, loneRanks);
    int exponent = others.stream().mapToInt(SketchedBlock::sketchExponent).max().orElse(0);
    try (MatrixScope scope = new MatrixScope();
        Family family = partitioner.family(rows, others)) {
      Part part = planner(rows, rank).partition(family, scope);
      return new FamilyPart(
          rows,
          number,
          exponent,
          rank,
          members,
          zero,
          FamilyPart.clusters(part),
          FamilyPart.lone(part),
          times);
    }
  }

  /**
   * Merges neighbours.
   *
   * @param number of the node
   * @param parts in the order of their numbers, at least one
   */
  FamilyPart merge(int number, List<FamilyPart> parts, StageTimes times) {
    int rows = parts.get(0).rows();
    List<FamilyPart> some = parts.stream().filter(each -> !each.members().isEmpty()).toList();
    int rank = parts.stream().mapToInt(FamilyPart::rank).max().orElse(1);
    int exponent = some.stream().mapToInt(FamilyPart::exponent).max().orElse(0);
    List<MemberTask> members = new ArrayList<>();
    List<MemberTask> zero = new ArrayList<>();
    for (FamilyPart part : parts) {
      members.addAll(part.members());
      zero.addAll(part.zero());
    }
    try (MatrixScope scope = new MatrixScope()) {
      List<Part> open = new ArrayList<>();
      for (FamilyPart part : some) {
        open.add(part.part(la, factor(part, exponent), scope));
      }
      Part merged = planner(rows, rank).merge(open, scope);
      return new FamilyPart(
          rows,
          number,
          exponent,
          rank,
          members,
          zero,
          FamilyPart.clusters(merged),
          FamilyPart.lone(merged),
          times);
    }
  }

  private double factor(FamilyPart part, int exponent) {
    return settings.method().scope() == Scope.BLOCK
        ? 1
        : Math.scalb(1.0, Math.max(part.exponent() - exponent, partitioner.smallestExponent()));
  }

  private PartPlanner planner(int rows, int rank) {
    return new PartPlanner(
        la,
        settings.productPrecision(),
        rows,
        PartitionSettings.of(settings.limit(), rank, partitioner.rankLimit(rows)),
        openNumbers,
        partitioner.decisions());
  }

  /** The clusters of a family of which one part is left. */
  List<EncodeTask> files(FamilyPart whole) {
    List<ClusterTask> clusters = new ArrayList<>();
    for (FamilyPart.Found found : whole.clusters()) {
      PlannedCluster planned = new PlannedCluster(found.members(), found.sharedDirections());
      List<PlannedCluster> divided = partitioner.divided(List.of(planned));
      // Of some members of a cluster nothing is known but that they have energy.
      Spectrum spectrum =
          divided.size() == 1 ? found.spectrum() : Spectrum.ofKept(new double[0], 1);
      divided.forEach(each -> clusters.add(task(clusters.size(), whole, each, spectrum)));
    }
    for (FamilyPart.Lone lone : whole.lone()) {
      PlannedCluster alone = PlannedCluster.of(RoaringBitmap.bitmapOf(lone.position()));
      clusters.add(task(clusters.size(), whole, alone, lone.spectrum()));
    }
    return partitioner.files(whole.rows(), clusters, whole.zero());
  }

  private ClusterTask task(
      int number, FamilyPart whole, PlannedCluster planned, Spectrum spectrum) {
    return new ClusterTask(
        FamilyPartitioner.clusterId(whole.rows(), number),
        Arrays.stream(planned.members().toArray()).mapToObj(whole.members()::get).toList(),
        Prospect.squares(spectrum),
        spectrum.droppedEnergy(),
        partitioner.directionLimit(),
        planned.sharedDirections(),
        OptionalDouble.empty(),
        Optional.empty());
  }
}
