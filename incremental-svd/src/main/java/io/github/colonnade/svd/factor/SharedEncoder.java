package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Rank;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.svd.factor.BasisFinder.Basis;
import io.github.colonnade.svd.factor.StoredFactors.Attempt;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
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

  /** So many times the directions that the joint error needs are looked at, or so many more. */
  private static final int LOOKED_AT = 3;

  private static final int LEAST_LOOKED_AT = 48;

  /** So many directions beyond its rank are there for a plan that rounding makes raise it. */
  private static final int RAISES = 15;

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
   */
  private record Round(
      Cluster cluster,
      Basis basis,
      Projections projections,
      int mostRank,
      RankPlan.Choice rigid,
      Optional<RaggedPlan> ragged)
      implements AutoCloseable {

    /** How many directions were looked at. */
    int directions() {
      return basis.vectors().columns();
    }

    boolean looksAtAll() {
      return directions() == basis.spectrum().size();
    }

    /** Whether those that were looked at are enough, as far as these plans can tell. */
    boolean isEnough(Scope scope) {
      boolean servesAll =
          scope == Scope.CLUSTER
              || Arrays.stream(projections.neededRanks()).allMatch(rank -> rank <= directions());
      return looksAtAll()
          || (servesAll
              && rigid.rank() + RAISES <= directions()
              && ragged.stream().noneMatch(plan -> plan.uses(directions() - 1)));
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

    @Override
    public void close() {
      projections.close();
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
      Round round = round(stay);
      if (stay.size() == members.size() && EntryPlan.serves(limit)) {
        Attempt attempt = entries(round);
        if (attempt.members().size() > 1) {
          everybody = Optional.of(encoding(round, attempt));
          everybodyCost = total(attempt);
        }
      }
      long left = alone - loneCost(stay);
      Map<Way, List<Member>> sharing = new EnumMap<>(Way.class);
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
      closeUnlessKept(round);
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
      boolean tryRagged = limit.value() >= BasisFinder.GRAM_ACCURACY;
      int most = tryRagged ? RaggedPlan.mostDirections(cluster, settings.rankLimit()) : mostRank;
      Basis leading = bases.find(cluster, most, limit.value(), this::lookedAt);
      Round round = round(cluster, leading, mostRank, tryRagged);
      if (round.isEnough(limit.scope())) {
        return round;
      }
      round.close();
      return round(cluster, bases.find(cluster, most, limit.value()), mostRank, tryRagged);
    }

    /**
     * Of a basis that has as many directions as the blocks have rows, most are noise that no block
     * will store, and finding them and projecting on them take most of the time.
     */
    private int lookedAt(Spectrum spectrum) {
      int all = spectrum.size();
      int needed = Rank.smallestFor(spectrum, limit.value()).orElse(all);
      return Math.min(all, Math.max(LEAST_LOOKED_AT, LOOKED_AT * needed));
    }

    private Round round(Cluster cluster, Basis basis, int mostRank, boolean tryRagged) {
      Matrix vectors = basis.vectors();
      Projections projections = Projections.keeping(la, cluster, vectors, limit.value());
      RankPlan.Choice rigid =
          RankPlan.choose(cluster, projections, basis.spectrum(), mostRank, limit);
      Optional<RaggedPlan> ragged =
          tryRagged
              ? new RaggedPlan.Search(la, cluster, projections, settings, limit)
                  .cheapest(vectors, shared)
              : Optional.empty();
      return new Round(cluster, basis, projections, mostRank, rigid, ragged);
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
          && EntryPlan.serves(limit)) {
        Attempt attempt = entries(chosen.round);
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
        Attempt attempt = factors(whole.round).encode(whole.round.rigid);
        if (attempt.members().size() > 1 && total(attempt) < least) {
          result = Optional.of(encoding(whole.round, attempt));
        }
      }
      return result;
    }

    private Attempt entries(Round round) {
      EntryPlan plan = entryPlan(round.cluster, round.basis.vectors(), round.projections);
      Attempt best;
      if (plan.shared() < round.directions() || round.looksAtAll()) {
        best = entries(round, plan, round.basis.vectors(), round.projections);
      } else {
        best = entriesOnAll(round);
      }
      if (round.ragged.isPresent() && round.ragged.get().hasOwn()) {
        long least = best.members().isEmpty() ? Long.MAX_VALUE : best.numbers(settings.format());
        Attempt own =
            entryFactors(round).below(least).encode(round.basis.vectors(), round.ragged.get());
        if (best.members().isEmpty() || (!own.members().isEmpty() && total(own) < total(best))) {
          best = own;
        }
      }
      return best;
    }

    private Attempt entriesOnAll(Round round) {
      int most = round.basis.spectrum().size();
      Basis all = bases.find(round.cluster, most, limit.value());
      try (Matrix vectors = all.vectors();
          Projections projections =
              Projections.keeping(la, round.cluster, vectors, limit.value())) {
        EntryPlan plan = entryPlan(round.cluster, vectors, projections);
        return entries(round, plan, vectors, projections);
      }
    }

    private Attempt entries(Round round, EntryPlan plan, Matrix vectors, Projections projections) {
      try (Matrix leading = la.columns(vectors, 0, plan.shared())) {
        return entryFactors(round).encode(leading, vectors, projections, 2);
      }
    }

    private EntryPlan entryPlan(Cluster cluster, Matrix vectors, Projections projections) {
      return EntryPlan.cheapest(
          la, cluster, vectors, projections, limit, settings.format().sizeBytes());
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
          round.basis.vectors(),
          round.ragged.orElseThrow());
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
              ? Optional.of(round.basis.spectrum())
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
