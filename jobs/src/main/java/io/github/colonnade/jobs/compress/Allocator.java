package io.github.colonnade.jobs.compress;

import io.github.colonnade.bounds.Allocation;
import io.github.colonnade.bounds.Allocation.Alternative;
import io.github.colonnade.bounds.Allocation.Share;
import io.github.colonnade.bounds.ScaledEnergy;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.bounds.TradeOff;
import io.github.colonnade.jobs.compress.EncodeTask.ClusterTask;
import io.github.colonnade.jobs.compress.EncodeTask.MemberTask;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Gives each cluster of a collection its own error limit, so that the joint error of all blocks is
 * within the limit of the run and few numbers are stored.
 *
 * <p>Let E_c be the energy of cluster c and ε_c its limit. The encoder keeps ‖M_c − M̂_c‖² ≤
 * ε_c²·E_c, whoever leaves the cluster, since those who leave keep to ε_c by themselves. So Σ
 * ε_c²·E_c ≤ ε²·Σ E_c is enough. The left side is divided by an {@link Allocation}; a cluster whose
 * members are cheaper apart at that price is dissolved.
 */
final class Allocator {

  /** The energies are those of sketches, which float32 has rounded by 2·2⁻²⁴ at most. */
  private static final double ROUNDING = 1e-6;

  /**
   * This share of the budget goes to all clusters alike, so that none misses its rank by a little
   * because its trade-off is an estimate.
   */
  private static final double SLACK = 2e-3;

  /** Estimates that differ by less than this do not tell which is cheaper. */
  private static final double SMALL_GAIN = 2e-3;

  private final CompressSettings settings;

  Allocator(CompressSettings settings) {
    this.settings = settings;
  }

  /** A cluster that may be given an error limit. */
  private record Part(ClusterTask task, Prospect prospect, List<Alternative> alternatives) {}

  /**
   * The same files, with the limits of their clusters.
   *
   * @param files of the whole run, in an order that does not depend on the subtasks
   */
  List<EncodeTask> allocate(List<EncodeTask> files) {
    List<ClusterTask> tasks = files.stream().flatMap(each -> each.clusters().stream()).toList();
    ScaledEnergy energy = ScaledEnergy.ZERO;
    int exponent = Integer.MIN_VALUE;
    for (ClusterTask task : tasks) {
      if (task.prospect().isPresent()) {
        energy = energy.plus(task.prospect().get().energy());
        exponent = Math.max(exponent, task.prospect().get().exponent());
      }
    }
    double limit = settings.maxError();
    double budget = limit * limit * (1 - ROUNDING) * energy.at(exponent);
    List<Part> parts = new ArrayList<>();
    double uniform = 0;
    for (ClusterTask task : tasks) {
      if (task.prospect().isPresent()) {
        Part part = part(task, task.prospect().get(), exponent);
        parts.add(part);
        uniform += numbersAt(limit, part);
      }
    }
    List<Share> shares =
        Allocation.divide(parts.stream().map(Part::alternatives).toList(), budget * (1 - SLACK));
    double lost = 0;
    double numbers = 0;
    for (Share share : shares) {
      numbers += share.numbers();
      for (double each : share.lost()) {
        lost += each;
      }
    }
    boolean alike = numbers > uniform * (1 - SMALL_GAIN) || lost > budget;
    double spare = Math.max(0, budget - lost) / energy.at(exponent);
    List<EncodeTask> allocated = new ArrayList<>();
    int next = 0;
    for (EncodeTask file : files) {
      List<ClusterTask> clusters = new ArrayList<>();
      for (ClusterTask task : file.clusters()) {
        if (task.prospect().isEmpty()) {
          clusters.add(task);
        } else if (alike) {
          double own = limit * Math.sqrt(1 - ROUNDING);
          clusters.add(together(task, task.prospect().get(), own));
          next++;
        } else {
          clusters.addAll(given(parts.get(next), shares.get(next), spare, exponent));
          next++;
        }
      }
      allocated.add(new EncodeTask(file.file(), clusters, file.copies(), file.times()));
    }
    return allocated;
  }

