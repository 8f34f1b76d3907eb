package io.github.colonnade.jobs.plan;

import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.MatrixView;
import io.github.colonnade.connectors.view.TensorPlan;
import io.github.colonnade.svd.auto.PartTree;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Which blocks of a family are partitioned together, where and in which tree the parts are merged.
 *
 * <p>A partition is a run of blocks in the order of the listing. Everything here follows from the
 * headers of the input and from the options, and nothing from the parallelism: a partition, and a
 * node of the tree, is a subtask of its own, and Flink runs as many of them at a time as there are
 * slots. Small families, and those that are not divided, are put together to subtasks of the size
 * of a partition.
 */
public final class Partitions implements Serializable {
  private static final long serialVersionUID = 1L;

  /** A family of more blocks is divided. */
  public static final int MOST_BLOCKS = 4096;

  /** So is one whose sketches may have more numbers: 2 GiB in float32. */
  public static final long MOST_NUMBERS = 512L << 20;

  /** The numbers of clusters, and of blocks that are alone, in what goes on from a node. */
  public static final long OPEN_NUMBERS = MOST_NUMBERS / (2 * PartTree.FAN_IN);

  /** Subtasks of one operator, but for families that are not divided. */
  public static final int MOST_TASKS = 512;

  /**
   * A run of blocks.
   *
   * @param ordinal of the tensor of its first block
   * @param index of that block among those of the tensor
   * @param blocks how many it has
   * @param sketchNumbers the most numbers that their sketches can have
   */
  public record Run(long ordinal, int index, long blocks, long sketchNumbers)
      implements Serializable {}

  /**
   * The runs of a family in the order of the blocks.
   *
   * @param tasks the subtask of each run
   */
  private record Division(List<Run> runs, List<Integer> tasks) implements Serializable {}

  /** By rows, ascending. */
  private final TreeMap<Integer, Division> families = new TreeMap<>();

  private final int asked;
  private final int taskCount;
  private final long taskNumbers;

  private Partitions(Map<Integer, List<Run>> divided, int asked) {
    this.asked = asked;
    long largest = 0;
    long all = 0;
    for (List<Run> runs : divided.values()) {
      for (Run run : runs) {
        largest = Math.max(largest, run.sketchNumbers());
        all += run.sketchNumbers();
      }
    }
    long capacity = Math.max(largest, all / MOST_TASKS);
    int task = 0;
    long filled = 0;
    long most = 0;
    for (Map.Entry<Integer, List<Run>> family : divided.entrySet()) {
      List<Integer> numbers = new ArrayList<>();
      for (Run run : family.getValue()) {
        if (filled > 0 && filled + run.sketchNumbers() > capacity) {
          task++;
          filled = 0;
        }
        filled += run.sketchNumbers();
        most = Math.max(most, filled);
        numbers.add(task);
      }
      families.put(family.getKey(), new Division(family.getValue(), numbers));
    }
    taskCount = task + 1;
    taskNumbers = most;
  }

  /** Of no families. */
  public static Partitions none() {
    return new Partitions(Map.of(), 0);
  }

  /**
   * Divides the families of a collection.
   *
   * @param tensors in the order of the listing
   * @param asked into how many runs each family is divided that has twice as many blocks; smaller
   *     ones into as many as have two blocks each; 0 for as many as their size asks for
   */
  public static Partitions of(List<TensorInfo> tensors, MatrixView view, int asked) {
    return of(tensors, view, asked, each -> true);
  }

  /**
   * As {@link #of(List, MatrixView, int)}, for some of the tensors.
   *
   * @param wanted which are part of the run; all have their numbers in the listing
   */
  public static Partitions of(
      List<TensorInfo> tensors, MatrixView view, int asked, Predicate<TensorInfo> wanted) {
    Map<Integer, Builder> builders = new TreeMap<>();
    for (TensorInfo tensor : tensors) {
      if (wanted.test(tensor) && view.plan(tensor) instanceof TensorPlan.Blocks blocks) {
        builder(builders, blocks).count(blocks);
      }
    }
    builders.values().forEach(each -> each.decide(asked));
    for (int ordinal = 0; ordinal < tensors.size(); ordinal++) {
      TensorInfo tensor = tensors.get(ordinal);
      if (wanted.test(tensor) && view.plan(tensor) instanceof TensorPlan.Blocks blocks) {
        builder(builders, blocks).add(ordinal, blocks);
      }
    }
    Map<Integer, List<Run>> families = new TreeMap<>();
    builders.forEach((rows, builder) -> families.put(rows, builder.build()));
    return new Partitions(families, asked);
  }

  private static Builder builder(Map<Integer, Builder> builders, TensorPlan.Blocks blocks) {
    int rows = Math.toIntExact(blocks.blocks().get(0).rows());
    return builders.computeIfAbsent(rows, each -> new Builder());
  }

  private Division division(int rows) {
    Division division = families.get(rows);
    if (division == null) {
      throw new IllegalStateException(
          "there were no blocks of " + rows + " rows when this run was planned");
    }
    return division;
  }

  /** The rows of all families, ascending. */
  public Set<Integer> rows() {
    return Collections.unmodifiableSet(families.keySet());
  }

