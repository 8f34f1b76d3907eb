package io.github.colonnade.svd.auto;

import io.github.colonnade.bounds.GaussianCoefficients;
import io.github.colonnade.bounds.GaussianCoefficients.Rows;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.svd.linalg.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Who is better off with one long basis for all, of whose coefficients each block stores only the
 * largest.
 *
 * <p>A partition is planned by whole rows, with short bases for blocks that are alike. Where the
 * encoder may leave out single coefficients, blocks that have no small subspace in common may still
 * share a basis in which each has few large coefficients, as images do in that of a transform: the
 * basis is paid once, and a coefficient that is left out costs one bit. Both are compared by what
 * {@link GaussianCoefficients} guesses that the encoder stores.
 */
final class CommonBasis {

  /** It takes this share less before the plan is changed, since all of it is a guess. */
  private static final double CLEAR = 0.97;

  /** A bit for each coefficient, in numbers. */
  private static final double BIT = 1.0 / (8 * Blocks.BYTES_PER_NUMBER);

  private final Blocks blocks;
  private final double allowed;

  CommonBasis(Blocks blocks) {
    this.blocks = blocks;
    this.allowed = blocks.limit() * blocks.limit();
  }

  /** What some blocks have along each direction of a basis, and outside of it. */
  static final class Seen {
    private final Map<Integer, float[]> energies = new HashMap<>();
    private final Map<Integer, Double> outside = new HashMap<>();
    private final int directions;

    private Seen(int directions) {
      this.directions = directions;
    }

    /**
     * What a basis has of blocks.
     *
     * @param vectors m×r, orthonormal
     */
    static Seen of(Matrix vectors, Batches batches) {
      Seen seen = new Seen(vectors.columns());
      batches.project(vectors, seen::add);
      return seen;
    }

    /** What a basis has of one block. */
    static Seen of(int position, double[] captured, double outsideEnergy) {
      Seen seen = new Seen(captured.length);
      seen.add(position, captured, outsideEnergy);
      return seen;
    }

    private void add(int position, double[] captured, double outsideEnergy) {
      float[] floats = new float[directions];
      for (int i = 0; i < directions; i++) {
        floats[i] = (float) captured[i];
      }
      energies.put(position, floats);
      outside.put(position, outsideEnergy);
    }

    private double[] energies(int position) {
      float[] floats = energies.getOrDefault(position, new float[0]);
      double[] doubles = new double[floats.length];
      for (int i = 0; i < doubles.length; i++) {
        doubles[i] = floats[i];
      }
      return doubles;
    }
  }

  /**
   * The blocks that had better share a basis of the whole family, ascending; none if that saves
   * little.
   *
   * <p>Clusters, and blocks alone, are given longer bases as well, since the encoder does that
   * where single coefficients can be left out.
   *
   * @param inOwnBasis what the basis of some blocks has of them
   * @param groups the clusters so far
   * @param alone the other blocks
   */
  int[] joining(Function<int[], Seen> inOwnBasis, List<Group> groups, int[] alone) {
    int[] everybody =
        IntStream.concat(
                groups.stream().flatMapToInt(each -> Arrays.stream(each.members())),
                Arrays.stream(alone))
            .sorted()
            .toArray();
    Seen seen = inOwnBasis.apply(everybody);
    double before = 0;
    double[] ofGroups = new double[groups.size()];
    for (int g = 0; g < groups.size(); g++) {
      ofGroups[g] = cost(groups.get(g), inOwnBasis);
      before += ofGroups[g];
    }
    double[] ofLone = new double[alone.length];
    for (int i = 0; i < alone.length; i++) {
      ofLone[i] = costAlone(alone[i]);
      before += ofLone[i];
    }
    double least = CLEAR * before;
    int[] best = {};
    for (int directions : tried(seen.directions)) {
      List<int[]> joining = new ArrayList<>();
      double cost = (double) directions * blocks.rows;
      if (blocks.settings.limit().scope() == Scope.BLOCK) {
        ToDoubleFunction<int[]> there =
            members -> Arrays.stream(members).mapToDouble(j -> inBasis(seen, directions, j)).sum();
        for (int g = 0; g < ofGroups.length; g++) {
          int[] members = groups.get(g).members();
          double joined = there.applyAsDouble(members);
          cost += Math.min(joined, ofGroups[g]);
          joining.add(joined < ofGroups[g] ? members : new int[0]);
        }
        for (int i = 0; i < alone.length; i++) {
          int[] member = {alone[i]};
          double joined = there.applyAsDouble(member);
          cost += Math.min(joined, ofLone[i]);
          joining.add(joined < ofLone[i] ? member : new int[0]);
        }
      } else {
        cost += inBasis(seen, directions, everybody);
        joining.add(everybody);
      }
      if (cost < least) {
        least = cost;
        best = joining.stream().flatMapToInt(Arrays::stream).sorted().toArray();
      }
    }
    return best.length > 1 ? best : new int[0];
  }

  /** The numbers of directions that are weighed. */
  static int[] tried(int most) {
    return IntStream.iterate(most, directions -> directions > 0, directions -> directions / 2)
        .toArray();
  }

  private double cost(Group group, Function<int[], Seen> inOwnBasis) {
    double least = group.cost();
    Seen seen = inOwnBasis.apply(group.members());
    for (int directions : tried(seen.directions)) {
      double basis = (double) directions * blocks.rows;
      least = Math.min(least, basis + inBasis(seen, directions, group.members()));
    }
    return least;
  }

  /** What a block is guessed to store by itself, single coefficients left out. */
  double costAlone(int j) {
    double least = blocks.loneCosts[j];
    Spectrum spectrum = blocks.spectrum(j);
    Seen seen = new Seen(spectrum.size());
    double[] energies = new double[spectrum.size()];
    for (int i = 0; i < energies.length; i++) {
      energies[i] = spectrum.squaredSingularValue(i);
    }
    seen.add(j, energies, spectrum.droppedEnergy());
    for (int directions : tried(seen.directions)) {
      double basis = (double) directions * blocks.rows;
      least = Math.min(least, basis + inBasis(seen, directions, j));
    }
    return least;
  }

  /** What members store beside the basis; infinite if it does not serve them. */
  double inBasis(Seen seen, int directions, int... members) {
    if (blocks.settings.limit().scope() == Scope.CLUSTER) {
      return coefficients(seen, directions, members);
    }
    return Arrays.stream(members).mapToDouble(j -> coefficients(seen, directions, j)).sum();
  }

  private double coefficients(Seen seen, int directions, int... members) {
    double left = 0;
    double count = 0;
    List<Rows> rows = new ArrayList<>();
    for (int j : members) {
      double[] energies = seen.energies(j);
      left += allowed * blocks.energies[j] - seen.outside.getOrDefault(j, 0.0);
      for (int i = directions; i < energies.length; i++) {
        left -= energies[i];
      }
      count += (double) directions * blocks.columns[j];
      rows.add(new Rows(blocks.columns[j], energies));
    }
    if (left < 0) {
      return Double.POSITIVE_INFINITY;
    }
    double kept = GaussianCoefficients.kept(rows, directions, left);
    return Math.min(count, kept + BIT * count);
  }
}
