package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.svd.factor.BasisFinder.Basis;
import io.github.colonnade.svd.factor.RankPlan.Choice;
import io.github.colonnade.svd.factor.StoredFactors.Attempt;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.lost.LostPlan;
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
 * alone are encoded by themselves, and so is everybody if sharing turns out to cost more; that is
 * tried where sharing saves less than whole columns might. A block by itself may keep some of its
 * columns as they are ({@link WholeColumns}). A block that no rank brings to the limit for fewer
 * numbers than its own stays raw. At a limit of 1 nothing is stored. Nothing is returned that was
 * not measured.
 *
 * <p>Not safe for use by several threads.
 */
public final class ClusterEncoder {

  private final LinearAlgebra la;
  private final EncoderSettings settings;
  private final BasisFinder bases;
  private final Optional<WholeColumns> columns;
  private final boolean mayLeaveOut;

  /** An encoder that keeps no columns. */
  public ClusterEncoder(LinearAlgebra la, EncoderSettings settings) {
    this(la, settings, Optional.empty(), true);
  }

  private ClusterEncoder(
      LinearAlgebra la,
      EncoderSettings settings,
      Optional<WholeColumns> columns,
      boolean mayLeaveOut) {
    this.la = la;
    this.settings = settings;
    this.bases = new BasisFinder(la);
    this.columns = columns;
    this.mayLeaveOut = mayLeaveOut;
  }

  /** An encoder that keeps columns of blocks by themselves where that takes fewer numbers. */
  public static ClusterEncoder keepingColumns(LinearAlgebra la, EncoderSettings settings) {
    return withColumns(la, settings, true);
  }

  /**
   * An encoder of blocks by themselves for layers, which multiply by dense factors: it may keep
   * columns, and leaves out no single coefficients.
   */
  public static ClusterEncoder ofLayers(LinearAlgebra la, EncoderSettings settings) {
    return withColumns(la, settings, false);
  }

  private static ClusterEncoder withColumns(
      LinearAlgebra la, EncoderSettings settings, boolean mayLeaveOut) {
    WholeColumns columns = new WholeColumns(la, settings, limitBeforeRounding(settings));
    return new ClusterEncoder(la, settings, Optional.of(columns), mayLeaveOut);
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
    Optional<Encoding.LowRank> shared =
        members.size() > 1
            ? new SharedEncoder(la, settings, limitBeforeRounding(settings))
                .encode(rows, members, sharedDirections, loader)
            : Optional.empty();
    if (shared.isEmpty()) {
      return alone(rows, members, loader, members.size() == 1);
    }
    Set<Integer> positions = new HashSet<>();
    shared.get().blocks().forEach(each -> positions.add(each.position()));
    List<Member> together =
        members.stream().filter(each -> positions.contains(each.position())).toList();
    List<Encoding> result = new ArrayList<>();
    long numbers = shared.get().numbers(settings.format());
    if (columns.isEmpty() || numbers <= leastAlone(rows, together)) {
      result.add(shared.get());
    } else {
      List<Encoding> apart = alone(rows, together, loader, false);
      if (numbers(rows, together, apart, loader) < numbers) {
        result.addAll(apart);
      } else {
        result.add(shared.get());
      }
    }
    List<Member> others =
        members.stream().filter(each -> !positions.contains(each.position())).toList();
    result.addAll(alone(rows, others, loader, false));
    return result;
  }

  private List<Encoding> alone(int rows, List<Member> members, BlockLoader loader, boolean intact) {
    List<Encoding> encodings = new ArrayList<>();
    for (Member member : members) {
      encodings.add(encodeAlone(rows, member, loader, intact));
    }
    return encodings;
  }

  private long numbers(
      int rows, List<Member> members, List<Encoding> encodings, BlockLoader loader) {
    long numbers = 0;
    for (int i = 0; i < encodings.size(); i++) {
      Member member = members.get(i);
      if (encodings.get(i) instanceof Encoding.LowRank factors) {
        int[] channels = factors.blocks().get(0).channels();
        numbers +=
            factors.numbers(settings.format())
                + StorageCost.raw(rows, channels.length)
                + LostPlan.bitmapNumbers(channels, loader.sourceBytes(member.position()));
      } else {
        numbers += StorageCost.raw(rows, member.columns());
      }
    }
    return numbers;
  }

  /**
   * What members take at least when each is by itself. Without k columns a block needs a rank of at
   * least r − k if it needs r with all (singular values interlace), so no choice of columns takes
   * fewer than r·m numbers, and no choice of coefficients either.
   */
  private static long leastAlone(int rows, List<Member> members) {
    long least = 0;
    for (Member each : members) {
      least += each.loneCost() / (rows + each.columns()) * rows;
    }
    return least;
  }

