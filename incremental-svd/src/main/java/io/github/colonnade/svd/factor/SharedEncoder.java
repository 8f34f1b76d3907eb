package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.svd.factor.BasisFinder.Basis;
import io.github.colonnade.svd.factor.StoredFactors.Attempt;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Encodes members that share a basis, as far as that pays.
 *
 * <p>There are two ways to plan the use of a basis: each member uses all of it ({@link RankPlan}),
 * or the directions of its choice ({@link RaggedPlan}). A third is tried with everybody, and with
 * the members of the second: of all coefficients on a longer basis only the largest are stored
 * ({@link EntryPlan}). Members that are better off alone leave, and those that stay get a basis of
 * their own, which serves them better; but not always each of them, so of all rounds the cheapest
 * counts. Both ways are gone to their end, so that the result is never more than the first alone
 * would give.
 *
 * <p>Rounding to the storage format adds an error that only the measurement shows. Where it breaks
 * the limit, members get more rows, the rank is raised, or members leave. If the second way then
 * costs more than the first promised, the first is encoded too, and the stored numbers decide.
 */
final class SharedEncoder {

  /** How often a smaller set of members gets a basis of its own, on each way. */
  private static final int MAX_ROUNDS = 3;

  private final LinearAlgebra la;
  private final EncoderSettings settings;
  private final ErrorLimit limit;
  private final BasisFinder bases;

  /**
   * @param limit the limit less what rounding is expected to add
   */
  SharedEncoder(LinearAlgebra la, EncoderSettings settings, ErrorLimit limit) {
    this.la = la;
    this.settings = settings;
    this.limit = limit;
    this.bases = new BasisFinder(la);
  }

  /**
   * Finds the cheapest way for these members and encodes it.
   *
   * @param members at least two
   * @param shared as in {@link ClusterEncoder#encode}
   * @return a cluster of at least two members, if one is worth its basis
   */
  Optional<Encoding.LowRank> encode(
      int rows, List<Member> members, OptionalInt shared, BlockLoader loader) {
    try (Search search = new Search(rows, members, shared, loader)) {
      search.follow(Way.ALL_DIRECTIONS);
      search.follow(Way.ITS_OWN_CHOICE);
      return search.encode();
    }
  }

  /** What a member uses; its own choice includes all. */
  private enum Way {
    ALL_DIRECTIONS,
    ITS_OWN_CHOICE
  }

  /**
   * A basis for some members, and how they would use it.
   *
   * @param basis perhaps not all of its vectors
   * @param vectors those of them that were looked at, copied
   */
  private record Round(
      Cluster cluster,
      Basis basis,
      Matrix vectors,
      Projections projections,
      int mostRank,
      RankPlan.Choice rigid,
      Optional<RaggedPlan> ragged,
      Optional<EntryPlan> entries)
      implements AutoCloseable {

    /** Whether looking at more vectors would change nothing, as far as these plans can tell. */
    boolean isEnough(Scope scope) {
      int directions = vectors.columns();
      boolean servesAll =
          scope == Scope.CLUSTER
              || Arrays.stream(projections.neededRanks()).allMatch(rank -> rank <= directions);
      return servesAll
          && ragged.stream().allMatch(plan -> FewDirections.isEnough(plan.reach(), directions))
          && entries.stream().allMatch(plan -> FewDirections.isEnough(plan.shared(), directions));
    }

    boolean prefersRagged() {
      return ragged.isPresent() && ragged.get().cost() < rigid.cost();
    }

    /** What the members cost, those included that leave. */
    long cost(Way way) {
      return way == Way.ITS_OWN_CHOICE && prefersRagged()
          ? ragged.orElseThrow().cost()
          : rigid.cost();
    }

    List<Member> sharing(Way way) {
      return way == Way.ITS_OWN_CHOICE && prefersRagged()
          ? ragged.orElseThrow().sharing(cluster)
          : rigid.members();
    }

    /** Closes what is not the basis. */
    void closeView() {
      projections.close();
      vectors.close();
    }

    @Override
    public void close() {
      closeView();
      basis.vectors().close();
    }
  }

  /**
   * A round that may be the cheapest.
   *
   * @param cost of all members, those that left before included
   */
  private record Candidate(Round round, long cost) {}

  private final class Search implements AutoCloseable {
    private final int rows;
    private final List<Member> members;
    private final OptionalInt shared;
    private final BlockLoader loader;
    private final long alone;

