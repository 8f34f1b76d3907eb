package io.github.colonnade.bounds;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Which directions each block of a cluster uses, for the fewest stored numbers within a limit.
 *
 * <p>A cluster stores a dictionary of directions (columns of m numbers) and, for each block, one
 * row of n<sub>j</sub> coefficients for every direction that the block uses. Shared directions
 * u<sub>i</sub> are the columns of an orthonormal basis U; a block may add own directions, the
 * leading left singular vectors of its residual (I − UUᵀ)A<sub>j</sub>, which nobody else uses.
 * With
 *
 * <pre>
 *   e<sub>ij</sub> = ‖u<sub>i</sub>ᵀA<sub>j</sub>‖²,  s<sub>pj</sub> = the squared singular values of the residual, largest first
 * </pre>
 *
 * everything is orthogonal, so leaving out row i adds exactly e<sub>ij</sub> to the squared error
 * of block j and leaving out own direction p exactly s<sub>pj</sub>. A shared row costs
 * n<sub>j</sub> numbers, an own direction m + n<sub>j</sub>, a shared direction m once, and which
 * rows are kept costs a set of bits (see {@link #maskNumbers}).
 *
 * <p>Scope block: each block has a requirement of its own, and for p own directions the fewest
 * shared rows are its largest. The best p is found by trying all, so that for the given U every
 * block is at its optimum. Scope cluster: a Lagrangian price θ per unit of energy decouples
 * everything (a row is kept where θ·e<sub>ij</sub> ≥ n<sub>j</sub>, a direction where its rows'
 * surplus covers m); θ is bisected to the least at which the joint limit holds, and what slack is
 * left is spent on the rows that save most for it.
 */
public final class SparsePlan {

  /** Steps of the bisection of log θ: the price is found to within its last few digits. */
  private static final int BISECTIONS = 60;

  /** Slack is spent on rows that are worth at most this many times their price. */
  private static final double SLACK_DENSITY = 2;

  /**
   * A block as the basis sees it.
   *
   * @param columns n_j
   * @param energy ‖A_j‖²
   * @param shared e_ij for each direction of the basis
   * @param own s_pj, largest first; what neither these nor the basis capture is lost in any case
   * @param loneCost what the block costs by itself
   */
  public record Block(long columns, double energy, double[] shared, double[] own, long loneCost) {}

  /**
   * What a block uses.
   *
   * @param rows the shared directions it uses, ascending
   * @param own how many own directions it uses
   */
  public record Use(int[] rows, int own) {

    /** All directions of this block. */
    public int size() {
      return rows.length + own;
    }
  }

  private final long cost;
  private final List<Optional<Use>> uses;

  private SparsePlan(long cost, List<Optional<Use>> uses) {
    this.cost = cost;
    this.uses = uses;
  }

  /** All stored numbers: directions, coefficients, kept rows and the blocks that stay alone. */
  public long cost() {
    return cost;
  }

  /** What each block uses; empty for those that are better alone. */
  public List<Optional<Use>> uses() {
    return uses;
  }

  /** The shared directions that some block uses, ascending. */
  public int[] directions() {
    return uses.stream()
        .flatMap(Optional::stream)
        .flatMapToInt(use -> Arrays.stream(use.rows()))
        .distinct()
        .sorted()
        .toArray();
  }

  /**
   * The stored numbers that a set of kept rows takes: in ascending order of (block, direction) it
   * is at worst one bit for each, or two bytes for each that is kept, and a small header.
   *
   * @param kept how many rows are kept
   * @param possible blocks × directions
   */
  public static long maskNumbers(long kept, long possible, int bytesPerNumber) {
    if (kept == possible) {
      return 0;
    }
    long containers = (possible >> 16) + 1;
    long bytes = 8 + 8 * containers + Math.min(2 * kept, Math.min(8192 * containers, possible / 8));
    return (bytes + bytesPerNumber - 1) / bytesPerNumber;
  }

  /**
   * The plan of least cost for a basis.
   *
   * @param rows m
   * @param limit ε and its scope
   * @param blocks at least one
   * @param bytesPerNumber of the storage format, to count kept rows in numbers
   */
  public static SparsePlan of(long rows, ErrorLimit limit, List<Block> blocks, int bytesPerNumber) {
    List<Optional<Use>> uses =
        limit.scope() == Scope.BLOCK
            ? eachByItself(rows, limit.value(), blocks)
            : jointly(rows, limit.value(), blocks);
    return new SparsePlan(cost(rows, blocks, uses, bytesPerNumber), uses);
  }

  /** The stored numbers of a cluster in which blocks use what {@code uses} says. */
  public static long cost(
      long rows, List<Block> blocks, List<Optional<Use>> uses, int bytesPerNumber) {
    long cost = 0;
    long kept = 0;
    long own = 0;
    int sharing = 0;
    boolean[] used = new boolean[blocks.get(0).shared().length];
    for (int j = 0; j < blocks.size(); j++) {
      Optional<Use> use = uses.get(j);
      if (use.isEmpty()) {
        cost += blocks.get(j).loneCost();
        continue;
      }
      sharing++;
      kept += use.get().size();
      own += use.get().own();
      cost += use.get().size() * blocks.get(j).columns();
      for (int i : use.get().rows()) {
        used[i] = true;
      }
    }
    long directions = own;
    for (boolean each : used) {
      directions += each ? 1 : 0;
    }
    return cost + directions * rows + maskNumbers(kept, directions * sharing, bytesPerNumber);
  }

  private static List<Optional<Use>> eachByItself(long rows, double limit, List<Block> blocks) {
    List<Optional<Use>> uses = new ArrayList<>();
    for (Block block : blocks) {
      Optional<Use> use = cheapest(rows, limit, block);
      uses.add(
          use.filter(
              each -> each.size() * block.columns() + each.own() * rows <= block.loneCost()));
    }
    return uses;
  }

  private static Optional<Use> cheapest(long rows, double limit, Block block) {
    int[] order = descending(block.shared());
    double allowed = limit * limit * block.energy();
    // lost[k]: the energy outside the k largest shared rows and every own direction.
    double[] tails = new double[order.length + 1];
    double captured = 0;
    for (double each : block.shared()) {
      captured += each;
    }
    double ownLeft = 0;
    for (double each : block.own()) {
      ownLeft += each;
    }
    double outside = Math.max(0, block.energy() - captured - ownLeft);
    for (int k = order.length - 1; k >= 0; k--) {
      tails[k] = tails[k + 1] + block.shared()[order[k]];
    }
    int k = order.length;
    int bestRows = -1;
    int bestOwn = -1;
    long bestCost = Long.MAX_VALUE;
    for (int p = 0; p <= block.own().length; p++) {
      while (k > 0 && outside + ownLeft + tails[k - 1] <= allowed) {
        k--;
      }
      if (outside + ownLeft + tails[k] <= allowed) {
        long cost = k * block.columns() + p * (rows + block.columns());
        if (cost < bestCost) {
          bestCost = cost;
          bestRows = k;
          bestOwn = p;
        }
      }
      if (p < block.own().length) {
        ownLeft = p + 1 == block.own().length ? 0 : ownLeft - block.own()[p];
      }
    }
    if (bestRows < 0) {
      return Optional.empty();
    }
    int[] kept = Arrays.copyOf(order, bestRows);
    Arrays.sort(kept);
    return Optional.of(new Use(kept, bestOwn));
  }

  /** Positions by descending value, equal ones by position. */
  private static int[] descending(double[] values) {
    // Sorting keys of value and position together spares boxing: there is one sort per block.
    long[] keys = new long[values.length];
    for (int i = 0; i < keys.length; i++) {
      float value = (float) Math.max(values[i], 0);
      keys[i] = ((long) (Integer.MAX_VALUE - Float.floatToIntBits(value)) << 32) | i;
    }
    Arrays.sort(keys);
    return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
  }

  private static List<Optional<Use>> jointly(long rows, double limit, List<Block> blocks) {
    double energy = 0;
    double lone = 0;
    double unavoidable = 0;
    for (Block block : blocks) {
      double captured = Arrays.stream(block.shared()).sum() + Arrays.stream(block.own()).sum();
      energy += block.energy();
      lone += block.loneCost();
      unavoidable += Math.max(0, block.energy() - captured);
    }
    double budget = limit * limit * energy - unavoidable;
    if (budget < 0) {
      return alone(blocks);
    }
    // At this price a row of the energy of a single rounding would be worth all numbers there are.
    double high = energy > 0 ? Math.min(lone / energy * 0x1p60, Double.MAX_VALUE) : 1;
    double low = high * 0x1p-120;
    if (Selection.at(low, rows, blocks).lost <= budget) {
      high = low;
    }
    for (int step = 0; step < BISECTIONS && low < high; step++) {
      double middle = Math.sqrt(low) * Math.sqrt(high);
      if (Selection.at(middle, rows, blocks).lost <= budget) {
        high = middle;
      } else {
        low = middle;
      }
    }
    Selection selection = Selection.at(high, rows, blocks);
    if (selection.lost > budget) {
      selection = Selection.everything(blocks);
    }
    selection.spend(budget, high, blocks);
    List<Optional<Use>> uses = selection.uses();
    long shared = 0;
    boolean[] used = new boolean[blocks.get(0).shared().length];
    for (int j = 0; j < blocks.size(); j++) {
      Use use = uses.get(j).orElseThrow();
      shared += use.size() * blocks.get(j).columns() + use.own() * rows;
      for (int i : use.rows()) {
        shared += used[i] ? 0 : rows;
        used[i] = true;
      }
    }
    return shared <= lone ? uses : alone(blocks);
  }

  private static List<Optional<Use>> alone(List<Block> blocks) {
    return blocks.stream().map(each -> Optional.<Use>empty()).toList();
  }

  /** Which shared rows and how many own directions are kept. */
  private static final class Selection {
    private final boolean[][] kept;
    private final int[] own;
    private double lost;

    private Selection(List<Block> blocks) {
      kept = new boolean[blocks.size()][blocks.get(0).shared().length];
      own = new int[blocks.size()];
    }

    static Selection everything(List<Block> blocks) {
      Selection all = new Selection(blocks);
      for (int j = 0; j < blocks.size(); j++) {
        Arrays.fill(all.kept[j], true);
        all.own[j] = blocks.get(j).own().length;
      }
      return all;
    }

    /** What is worth its numbers at a price of θ numbers for a unit of energy. */
    static Selection at(double price, long rows, List<Block> blocks) {
      Selection selection = new Selection(blocks);
      int directions = blocks.get(0).shared().length;
      double[] surplus = new double[directions];
      for (Block block : blocks) {
        for (int i = 0; i < directions; i++) {
          surplus[i] += Math.max(0, price * block.shared()[i] - block.columns());
        }
      }
      for (int j = 0; j < blocks.size(); j++) {
        Block block = blocks.get(j);
        for (int i = 0; i < directions; i++) {
          double worth = price * block.shared()[i];
          if (surplus[i] >= rows && worth >= block.columns()) {
            selection.kept[j][i] = true;
          } else {
            selection.lost += block.shared()[i];
          }
        }
        for (double square : block.own()) {
          if (price * square >= rows + block.columns()) {
            selection.own[j]++;
          } else {
            selection.lost += square;
          }
        }
      }
      return selection;
    }

    /** Drops rows that save most numbers for their energy, while the budget lasts. */
    void spend(double budget, double price, List<Block> blocks) {
      record Candidate(int block, int row, double energyPerNumber) {}
      List<Candidate> candidates = new ArrayList<>();
      for (int j = 0; j < own.length; j++) {
        Block block = blocks.get(j);
        for (int i = 0; i < kept[j].length; i++) {
          double density = block.shared()[i] / block.columns();
          if (kept[j][i] && density * price <= SLACK_DENSITY) {
            candidates.add(new Candidate(j, i, density));
          }
        }
      }
      candidates.sort(
          Comparator.comparingDouble(Candidate::energyPerNumber)
              .thenComparingInt(Candidate::block)
              .thenComparingInt(Candidate::row));
      for (Candidate each : candidates) {
        double energy = blocks.get(each.block).shared()[each.row];
        if (lost + energy <= budget) {
          lost += energy;
          kept[each.block][each.row] = false;
        }
      }
    }

    List<Optional<Use>> uses() {
      List<Optional<Use>> uses = new ArrayList<>();
      for (int j = 0; j < own.length; j++) {
        boolean[] row = kept[j];
        int[] rows = IntStream.range(0, row.length).filter(i -> row[i]).toArray();
        uses.add(Optional.of(new Use(rows, own[j])));
      }
      return uses;
    }
  }
}
