package io.github.colonnade.jobs.compress;

import io.github.colonnade.jobs.compress.EncodeTask.ClusterTask;
import io.github.colonnade.jobs.compress.EncodeTask.MemberTask;
import io.github.colonnade.jobs.compress.EncodeTask.StoredBasis;
import io.github.colonnade.svd.auto.BasisOffers;
import io.github.colonnade.svd.factor.GivenBasis;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.partition.DecisionTally;
import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Divides blocks that come to a collection among its bases and clusters of their own.
 *
 * <p>What {@link FamilyPartitioner} says about proportions, zero blocks and files holds here as
 * well. Blocks join only a basis of the number format that they would be stored in by themselves.
 */
final class JoiningPartitioner {

  private final LinearAlgebra la;
  private final CompressSettings settings;
  private final FamilyPartitioner partitioner;
  private final int maxMembers;
  private final List<StoredBasis> offered;

  /**
   * @param maxMembers as in {@link FamilyPartitioner}
   * @param offered the bases of the family, in the directory of the output
   * @param decisions where strategies count what bounds say
   */
  JoiningPartitioner(
      LinearAlgebra la,
      CompressSettings settings,
      int maxMembers,
      List<StoredBasis> offered,
      DecisionTally decisions) {
    this.la = la;
    this.settings = settings;
    this.partitioner = new FamilyPartitioner(la, settings, maxMembers, decisions);
    this.maxMembers = maxMembers;
    this.offered = offered;
  }

  /**
   * The files of some blocks of a family.
   *
   * @param blocks sorted
   */
  List<EncodeTask> partition(int rows, List<SketchedBlock> blocks) throws IOException {
    List<MemberTask> zero =
        blocks.stream()
            .filter(FamilyPartitioner::isZero)
            .map(each -> FamilyPartitioner.member(each, 0))
            .toList();
    List<SketchedBlock> others =
        blocks.stream().filter(each -> !FamilyPartitioner.isZero(each)).toList();
    List<ClusterTask> clusters = others.isEmpty() ? List.of() : partitionNonZero(rows, others);
    return partitioner.files(rows, clusters, zero);
  }

  private List<ClusterTask> partitionNonZero(int rows, List<SketchedBlock> blocks)
      throws IOException {
    int[] loneRanks = new int[blocks.size()];
    long[] loneCosts = new long[blocks.size()];
    for (int j = 0; j < loneRanks.length; j++) {
      loneRanks[j] = partitioner.loneRank(rows, blocks.get(j));
      loneCosts[j] = partitioner.loneCost(rows, blocks.get(j), loneRanks[j]);
    }
    PartitionSettings options = partitioner.options(rows, loneRanks);
    try (Family family = partitioner.family(rows, blocks);
        BasisOffers offers = new BasisOffers(family, options)) {
      offerAll(rows, blocks, offers);
      BasisOffers.Plan plan = offers.plan(partitioner.strategy());
      List<ClusterTask> clusters =
          new ArrayList<>(partitioner.tasks(family, blocks, loneCosts, plan.clusters(), options));
      for (int b = 0; b < offered.size(); b++) {
        List<MemberTask> members = new ArrayList<>();
        for (int j = 0; j < loneCosts.length; j++) {
          if (plan.bases()[j] == b) {
            members.add(FamilyPartitioner.member(blocks.get(j), loneCosts[j]));
          }
        }
        for (List<MemberTask> some : divided(members)) {
          clusters.add(joining(rows, clusters.size(), some, offered.get(b)));
        }
      }
      return clusters;
    }
  }

  private void offerAll(int rows, List<SketchedBlock> blocks, BasisOffers offers)
      throws IOException {
    List<FactorFormat> formats = blocks.stream().map(each -> format(each)).toList();
    try (StoredBases bases = new StoredBases(la, settings.place().output())) {
      for (StoredBasis each : offered) {
        Optional<FactorFormat> format = FactorFormat.of(bases.dtype(each));
        if (format.isEmpty() || !formats.contains(format.get())) {
          offers.skip();
          continue;
        }
        try (GivenBasis basis = bases.open(each, rows, format.get())) {
          offers.offer(basis.directions(), j -> formats.get(j) == format.get());
        }
      }
    }
  }

  private FactorFormat format(SketchedBlock block) {
    return FactorFormat.of(settings.method().storeDtype(), List.of(block.block().tensor().dtype()));
  }

  /** Runs of members that one subtask encodes; another entry for the same basis costs little. */
  private List<List<MemberTask>> divided(List<MemberTask> members) {
    List<List<MemberTask>> runs = new ArrayList<>();
    List<MemberTask> run = new ArrayList<>();
    long bytes = 0;
    for (MemberTask member : members) {
      long size = member.block().sizeBytes();
      if (!run.isEmpty()
          && (bytes + size > FamilyPartitioner.FILE_BYTES || run.size() == maxMembers)) {
        runs.add(run);
        run = new ArrayList<>();
        bytes = 0;
      }
      run.add(member);
      bytes += size;
    }
    if (!run.isEmpty()) {
      runs.add(run);
    }
    return runs;
  }

  private ClusterTask joining(int rows, int number, List<MemberTask> members, StoredBasis basis) {
    return new ClusterTask(
        FamilyPartitioner.clusterId(rows, number),
        members,
        new double[0],
        0,
        partitioner.directionLimit(),
        OptionalInt.empty(),
        OptionalDouble.empty(),
        Optional.empty(),
        Optional.of(basis));
  }
}
