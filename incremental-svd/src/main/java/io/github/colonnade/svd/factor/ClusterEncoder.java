package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.svd.factor.BasisFinder.Basis;
import io.github.colonnade.svd.factor.RankPlan.Choice;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Encodes a cluster so that its error, measured on the factors as stored, meets the limit.
 *
 * <p>The members are first encoded together at the least rank whose projections meet the limit.
 * Rounding to the storage format adds an error that only the measurement shows; where it breaks the
 * limit, the rank is raised or members leave, whichever costs less. Members that left are encoded
 * by themselves, and so is everybody if sharing turns out to cost more. A block that no rank brings
 * to the limit for fewer numbers than its own stays raw. Nothing is returned that was not measured.
 *
 * <p>Not safe for use by several threads.
 */
public final class ClusterEncoder {

  /** How often a smaller set of members gets a basis of its own. */
  private static final int MAX_ROUNDS = 3;

  /**
   * The share of the unit roundoff that rounding both factors typically adds to the relative error:
   * each entry's error is uniform within the unit roundoff of its binade.
   */
  private static final double TYPICAL_ROUNDING = 0.6;

  private final LinearAlgebra la;
  private final EncoderSettings settings;
  private final BasisFinder bases;

  public ClusterEncoder(LinearAlgebra la, EncoderSettings settings) {
    this.la = la;
    this.settings = settings;
    this.bases = new BasisFinder(la);
  }

  /**
   * Encodes blocks that a strategy put together.
   *
   * @param rows m
   * @param members at least one
   * @return each member in exactly one encoding
   */
  public List<Encoding> encode(int rows, List<Member> members, BlockLoader loader) {
    List<Encoding> result = new ArrayList<>();
    Set<Member> together = new HashSet<>();
    if (members.size() > 1) {
      encodeTogether(rows, members, loader)
          .ifPresent(
              shared -> {
                Set<Integer> positions = new HashSet<>();
                shared.blocks().forEach(each -> positions.add(each.position()));
                members.stream()
                    .filter(each -> positions.contains(each.position()))
                    .forEach(together::add);
                result.add(shared);
              });
    }
    for (Member member : members) {
      if (!together.contains(member)) {
        result.add(encodeAlone(rows, member, loader, members.size() == 1));
      }
    }
    return result;
  }

  /** The largest set of members that is worth a basis, if there is one of at least two. */
  private Optional<Encoding.LowRank> encodeTogether(
      int rows, List<Member> members, BlockLoader loader) {
    List<Member> stay = members;
    for (int round = 1; stay.size() > 1; round++) {
      Cluster cluster = new Cluster(la, rows, stay, loader, settings.limit().scope());
      int mostRank = cluster.largestUsefulRank(settings.rankLimit());
      Basis basis = bases.find(cluster, mostRank, settings.limit().value());
      try (Matrix vectors = basis.vectors()) {
        Choice choice = RankPlan.choose(la, cluster, basis, limitBeforeRounding());
        if (choice.members().size() < stay.size() && round < MAX_ROUNDS) {
          // A basis for the members that stay serves them better than one for all.
          stay = choice.members();
          continue;
        }
        StoredFactors.Attempt attempt =
            new StoredFactors(la, settings, cluster, vectors, mostRank).encode(choice);
        boolean intact = attempt.members().size() == members.size();
        // The basis was found for all that stayed; if some left since, its spectrum is another's.
        Optional<Spectrum> spectrum =
            attempt.members().size() == cluster.count()
                ? Optional.of(basis.spectrum())
                : Optional.empty();
        return attempt.members().size() < 2
            ? Optional.empty()
            : Optional.of(attempt.encoding(spectrum, intact));
      }
    }
    return Optional.empty();
  }

  private Encoding encodeAlone(int rows, Member member, BlockLoader loader, boolean intact) {
    Cluster cluster = new Cluster(la, rows, List.of(member), loader, Scope.BLOCK);
    if (cluster.energy(0) == 0) {
      return StoredFactors.zero(List.of(member), intact);
    }
    int mostRank = cluster.largestUsefulRank(settings.rankLimit());
    if (mostRank > 0) {
      Basis basis = bases.find(cluster, mostRank, settings.limit().value());
      try (Matrix vectors = basis.vectors()) {
        Choice choice = RankPlan.choose(la, cluster, basis, limitBeforeRounding());
        StoredFactors.Attempt attempt =
            new StoredFactors(la, settings, cluster, vectors, mostRank).encode(choice);
        if (!attempt.members().isEmpty()) {
          return attempt.encoding(Optional.of(basis.spectrum()), intact);
        }
      }
    }
    return new Encoding.Raw(
        member.position(),
        "no rank up to "
            + mostRank
            + " meets the limit with fewer than the block's own "
            + StorageCost.raw(rows, member.columns())
            + " numbers");
  }

  private ErrorLimit limitBeforeRounding() {
    double limit = settings.limit().value();
    double rounding = TYPICAL_ROUNDING * settings.format().unitRoundoff();
    double left = Math.sqrt(Math.max(0, limit * limit - rounding * rounding));
    return new ErrorLimit(left, settings.limit().scope());
  }
}
