package io.github.colonnade.jobs.plan;

import io.github.colonnade.jobs.memory.PayloadNeed;
import io.github.colonnade.svd.auto.PartTree;

/**
 * The most memory and disk that a run needs, from its plan.
 *
 * @param heapBytes inside the Java heap
 * @param nativeBytes outside it, for matrices
 * @param diskBytes in the output directory
 * @param temporaryBytes in the temporary directory while files are put together and sketches wait
 */
public record Needs(long heapBytes, long nativeBytes, long diskBytes, long temporaryBytes) {

  /** Threads, buffers and records in flight of one subtask. */
  private static final long HEAP_BYTES_PER_SUBTASK = 2L << 20;

  /** With what its linear algebras keep for later, three of them in a stream. */
  private static final long NATIVE_BYTES_PER_SUBTASK = 60L << 20;

  /** What the records and the manifest entry of one block take. */
  private static final long HEAP_BYTES_PER_BLOCK = 3000;

  private static final long MANIFEST_BYTES_PER_BLOCK = 600;

  /** The parts that meet at a node, as records, and the bytes of one that is read or written. */
  private static final long MERGED_HEAP_COPIES = 3;

  /** The matrices of parts that meet, and what they become. */
  private static final long MERGED_NATIVE_COPIES = 2;

  /** Each subtask of sketch and encode keeps the factors of square weights. */
  private static final long STAGES_WITH_WEIGHTS = 2;

  /** The sample of each group of shapes has at most so many bytes, or that share of its bytes. */
  private static final long SAMPLE_BYTES = 128L << 20;

  private static final long SAMPLE_SHARE = 8;
  private static final long SAMPLED_GROUPS = 8;
  private static final long SAMPLED_MATRICES = 64;

  /**
   * The needs of a plan.
   *
   * @param partitions what is partitioned together
   * @param elementBytes of the precision of products
   * @param cacheBytes that one subtask may keep of payloads
   */
  public static Needs of(
      RunPlan plan, Partitions partitions, int parallelism, int elementBytes, long cacheBytes) {
    Reach reach = plan.reach();
    long sketches = elementBytes * reach.sketchNumbers();
    PayloadNeed payloads = payloads(plan, elementBytes, cacheBytes);
    boolean decided = plan.undecided().isNothing();
    long atATime =
        decided
            ? partitions.taskNumbers() * Math.min(parallelism, partitions.taskCount())
            : partitions.mostTaskNumbers(reach) * parallelism;
    long partitioned = Math.min(sketches, elementBytes * atATime);
    if (!decided) {
      partitioned = Math.max(partitioned, sampledBytes(plan, elementBytes));
    }
    long merged = elementBytes * mergedNumbers(plan, partitions, parallelism);
    long perBlock = reach.blocks();
    return new Needs(
        PayloadNeed.PROCESS.heapBytes()
            + Math.max(2 * partitioned, MERGED_HEAP_COPIES * merged)
            + parallelism * (HEAP_BYTES_PER_SUBTASK + payloads.heapBytes())
            + perBlock * HEAP_BYTES_PER_BLOCK,
        PayloadNeed.PROCESS.nativeBytes()
            + Math.max(2 * partitioned, MERGED_NATIVE_COPIES * merged)
            + parallelism * (NATIVE_BYTES_PER_SUBTASK + payloads.nativeBytes()),
        plan.bytes() + perBlock * MANIFEST_BYTES_PER_BLOCK,
        2 * sketches
            + plan.bytes()
            + STAGES_WITH_WEIGHTS * parallelism * plan.weights().squareNumbers() * Double.BYTES);
  }

  /** What one slot of a cluster takes, beside what its process takes anyway. */
  public static PayloadNeed slot(
      RunPlan plan, Partitions partitions, int elementBytes, long cacheBytes) {
    Needs alone = of(plan, partitions, 1, elementBytes, cacheBytes);
    return new PayloadNeed(
        alone.heapBytes - PayloadNeed.PROCESS.heapBytes(),
        alone.nativeBytes - PayloadNeed.PROCESS.nativeBytes());
  }