  /** The number of the run in which a block is. */
  public int run(int rows, long ordinal, int index) {
    List<Run> runs = division(rows).runs();
    int low = 0;
    int high = runs.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      Run run = runs.get(middle);
      boolean before = ordinal < run.ordinal() || (ordinal == run.ordinal() && index < run.index());
      if (before) {
        high = middle - 1;
      } else {
        low = middle;
      }
    }
    return low;
  }

  /** How many subtasks partition. */
  public int taskCount() {
    return taskCount;
  }

  /** The most numbers that the sketches of one subtask can have. */
  public long taskNumbers() {
    return taskNumbers;
  }

  /** The most numbers that the sketches of one subtask can have, whatever forms are chosen. */
  long mostTaskNumbers(Reach reach) {
    long largestRun = 0;
    for (Reach.Family family : reach.families()) {
      largestRun = Math.max(largestRun, mostRunNumbers(family));
    }
    return Math.max(largestRun, reach.sketchNumbers() / MOST_TASKS);
  }

  /**
   * The most numbers that the sketches of a run can have if only some blocks are in the family: its
   * share, or three blocks, which are not divided, and what it takes to end at a block.
   */
  private long mostRunNumbers(Reach.Family family) {
    long sketch = family.largestSketch();
    long share =
        asked == 0 ? Math.min(MOST_NUMBERS, MOST_BLOCKS * sketch) : family.sketchNumbers() / asked;
    return Math.min(family.sketchNumbers(), Math.max(share, 3 * sketch) + sketch);
  }

  /** Whether a family can be divided, whatever forms are chosen. */
  boolean mayBeDivided(Reach.Family family) {
    return asked == 0
        ? family.blocks() > MOST_BLOCKS || family.sketchNumbers() > MOST_NUMBERS
        : asked > 1 && family.blocks() >= 4;
  }

  /** The subtask in which a block is partitioned. */
  public int task(int rows, long ordinal, int index) {
    return division(rows).tasks().get(run(rows, ordinal, index));
  }

  /** Levels of nodes above the partitions. */
  public int levels() {
    return families.values().stream()
        .mapToInt(each -> PartTree.levels(each.runs().size()))
        .max()
        .orElse(0);
  }

  /**
   * The number of nodes of a family.
   *
   * @param level 0 for partitions
   */
  public int width(int rows, int level) {
    int width = division(rows).runs().size();
    for (int i = 0; i < level; i++) {
      width = PartTree.parents(width);
    }
    return width;
  }

  /**
   * The nodes of a level at which something is merged, of all families.
   *
   * @param level from 1
   */
  public int nodes(int level) {
    return families.keySet().stream().mapToInt(rows -> mergingNodes(rows, level)).sum();
  }

  private int mergingNodes(int rows, int level) {
    return width(rows, level - 1) > 1 ? width(rows, level) : 0;
  }

  /** The nodes of all levels. */
  public int allNodes() {
    int nodes = 0;
    for (int level = 1; level <= levels(); level++) {
      nodes += nodes(level);
    }
    return nodes;
  }

  /**
   * The number, among {@link #nodes}, of a node.
   *
   * @param level from 1
   */
  public int node(int rows, int level, int number) {
    return number
        + families.headMap(rows).keySet().stream()
            .mapToInt(other -> mergingNodes(other, level))
            .sum();
  }

  /** Counts the blocks of a family, then divides them. */
  private static final class Builder {
    private long blocks;
    private long numbers;
    private int count;

    private final List<Run> runs = new ArrayList<>();
    private long passed;
    private long runBlocks;
    private long runNumbers;
    private long firstOrdinal = -1;
    private int firstIndex;

    void count(TensorPlan.Blocks plan) {
      int size = plan.blocks().size();
      blocks += size;
      BlockRef first = plan.blocks().get(0);
      numbers += size * RunPlan.sketchNumbers(first.rows(), first.columns());
    }

    void decide(int asked) {
      long wanted =
          asked > 0
              ? asked
              : Math.max(
                  (blocks + MOST_BLOCKS - 1) / MOST_BLOCKS,
                  (numbers + MOST_NUMBERS - 1) / MOST_NUMBERS);
      count = Math.toIntExact(Math.max(1, Math.min(wanted, blocks / 2)));
    }

    /** Runs end where their share of the numbers is passed. */
    void add(long ordinal, TensorPlan.Blocks plan) {
      BlockRef first = plan.blocks().get(0);
      long each = RunPlan.sketchNumbers(first.rows(), first.columns());
      for (int index = 0; index < plan.blocks().size(); index++) {
        if (firstOrdinal < 0) {
          firstOrdinal = ordinal;
          firstIndex = index;
        }
        passed += each;
        runBlocks++;
        runNumbers += each;
        double due = (double) numbers / count * (runs.size() + 1);
        if (runs.size() + 1 < count && passed + each / 2.0 > due) {
          end();
        }
      }
    }

    private void end() {
      runs.add(new Run(firstOrdinal, firstIndex, runBlocks, runNumbers));
      runBlocks = 0;
      runNumbers = 0;
      firstOrdinal = -1;
    }

    List<Run> build() {
      if (runBlocks > 0) {
        end();
      }
      return List.copyOf(runs);
    }
  }
}
