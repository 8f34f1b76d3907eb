package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.svd.factor.BasisFinder.Basis;
import io.github.colonnade.svd.factor.RankPlan.Choice;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Encodes a cluster so that its error, measured on the factors as stored, meets the limit.
 *
 * <p>The members are first encoded together ({@link SharedEncoder}). Those that are better off
 * alone are encoded by themselves, and so is everybody if sharing turns out to cost more. A block
 * that no rank brings to the limit for fewer numbers than its own stays raw. At a limit of 1
 * nothing is stored. Nothing is returned that was not measured.
 *
 * <p>Not safe for use by several threads.
 */
public final class ClusterEncoder {

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
   * @param sharedDirections how many directions of their joint basis the members had better share
   *     when each may add own ones; empty if nobody is to add any
   * @return each member in exactly one encoding
   */
  public List<Encoding> encode(
      int rows, List<Member> members, OptionalInt sharedDirections, BlockLoader loader) {
    if (settings.limit().value() == 1) {
      return List.of(
          StoredFactors.lost(new Cluster(la, rows, members, loader, settings.limit().scope())));
    }
    List<Encoding> result = new ArrayList<>();
    Set<Member> together = new HashSet<>();
    if (members.size() > 1) {
      new SharedEncoder(la, settings, limitBeforeRounding())
          .encode(rows, members, sharedDirections, loader)
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

  private Encoding encodeAlone(int rows, Member member, BlockLoader loader, boolean intact) {
    Cluster cluster = new Cluster(la, rows, List.of(member), loader, Scope.BLOCK);
    if (cluster.energy(0) == 0) {
      return StoredFactors.zero(List.of(member), intact);
    }
    int mostRank = cluster.largestUsefulRank(settings.rankLimit());
    if (mostRank > 0) {
      Basis basis = bases.find(cluster, mostRank, settings.limit().value());
      try (Matrix vectors = basis.vectors()) {
        ErrorLimit limit = limitBeforeRounding();
        Projections projections = Projections.of(la, cluster, vectors, limit.value());
        Choice choice = RankPlan.choose(cluster, projections, basis.spectrum(), mostRank, limit);
        StoredFactors.Attempt attempt =
            new StoredFactors(la, settings, cluster, vectors, mostRank).encode(choice);
        if (!attempt.members().isEmpty()) {
          return attempt.encoding(Optional.of(basis.spectrum()), intact);
        }
      }
    }
    return new Encoding.Raw(
        member.position(),
        cluster.plainEnergy(List.of(0)),
        cluster.energy(List.of(0)),
        "no rank up to "
            + mostRank
            + " meets the limit with fewer than the block's own "
            + StorageCost.raw(rows, member.columns())
            + " numbers");
  }

  private ErrorLimit limitBeforeRounding() {
    double limit = settings.limit().value();
    double rounding = settings.format().typicalRounding();
    double left = Math.sqrt(Math.max(0, limit * limit - rounding * rounding));
    return new ErrorLimit(left, settings.limit().scope());
  }
}