  /**
   * What the payloads of one subtask take at most, as far as headers tell: the largest block, and
   * what is kept of a cluster.
   *
   * @param elementBytes of the precision of products
   * @param cacheBytes that one subtask may keep of payloads
   */
  public static PayloadNeed payloads(RunPlan plan, int elementBytes, long cacheBytes) {
    PayloadNeed most = PayloadNeed.NOTHING;
    for (Reach.Family family : plan.reach().families()) {
      long cached = Math.min(cacheBytes, family.numbers() * Double.BYTES);
      PayloadNeed sketch =
          PayloadNeed.sketch(
              family.rows(),
              family.largestBlock() / family.rows(),
              family.readTogether(),
              family.tensorSketchNumbers(),
              family.tensorBlocks(),
              Double.BYTES,
              elementBytes);
      PayloadNeed encode =
          PayloadNeed.encode(
                  family.numbers(),
                  family.largestBlock(),
                  family.largestSide(),
                  1,
                  family.largestBlock() * plan.reach().numberBytes())
              .plus(new PayloadNeed(family.inPieces() ? cached : 0, cached));
      PayloadNeed both = sketch.max(encode);
      if (plan.weights().tensors() > 0) {
        both = both.plus(PayloadNeed.weight(family.largestBlock(), plan.weights().largestSide()));
      }
      most = most.max(both);
    }
    return most.plus(plan.opening());
  }

  /**
   * The needs of a run that tries several limits: it keeps its sketches, and the best output so far
   * beside the one that it writes.
   *
   * @param elementBytes of the precision of products
   */
  public Needs withTries(RunPlan plan, int elementBytes) {
    long sketches = elementBytes * plan.reach().sketchNumbers();
    return new Needs(heapBytes, nativeBytes, diskBytes, temporaryBytes + sketches + diskBytes);
  }

  /**
   * The most bytes of sketches when forms are chosen, in the program. Of the sampled matrices there
   * are sketches in both orientations, which together have about as many numbers as the matrices at
   * most, as r(m + n) ≤ m·n for the directions r; those of parts have half as many.
   */
  private static long sampledBytes(RunPlan plan, int elementBytes) {
    long share = plan.matrixBytes() / SAMPLE_SHARE + SAMPLED_GROUPS * SAMPLE_BYTES;
    long numbers = Math.min(plan.matrixBytes(), share) / plan.reach().numberBytes();
    long largest =
        plan.reach().families().stream().mapToLong(Reach.Family::largestBlock).max().orElse(0);
    long sampled = Math.min(numbers, SAMPLED_GROUPS * SAMPLED_MATRICES * largest);
    return elementBytes * (sampled + sampled / 2);
  }

  /** The numbers of all parts that meet at the nodes that are merged at a time. */
  private static long mergedNumbers(RunPlan plan, Partitions partitions, int parallelism) {
    if (!plan.undecided().isNothing()) {
      long largest = 0;
      for (Reach.Family family : plan.reach().families()) {
        if (partitions.mayBeDivided(family)) {
          long open = 2L * PartTree.FAN_IN * Partitions.OPEN_NUMBERS;
          largest = Math.max(largest, Math.min(open, 2 * family.sketchNumbers()));
        }
      }
      return Math.min(2 * plan.reach().sketchNumbers(), parallelism * largest);
    }
    long most = 0;
    for (int level = 1; level <= partitions.levels(); level++) {
      long all = 0;
      long largest = 0;
      for (Reach.Family family : plan.reach().families()) {
        int width = partitions.width(Math.toIntExact(family.rows()), level - 1);
        if (width > 1) {
          // Neither clusters nor lone blocks have more numbers than the sketches they come from.
          long open = Math.min(2L * width * Partitions.OPEN_NUMBERS, 2 * family.sketchNumbers());
          all += open;
          largest = Math.max(largest, open / width * Math.min(width, PartTree.FAN_IN));
        }
      }
      most = Math.max(most, Math.min(all, parallelism * largest));
    }
    return most;
  }
}