  private Part part(ClusterTask task, Prospect prospect, int exponent) {
    double factor = factor(prospect, exponent);
    List<Alternative> alternatives = new ArrayList<>();
    if (task.members().size() > 1) {
      alternatives.add(new Alternative(List.of(prospect.together().scaledBy(factor))));
    }
    List<TradeOff> alone = new ArrayList<>();
    for (int i = 0; i < task.members().size(); i++) {
      alone.add(alone(task, prospect, i).scaledBy(factor));
    }
    alternatives.add(new Alternative(alone));
    return new Part(task, prospect, alternatives);
  }

  private static double factor(Prospect prospect, int exponent) {
    return Math.scalb(1.0, 2 * (prospect.exponent() - exponent));
  }

  private TradeOff alone(ClusterTask task, Prospect prospect, int index) {
    MemberTask member = task.members().get(index);
    FactorFormat format =
        FactorFormat.of(settings.method().storeDtype(), List.of(member.block().tensor().dtype()));
    return TradeOff.ofMatrix(
        prospect.members().get(index),
        member.block().rows(),
        member.block().columns(),
        task.rankLimit(),
        format.typicalRounding());
  }

  /** What a cluster costs when all have the limit of the run. */
  private static double numbersAt(double limit, Part part) {
    TradeOff curve = part.alternatives.get(0).pieces().get(0);
    return curve.numbersWithin(limit * limit * curve.lost(curve.size() - 1));
  }

  /**
   * A part with the limits of its share.
   *
   * @param spare what is left of the budget for each unit of energy: it goes to all by their
   *     energies, so that none is left with the expected error of rounding alone
   */
  private List<ClusterTask> given(Part part, Share share, double spare, int exponent) {
    Prospect prospect = part.prospect;
    double factor = factor(prospect, exponent);
    if (part.alternatives.get(share.alternative()).pieces().size() == 1) {
      double energy = prospect.members().stream().mapToDouble(Spectrum::energy).sum() * factor;
      return List.of(
          together(part.task, prospect, limit(share.lost()[0] + spare * energy, energy)));
    }
    List<ClusterTask> apart = new ArrayList<>();
    for (int i = 0; i < part.task.members().size(); i++) {
      Spectrum spectrum = prospect.members().get(i);
      double energy = spectrum.energy() * factor;
      double limit = limit(share.lost()[i] + spare * energy, energy);
      apart.add(
          new ClusterTask(
              part.task.id() + "-" + i,
              List.of(member(part.task, prospect, i, limit)),
              Prospect.squares(spectrum),
              spectrum.droppedEnergy(),
              part.task.rankLimit(),
              OptionalInt.empty(),
              OptionalDouble.of(limit),
              Optional.empty()));
    }
    return apart;
  }

  /** √(lost / energy), at most 1; 1 where there is nothing to lose beside the other clusters. */
  private static double limit(double lost, double energy) {
    return lost >= energy ? 1 : Math.sqrt(lost / energy);
  }

  private ClusterTask together(ClusterTask task, Prospect prospect, double limit) {
    List<MemberTask> members = new ArrayList<>();
    for (int i = 0; i < task.members().size(); i++) {
      members.add(member(task, prospect, i, limit));
    }
    return new ClusterTask(
        task.id(),
        members,
        task.squares(),
        task.droppedEnergy(),
        task.rankLimit(),
        task.sharedDirections(),
        OptionalDouble.of(limit),
        Optional.empty());
  }

  private MemberTask member(ClusterTask task, Prospect prospect, int index, double limit) {
    MemberTask member = task.members().get(index);
    double allowed = limit * limit * prospect.members().get(index).energy();
    return new MemberTask(
        member.ordinal(),
        member.index(),
        member.block(),
        member.exponent(),
        member.weightExponent(),
        member.sha256(),
        alone(task, prospect, index).numbersWithin(allowed));
  }
}