    // The members of each round and who of them shares; only the cheapest rounds are kept.
    private final Map<List<Member>, Map<Way, List<Member>>> rounds = new HashMap<>();
    private final Map<Way, Candidate> best = new EnumMap<>(Way.class);

    /** Everybody's single coefficients, and what they cost with those who are left alone. */
    private Optional<Encoding.LowRank> everybody = Optional.empty();

    private long everybodyCost = Long.MAX_VALUE;

    Search(int rows, List<Member> members, OptionalInt shared, BlockLoader loader) {
      this.rows = rows;
      this.members = members;
      this.shared = shared;
      this.loader = loader;
      this.alone = loneCost(members);
    }

    /** Lets those leave that are better off alone, as often as it takes. */
    void follow(Way way) {
      List<Member> stay = members;
      for (int number = 1; number <= MAX_ROUNDS && stay.size() > 1; number++) {
        List<Member> sharing = sharing(stay).get(way);
        if (sharing == null || sharing.size() == stay.size()) {
          return;
        }
        stay = sharing;
      }
    }

    /** Who of some members shares a basis of theirs; keeps the round if it is the cheapest. */
    private Map<Way, List<Member>> sharing(List<Member> stay) {
      Map<Way, List<Member>> known = rounds.get(stay);
      if (known != null) {
        return known;
      }
      Map<Way, List<Member>> sharing = new EnumMap<>(Way.class);
      Round round = round(stay);
      try {
        if (stay.size() == members.size() && round.entries.isPresent()) {
          Attempt attempt = entries(round, round.entries.get());
          if (attempt.members().size() > 1) {
            everybody = Optional.of(encoding(round, attempt));
            everybodyCost = total(attempt);
          }
        }
        long left = alone - loneCost(stay);
        for (Way way : Way.values()) {
          List<Member> who = round.sharing(way);
          sharing.put(way, who);
          Candidate candidate = new Candidate(round, round.cost(way) + left);
          Candidate cheapest = best.get(way);
          if (who.size() > 1 && (cheapest == null || candidate.cost < cheapest.cost)) {
            best.put(way, candidate);
            if (cheapest != null) {
              closeUnlessKept(cheapest.round);
            }
          }
        }
      } finally {
        closeUnlessKept(round);
      }
      rounds.put(stay, sharing);
      return sharing;
    }

    private void closeUnlessKept(Round round) {
      if (best.values().stream().noneMatch(each -> each.round.equals(round))) {
        round.close();
      }
    }

    private Round round(List<Member> stay) {
      Cluster cluster = new Cluster(la, rows, stay, loader, settings.limit().scope());
      int mostRank = cluster.largestUsefulRank(settings.rankLimit());
      boolean leavesOut = EntryPlan.serves(limit);
      int most = leavesOut ? RaggedPlan.mostDirections(cluster, settings.rankLimit()) : mostRank;
      try (MatrixScope scope = new MatrixScope()) {
        FewDirections few = new FewDirections(limit);
        Basis basis = bases.find(cluster, most, limit.value(), few::found);
        scope.own(basis.vectors());
        for (int directions : few.lookedAt(basis.spectrum())) {
          if (directions < basis.spectrum().size()) {
            Round round = round(cluster, basis, directions, mostRank, leavesOut);
            if (round.isEnough(limit.scope())) {
              scope.release(basis.vectors());
              return round;
            }
            round.closeView();
          }
        }
        if (basis.vectors().columns() < basis.spectrum().size()) {
          scope.release(basis.vectors()).close();
          basis = bases.find(cluster, most, limit.value());
          scope.own(basis.vectors());
        }
        Round round = round(cluster, basis, basis.vectors().columns(), mostRank, leavesOut);
        scope.release(basis.vectors());
        return round;
      }
    }

    private Round round(
        Cluster cluster, Basis basis, int directions, int mostRank, boolean leavesOut) {
      Matrix vectors = la.columns(basis.vectors(), 0, directions);
      Projections projections;
      try {
        projections = Projections.keeping(la, cluster, vectors, limit.value());
      } catch (RuntimeException e) {
        vectors.close();
        throw e;
      }
      try {
        return round(cluster, basis, vectors, projections, mostRank, leavesOut);
      } catch (RuntimeException e) {
        projections.close();
        vectors.close();
        throw e;
      }
    }

