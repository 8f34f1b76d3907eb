package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.ScaledEnergy;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.svd.factor.BasisFinder.Basis;
import io.github.colonnade.svd.factor.StoredFactors.Attempt;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.lost.LostPlan;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * The columns of a block that are not kept as they are, and their factors.
 *
 * <p>Whole columns lose nothing, so the others may lose as much as the whole block may: they are
 * encoded as a block of their own within the limit ε·‖A‖/‖A_rest‖, repaired like any other, and
 * what is measured of them is put in proportion again.
 */
final class OtherColumns implements AutoCloseable {

  private final LinearAlgebra la;
  private final EncoderSettings settings;
  private final Member member;
  private final int[] channels;
  private final Matrix rest;
  private final double energy;
  private final Cluster cluster;

  /**
   * @param a the block of the member as its loader gives it, not modified
   * @param channels the columns that are kept as they are, ascending; not all of them
   */
  OtherColumns(
      LinearAlgebra la, EncoderSettings settings, Member member, Matrix a, int[] channels) {
    this.la = la;
    this.settings = settings;
    this.member = member;
    this.channels = channels;
    this.energy = la.energy(a);
    BitSet whole = new BitSet();
    Arrays.stream(channels).forEach(whole::set);
    int[] others = IntStream.range(0, a.columns()).filter(i -> !whole.get(i)).toArray();
    this.rest = la.selectColumns(a, others);
    Member part =
        new Member(0, others.length, member.exponent(), StorageCost.raw(a.rows(), others.length));
    this.cluster =
        new Cluster(la, a.rows(), List.of(part), i -> la.cast(rest, rest.precision()), Scope.BLOCK);
  }

  /**
   * What a block became.
   *
   * @param block whose encoding it is
   * @param attempt the factors of the other columns; nothing if all of these are lost
   */
  record Encoded(OtherColumns block, Optional<Attempt> attempt) {

    /**
     * The stored numbers.
     *
     * @param bytesPerNumber of the whole columns, to count the bitmap in numbers
     */
    long numbers(int bytesPerNumber) {
      return attempt.map(each -> each.numbers(block.settings.format())).orElse(0L)
          + StorageCost.raw(block.rest.rows(), block.channels.length)
          + LostPlan.bitmapNumbers(block.channels, bytesPerNumber);
    }

    /** ‖A − Â‖_F / ‖A‖_F. */
    double error() {
      double ofOthers = attempt.map(Attempt::error).orElse(1.0);
      return ofOthers * block.proportion();
    }

    Encoding.LowRank encoding(boolean intact) {
      EncodedBlock factors =
          attempt
              .map(each -> each.blocks().get(0))
              .orElse(new EncodedBlock(0, 0, new byte[0], false, 1, 1, OptionalDouble.empty()));
      EncodedBlock whole =
          new EncodedBlock(
              block.member.position(),
              factors.rows(),
              factors.coefficients(),
              factors.sparse(),
              factors.scale(),
              error(),
              OptionalDouble.empty(),
              block.channels);
      return new Encoding.LowRank(
          attempt.map(Attempt::rank).orElse(0),
          attempt.map(Attempt::basis).orElse(new byte[0]),
          new byte[0],
          List.of(whole),
          error(),
          OptionalDouble.empty(),
          block.scaledEnergy(),
          block.scaledEnergy(),
          Optional.empty(),
          intact);
    }
  }

  /** ‖A_rest‖ / ‖A‖. */
  private double proportion() {
    return energy == 0 ? 0 : Math.sqrt(cluster.energy(0) / energy);
  }

  private ScaledEnergy scaledEnergy() {
    return new ScaledEnergy(energy, member.exponent());
  }

  /**
   * The factors of the least rank within the limit of the settings, as stored.
   *
   * @param limit the limit less what rounding is expected to add
   * @return nothing if no rank that saves numbers keeps to it
   */
  Optional<Encoded> withinLimit(ErrorLimit limit) {
    double proportion = proportion();
    double allowed = settings.limit().value() * (1 - StoredFactors.SAFETY);
    if (proportion <= allowed) {
      return Optional.of(new Encoded(this, Optional.empty()));
    }
    int mostRank = cluster.largestUsefulRank(settings.rankLimit());
    if (mostRank == 0) {
      return Optional.empty();
    }
    // The proportion is above the limit, so both quotients are below 1.
    ErrorLimit ofOthers = new ErrorLimit(limit.value() / proportion, Scope.BLOCK);
    EncoderSettings stored =
        new EncoderSettings(
            new ErrorLimit(Math.min(1, settings.limit().value() / proportion), Scope.BLOCK),
            settings.rankLimit(),
            settings.format(),
            settings.repairs());
    FewDirections few = new FewDirections(ofOthers);
    Basis basis = new BasisFinder(la).find(cluster, mostRank, ofOthers.value(), few::found);
    try (Matrix vectors = basis.vectors();
        LeadingVectors all = new LeadingVectors(la, cluster, basis, mostRank, ofOthers.value())) {
      Projections projections = Projections.of(la, cluster, vectors, ofOthers.value());
      RankPlan.Choice choice =
          RankPlan.choose(cluster, projections, basis.spectrum(), mostRank, ofOthers);
      Attempt attempt = new StoredFactors(la, stored, cluster, all, mostRank).encode(choice);
      return attempt.members().isEmpty()
          ? Optional.empty()
          : Optional.of(new Encoded(this, Optional.of(attempt)));
    }
  }

  /**
   * The factors of a rank, or of the largest that the columns have.
   *
   * @param rank at least 1
   */
  Encoded atRank(int rank) {
    if (cluster.energy(0) == 0) {
      return new Encoded(this, Optional.empty());
    }
    Basis basis = new BasisFinder(la).find(cluster, rank, BasisFinder.GRAM_ACCURACY);
    try (Matrix vectors = basis.vectors()) {
      return new Encoded(
          this, Optional.of(new StoredFactors(la, settings, cluster, vectors, rank).encodeAll()));
    }
  }

  @Override
  public void close() {
    rest.close();
  }
}