  private Encoding encodeAlone(int rows, Member member, BlockLoader loader, boolean intact) {
    Cluster cluster = new Cluster(la, rows, List.of(member), loader, Scope.BLOCK);
    if (cluster.energy(0) == 0) {
      return StoredFactors.zero(List.of(member), intact);
    }
    int mostRank = cluster.largestUsefulRank(settings.rankLimit());
    ErrorLimit limit = limitBeforeRounding(settings);
    boolean tryEntries = mayLeaveOut && EntryPlan.serves(limit);
    int most = tryEntries ? RaggedPlan.mostDirections(cluster, settings.rankLimit()) : mostRank;
    Optional<Encoding> found = Optional.empty();
    long numbers = StorageCost.raw(rows, member.columns());
    FewDirections few = new FewDirections(limit);
    try (MatrixScope scope = new MatrixScope()) {
      Basis basis =
          mostRank > 0
              ? bases.find(cluster, most, settings.limit().value(), few)
              : nothing(rows, cluster.energy(0));
      scope.own(basis.vectors());
      if (mostRank > 0) {
        Attempt attempt = withVectors(cluster, basis, few, most, mostRank, limit, tryEntries);
        if (attempt.members().isEmpty() && !basis.isExact()) {
          scope.release(basis.vectors()).close();
          basis = bases.find(cluster, most, settings.limit().value(), few::found);
          scope.own(basis.vectors());
          attempt = withVectors(cluster, basis, few, most, mostRank, limit, tryEntries);
        }
        if (!attempt.members().isEmpty()) {
          found = Optional.of(attempt.encoding(basis.exactSpectrum(), intact));
          numbers = attempt.numbers(settings.format());
        }
      }
      if (columns.isPresent()) {
        Optional<Encoding.LowRank> withColumns =
            columns.get().encode(member, loader, cluster, basis.vectors(), numbers, intact);
        if (withColumns.isPresent()) {
          return withColumns.get();
        }
      }
    }
    if (found.isPresent()) {
      return found.get();
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

  /** A block by itself on leading vectors of its own, as many as its plans may use. */
  private Attempt withVectors(
      Cluster cluster,
      Basis basis,
      FewDirections few,
      int most,
      int mostRank,
      ErrorLimit limit,
      boolean tryEntries) {
    try (LeadingVectors all =
        new LeadingVectors(la, cluster, basis, most, settings.limit().value())) {
      StoredFactors factors = new StoredFactors(la, settings, cluster, all, mostRank);
      Optional<Attempt> attempt = Optional.empty();
      for (int directions : few.lookedAt(basis.spectrum())) {
        boolean isAll = directions == basis.spectrum().size();
        try (MatrixScope scope = new MatrixScope()) {
          Matrix vectors =
              directions == basis.vectors().columns()
                  ? basis.vectors()
                  : scope.own(all.first(directions));
          attempt = attempt(cluster, basis, vectors, isAll, factors, mostRank, limit, tryEntries);
        }
        if (attempt.isPresent()) {
          break;
        }
      }
      return attempt.orElseGet(Attempt::none);
    }
  }

  /**
   * @param isAll whether these are all vectors of the basis
   * @return nothing if plans might use more vectors
   */
  private Optional<Attempt> attempt(
      Cluster cluster,
      Basis basis,
      Matrix vectors,
      boolean isAll,
      StoredFactors factors,
      int mostRank,
      ErrorLimit limit,
      boolean tryEntries) {
    long raw = StorageCost.raw(cluster.rows(), cluster.columns());
    int directions = vectors.columns();
    try (Projections projections = Projections.keeping(la, cluster, vectors, limit.value())) {
      if (!isAll && projections.neededRanks()[0] > directions) {
        return Optional.empty();
      }
      Optional<EntryPlan> entries = Optional.empty();
      if (tryEntries) {
        int size = settings.format().sizeBytes();
        EntryPlan plan = EntryPlan.cheapest(la, cluster, vectors, projections, limit, size);
        boolean isEnough = plan.cost() < raw && FewDirections.isEnough(plan.shared(), directions);
        if (!isAll && !isEnough) {
          return Optional.empty();
        }
        entries = Optional.of(plan);
      }
      Choice choice = RankPlan.choose(cluster, projections, basis.spectrum(), mostRank, limit);
      Attempt attempt = factors.encode(choice);
      if (entries.isPresent()) {
        try (Matrix leading = la.columns(vectors, 0, entries.get().shared())) {
          Attempt other =
              new EntryFactors(la, settings, cluster, factors, limit)
                  .encode(leading, vectors, projections, 1);
          attempt = cheaper(attempt, other, raw);
        }
      }
      return Optional.of(attempt);
    }
  }

  private Basis nothing(int rows, double energy) {
    return new Basis(
        la.zeros(rows, 0, Precision.FLOAT64), Spectrum.ofKept(new double[0], energy), true);
  }

  /** The one that stores less than the other and than {@code raw} numbers, the first of equals. */
  private Attempt cheaper(Attempt first, Attempt second, long raw) {
    long least = first.members().isEmpty() ? raw : first.numbers(settings.format());
    boolean better = !second.members().isEmpty() && second.numbers(settings.format()) < least;
    return better ? second : first;
  }

  /** The limit less what rounding is expected to add. */
  static ErrorLimit limitBeforeRounding(EncoderSettings settings) {
    double limit = settings.limit().value();
    double rounding = settings.format().typicalRounding();
    double left = Math.sqrt(Math.max(0, limit * limit - rounding * rounding));
    return new ErrorLimit(left, settings.limit().scope());
  }
}