    private Round round(
        Cluster cluster,
        Basis basis,
        Matrix vectors,
        Projections projections,
        int mostRank,
        boolean leavesOut) {
      RankPlan.Choice rigid =
          RankPlan.choose(cluster, projections, basis.spectrum(), mostRank, limit);
      Optional<RaggedPlan> ragged = Optional.empty();
      Optional<EntryPlan> entries = Optional.empty();
      if (leavesOut) {
        ragged =
            new RaggedPlan.Search(la, cluster, projections, settings, limit)
                .cheapest(vectors, shared);
        int size = settings.format().sizeBytes();
        entries = Optional.of(EntryPlan.cheapest(la, cluster, vectors, projections, limit, size));
      }
      return new Round(cluster, basis, vectors, projections, mostRank, rigid, ragged, entries);
    }

    Optional<Encoding.LowRank> encode() {
      Optional<Encoding.LowRank> result = Optional.empty();
      long least = alone + 1;
      Candidate chosen = best.get(Way.ITS_OWN_CHOICE);
      if (everybodyCost < least) {
        least = everybodyCost;
        result = everybody;
      }
      if (chosen != null
          && chosen.round.cluster.count() < members.size()
          && chosen.round.entries.isPresent()) {
        Attempt attempt = entries(chosen.round, chosen.round.entries.get());
        if (attempt.members().size() > 1 && total(attempt) < least) {
          least = total(attempt);
          result = Optional.of(encoding(chosen.round, attempt));
        }
      }
      if (chosen != null && chosen.round.prefersRagged() && chosen.cost < least) {
        Attempt attempt = ragged(chosen.round);
        if (attempt.members().size() > 1 && total(attempt) < least) {
          least = total(attempt);
          result = Optional.of(encoding(chosen.round, attempt));
        }
      }
      Candidate whole = best.get(Way.ALL_DIRECTIONS);
      if (whole != null && whole.cost < least) {
        Attempt attempt = rigid(whole.round);
        if (attempt.members().size() > 1 && total(attempt) < least) {
          result = Optional.of(encoding(whole.round, attempt));
        }
      }
      return result;
    }

    private Attempt entries(Round round, EntryPlan plan) {
      Attempt best;
      try (Matrix leading = la.columns(round.vectors, 0, plan.shared())) {
        best = entryFactors(round).encode(leading, round.vectors, round.projections, 2);
      }
      if (round.ragged.isPresent() && round.ragged.get().hasOwn()) {
        long least = best.members().isEmpty() ? Long.MAX_VALUE : best.numbers(settings.format());
        Attempt own = entryFactors(round).below(least).encode(round.vectors, round.ragged.get());
        if (best.members().isEmpty() || (!own.members().isEmpty() && total(own) < total(best))) {
          best = own;
        }
      }
      return best;
    }

    private EntryFactors entryFactors(Round round) {
      return new EntryFactors(la, settings, round.cluster, factors(round), limit);
    }

    private Attempt ragged(Round round) {
      return RaggedFactors.encode(
          la,
          settings,
          round.cluster,
          factors(round),
          round.projections,
          round.vectors,
          round.ragged.orElseThrow());
    }

    private Attempt rigid(Round round) {
      try (LeadingVectors vectors =
          new LeadingVectors(la, round.cluster, round.basis, round.mostRank, limit.value())) {
        return new StoredFactors(la, settings, round.cluster, vectors, round.mostRank)
            .encode(round.rigid);
      }
    }

    private StoredFactors factors(Round round) {
      return new StoredFactors(la, settings, round.cluster, round.basis.vectors(), round.mostRank);
    }

    /** What all members cost if these are encoded so, and the others alone. */
    private long total(Attempt attempt) {
      return attempt.numbers(settings.format()) + alone - loneCost(attempt.members());
    }

    private Encoding.LowRank encoding(Round round, Attempt attempt) {
      // The basis was found for all that stayed; if some left since, its spectrum is another's.
      Optional<Spectrum> spectrum =
          attempt.members().size() == round.cluster.count()
              ? round.basis.exactSpectrum()
              : Optional.empty();
      return attempt.encoding(spectrum, attempt.members().size() == members.size());
    }

    private static long loneCost(List<Member> members) {
      return members.stream().mapToLong(Member::loneCost).sum();
    }

    @Override
    public void close() {
      // Closing twice does no harm, and one round may be the best of both.
      best.values().forEach(each -> each.round.close());
    }
  }
}
