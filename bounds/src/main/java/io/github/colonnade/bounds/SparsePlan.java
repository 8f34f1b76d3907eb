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
 * left is spent on what saves most numbers for it.
 *
 * <p>Rows that capture nothing are never kept. A plan never costs more than every block alone.
 */
public final class SparsePlan {

  /** Steps of the bisection of log θ: the price is found to within its last few digits. */
  private static final int BISECTIONS = 40;

  /** Slack is spent on what is worth at most this many times its price. */
  private static final double SLACK_DENSITY = 2;

  /** Energies are brought to 1 where a price for them would not be a normal number. */
  private static final double SMALLEST_ENERGY = 0x1p-800;

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
   * The stored numbers that a set of kept rows takes at most: a RoaringBitmap of (block, direction)
   * in this order has a short header and, for each 65,536 pairs, two bytes a kept one or 8 KiB.
   *
   * @param kept how many rows are kept
   * @param possible blocks × directions
   */
  public static long maskNumbers(long kept, long possible, int bytesPerNumber) {
    if (kept == possible) {
      return 0;
    }
    long containers = (possible + 0xFFFF) >> 16;
    long bytes = 8 + 8 * containers + Math.min(2 * kept, 8192 * containers);
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
    long cost = cost(rows, blocks, uses, bytesPerNumber);
    long lone = blocks.stream().mapToLong(Block::loneCost).sum();
    return cost <= lone
        ? new SparsePlan(cost, uses)
        : new SparsePlan(lone, blocks.stream().map(each -> Optional.<Use>empty()).toList());
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
    if (block.energy() == 0) {
      return Optional.of(new Use(new int[0], 0));
    }
    // Everything is relative to the block's energy.
    int[] order = descending(block.shared(), block.energy());
    double[] tails = new double[order.length + 1];
    for (int k = order.length - 1; k >= 0; k--) {
      tails[k] = tails[k + 1] + block.shared()[order[k]] / block.energy();
    }
    double[] ownTails = new double[block.own().length + 1];
    for (int p = block.own().length - 1; p >= 0; p--) {
      ownTails[p] = ownTails[p + 1] + block.own()[p] / block.energy();
    }
    double outside = Math.max(0, 1 - tails[0] - ownTails[0]);
    double allowed = limit * limit;
    int k = order.length;
    int bestRows = -1;
    int bestOwn = -1;
    long bestCost = Long.MAX_VALUE;
    for (int p = 0; p <= block.own().length; p++) {
      while (k > 0 && outside + ownTails[p] + tails[k - 1] <= allowed) {
        k--;
      }
      long cost = k * block.columns() + p * (rows + block.columns());
      if (outside + ownTails[p] + tails[k] <= allowed && cost < bestCost) {
        bestCost = cost;
        bestRows = k;
        bestOwn = p;
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
  static int[] descending(double[] values, double largest) {
    // Sorting keys of value and position together spares boxing: there is one sort per block. The
    // bits of a float that is not negative ascend as it does.
    long[] keys = new long[values.length];
    for (int i = 0; i < keys.length; i++) {
      float value = (float) Math.max(values[i] / largest, 0);
      keys[i] = ((long) (Integer.MAX_VALUE - Float.floatToIntBits(value)) << 32) | i;
    }
    Arrays.sort(keys);
    int[] order = new int[keys.length];
    for (int i = 0; i < order.length; i++) {
      order[i] = (int) keys[i];
    }
    return order;
  }

  private static List<Optional<Use>> jointly(long rows, double limit, List<Block> given) {
    List<Block> blocks = given;
    double energy = given.stream().mapToDouble(Block::energy).sum();
    if (energy > 0 && !(energy > SMALLEST_ENERGY && energy < 1 / SMALLEST_ENERGY)) {
      double largest = given.stream().mapToDouble(Block::energy).max().orElseThrow();
      blocks = given.stream().map(each -> divided(each, largest)).toList();
      energy = blocks.stream().mapToDouble(Block::energy).sum();
    }
    double lone = 0;
    double unavoidable = 0;
    for (Block block : blocks) {
      double captured = Arrays.stream(block.shared()).sum() + Arrays.stream(block.own()).sum();
      lone += block.loneCost();
      unavoidable += Math.max(0, block.energy() - captured);
    }
    double budget = limit * limit * energy - unavoidable;
    if (budget < 0) {
      return blocks.stream().map(each -> Optional.<Use>empty()).toList();
    }
    // At this price a row of the energy of a single rounding would be worth all numbers there are.
    double high = energy > 0 ? (lone + rows) / energy * 0x1p60 : 1;
    double low = high * 0x1p-120;
    if (lostAt(low, rows, blocks) <= budget) {
      high = low;
    }
    for (int step = 0; step < BISECTIONS && low < high; step++) {
      double middle = Math.sqrt(low) * Math.sqrt(high);
      if (lostAt(middle, rows, blocks) <= budget) {
        high = middle;
      } else {
        low = middle;
      }
    }
    Selection selection = Selection.at(high, rows, blocks);
    if (selection.lost > budget) {
      selection = Selection.everything(blocks);
    }
    selection.spend(budget, high, rows, blocks);
    return selection.uses();
  }

  /** What {@link Selection#at} loses, without making the selection. */
  private static double lostAt(double price, long rows, List<Block> blocks) {
    double[] surplus = surplus(price, blocks);
    double lost = 0;
    for (Block block : blocks) {
      double[] shared = block.shared();
      double worthKeeping = block.columns() / price;
      for (int i = 0; i < shared.length; i++) {
        lost += surplus[i] >= rows && shared[i] >= worthKeeping ? 0 : shared[i];
      }
      for (double square : block.own()) {
        lost += price * square >= rows + block.columns() ? 0 : square;
      }
    }
    return lost;
  }

  /** By how many numbers the rows of each direction that are worth keeping exceed their cost. */
  private static double[] surplus(double price, List<Block> blocks) {
    double[] surplus = new double[blocks.get(0).shared().length];
    for (Block block : blocks) {
      double[] shared = block.shared();
      for (int i = 0; i < surplus.length; i++) {
        surplus[i] += Math.max(0, price * shared[i] - block.columns());
      }
    }
    return surplus;
  }

  private static Block divided(Block block, double by) {
    return new Block(
        block.columns(),
        block.energy() / by,
        Arrays.stream(block.shared()).map(each -> each / by).toArray(),
        Arrays.stream(block.own()).map(each -> each / by).toArray(),
        block.loneCost());
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

    /** All that captures anything. */
    static Selection everything(List<Block> blocks) {
      Selection all = new Selection(blocks);
      for (int j = 0; j < blocks.size(); j++) {
        for (int i = 0; i < all.kept[j].length; i++) {
          all.kept[j][i] = blocks.get(j).shared()[i] > 0;
        }
        all.own[j] = (int) Arrays.stream(blocks.get(j).own()).filter(each -> each > 0).count();
      }
      return all;
    }

    /** What is worth its numbers at a price of θ numbers for a unit of energy. */
    static Selection at(double price, long rows, List<Block> blocks) {
      Selection selection = new Selection(blocks);
      int directions = blocks.get(0).shared().length;
      double[] surplus = surplus(price, blocks);
      for (int j = 0; j < blocks.size(); j++) {
        Block block = blocks.get(j);
        double[] shared = block.shared();
        double worthKeeping = block.columns() / price;
        for (int i = 0; i < directions; i++) {
          if (surplus[i] >= rows && shared[i] >= worthKeeping) {
            selection.kept[j][i] = true;
          } else {
            selection.lost += shared[i];
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

    /**
     * What may be dropped: row {@code row} of block {@code block}, the direction {@code row} with
     * all its rows (block −1), or the last own direction of a block (row −1).
     */
    private record Candidate(int block, int row, double energyPerNumber) {}

    /** Drops what saves most numbers for its energy, while the budget lasts. */
    void spend(double budget, double price, long rows, List<Block> blocks) {
      List<Candidate> candidates = new ArrayList<>();
      for (int i = 0; i < kept[0].length; i++) {
        candidates.add(new Candidate(-1, i, energy(i, blocks) / (rows + numbers(i, blocks))));
      }
      for (int j = 0; j < own.length; j++) {
        Block block = blocks.get(j);
        for (int i = 0; i < kept[j].length; i++) {
          if (kept[j][i]) {
            candidates.add(new Candidate(j, i, block.shared()[i] / block.columns()));
          }
        }
        if (own[j] > 0) {
          double square = block.own()[own[j] - 1];
          candidates.add(new Candidate(j, -1, square / (rows + block.columns())));
        }
      }
      candidates.removeIf(each -> each.energyPerNumber * price > SLACK_DENSITY);
      candidates.sort(
          Comparator.comparingDouble(Candidate::energyPerNumber)
              .thenComparingInt(Candidate::block)
              .thenComparingInt(Candidate::row));
      for (Candidate each : candidates) {
        if (each.block < 0) {
          double energy = energy(each.row, blocks);
          if (numbers(each.row, blocks) > 0 && lost + energy <= budget) {
            lost += energy;
            for (boolean[] ofBlock : kept) {
              ofBlock[each.row] = false;
            }
          }
        } else if (each.row < 0) {
          double energy = blocks.get(each.block).own()[own[each.block] - 1];
          if (lost + energy <= budget) {
            lost += energy;
            own[each.block]--;
          }
        } else if (kept[each.block][each.row]) {
          double energy = blocks.get(each.block).shared()[each.row];
          if (lost + energy <= budget) {
            lost += energy;
            kept[each.block][each.row] = false;
          }
        }
      }
    }

    /** The energy of the kept rows of a direction. */
    private double energy(int direction, List<Block> blocks) {
      double energy = 0;
      for (int j = 0; j < kept.length; j++) {
        energy += kept[j][direction] ? blocks.get(j).shared()[direction] : 0;
      }
      return energy;
    }

    /** The numbers in the kept rows of a direction. */
    private long numbers(int direction, List<Block> blocks) {
      long numbers = 0;
      for (int j = 0; j < kept.length; j++) {
        numbers += kept[j][direction] ? blocks.get(j).columns() : 0;
      }
      return numbers;
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
