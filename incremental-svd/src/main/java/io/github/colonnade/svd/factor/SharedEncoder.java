package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.svd.factor.BasisFinder.Basis;
import io.github.colonnade.svd.factor.StoredFactors.Attempt;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Encodes members that share a basis, as far as that pays.
 *
 * <p>There are two ways to use a basis: each member uses all of it ({@link RankPlan}), or the
 * directions of its choice ({@link RaggedPlan}). Members that are better off alone leave, and those
 * that stay get a basis of their own, which serves them better; but not always each of them, so of
 * all rounds the cheapest counts. Both ways are gone to their end, so that the result is never more
 * than the first alone would give.
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

  /** A basis for some members, and how they would use it. */
  private record Round(
      Cluster cluster,
      Basis basis,
      Projections projections,
      int mostRank,
      RankPlan.Choice rigid,
      Optional<RaggedPlan> ragged)
      implements AutoCloseable {

    boolean prefersRagged() {
      return ragged.isPresent() && ragged.get().plan().cost() < rigid.cost();
    }

    /** What the members cost, those included that leave. */
    long cost(Way way) {
      return way == Way.ITS_OWN_CHOICE && prefersRagged()
          ? ragged.orElseThrow().plan().cost()
          : rigid.cost();
    }

    List<Member> sharing(Way way) {
      return way == Way.ITS_OWN_CHOICE && prefersRagged()
          ? ragged.orElseThrow().sharing(cluster)
          : rigid.members();
    }

    @Override
    public void close() {
      basis.vectors().close();
    }
  }

  private final class Search implements AutoCloseable {
    private final int rows;
    private final List<Member> members;
    private final OptionalInt shared;
    private final BlockLoader loader;
    private final long alone;

    private @Nullable Round first;
    private @Nullable Round bestRigid;
    private @Nullable Round best;
    private long rigidCost = Long.MAX_VALUE;
    private long cost = Long.MAX_VALUE;

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
        Round round = round(stay);
        long left = alone - loneCost(stay);
        List<Member> sharing = round.sharing(way);
        consider(round, left);
        if (sharing.size() == stay.size()) {
          return;
        }
        stay = sharing;
      }
    }

    private Round round(List<Member> stay) {
      for (Round known : new Round[] {first, best, bestRigid}) {
        if (known != null && known.cluster.members().equals(stay)) {
          return known;
        }
      }
      Cluster cluster = new Cluster(la, rows, stay, loader, settings.limit().scope());
      int mostRank = cluster.largestUsefulRank(settings.rankLimit());
      boolean tryRagged = limit.value() >= BasisFinder.GRAM_ACCURACY;
      int most = tryRagged ? RaggedPlan.mostDirections(cluster, settings.rankLimit()) : mostRank;
      Basis basis = bases.find(cluster, most, limit.value());
      Projections projections = Projections.of(la, cluster, basis.vectors(), limit.value());
      RankPlan.Choice rigid =
          RankPlan.choose(cluster, projections, basis.spectrum(), mostRank, limit);
      Optional<RaggedPlan> ragged =
          tryRagged
              ? new RaggedPlan.Search(la, cluster, projections, settings, limit)
                  .cheapest(basis.vectors(), shared)
              : Optional.empty();
      return new Round(cluster, basis, projections, mostRank, rigid, ragged);
    }

    private void consider(Round round, long left) {
      Set<Round> before = kept();
      first = first == null ? round : first;
      if (round.cost(Way.ALL_DIRECTIONS) + left < rigidCost
          && round.sharing(Way.ALL_DIRECTIONS).size() > 1) {
        rigidCost = round.cost(Way.ALL_DIRECTIONS) + left;
        bestRigid = round;
      }
      if (round.cost(Way.ITS_OWN_CHOICE) + left < cost
          && round.sharing(Way.ITS_OWN_CHOICE).size() > 1) {
        cost = round.cost(Way.ITS_OWN_CHOICE) + left;
        best = round;
      }
      before.add(round);
      before.removeAll(kept());
      before.forEach(Round::close);
    }

    private Set<Round> kept() {
      Set<Round> kept = Collections.newSetFromMap(new IdentityHashMap<>());
      for (Round each : new Round[] {first, best, bestRigid}) {
        if (each != null) {
          kept.add(each);
        }
      }
      return kept;
    }

    Optional<Encoding.LowRank> encode() {
      Optional<Encoding.LowRank> result = Optional.empty();
      long least = alone + 1;
      if (best != null && best.prefersRagged()) {
        Attempt attempt = ragged(best);
        if (total(attempt) < least && attempt.members().size() > 1) {
          least = total(attempt);
          result = Optional.of(encoding(best, attempt));
        }
      }
      if (bestRigid != null && rigidCost < least) {
        Attempt attempt = rigid(bestRigid);
        if (attempt.members().size() > 1 && total(attempt) < least) {
          result = Optional.of(encoding(bestRigid, attempt));
        }
      }
      return result;
    }

    private Attempt rigid(Round round) {
      return factors(round).encode(round.rigid);
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
      kept().forEach(Round::close);
    }
  }
}
