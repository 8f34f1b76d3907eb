package io.github.colonnade.jobs.plan;

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

  /** Flink, its network buffers and the program itself. */
  private static final long BASE_HEAP_BYTES = 160L << 20;

  /** Libraries, code and network buffers. */
  private static final long BASE_NATIVE_BYTES = 320L << 20;

  /** Threads, buffers and records in flight of one subtask. */
  private static final long HEAP_BYTES_PER_SUBTASK = 2L << 20;

  private static final long NATIVE_BYTES_PER_SUBTASK = 12L << 20;

  /** What the records and the manifest entry of one block take. */
  private static final long HEAP_BYTES_PER_BLOCK = 3000;

  private static final long MANIFEST_BYTES_PER_BLOCK = 600;

  /**
   * Row-major and column-major forms, and the encoded bytes, of what a subtask works on; of a large
   * block also its coefficients, what refines them, and their squares in order.
   */
  private static final long PAYLOAD_COPIES = 6;

  /**
   * The block, its weighted copy, and its projection, coefficients and rounded coefficients, which
   * are nearly as large where the rank is the largest that pays. 3000×5000 at rank 1731 took 1.8
   * GiB in all where three copies would have let 1.7 be expected. A block by itself is searched for
   * columns to keep: its own basis, the columns without these, their basis and what it leaves.
   */
  private static final long NATIVE_PAYLOAD_COPIES = 8;

  /** The parts that meet at a node, as records, and the bytes of one that is read or written. */
  private static final long MERGED_HEAP_COPIES = 3;

  /** The matrices of parts that meet, and what they become. */
  private static final long MERGED_NATIVE_COPIES = 2;

  /** A block multiplied by its weight, and its residual likewise. */
  private static final long WEIGHTED_COPIES = 2;

  /** A square weight, its eigenvectors, and its factor or the work space of the eigenproblem. */
  private static final long WEIGHT_COPIES = 4;

  /** Each subtask of sketch and encode keeps the factors of square weights. */
  private static final long STAGES_WITH_WEIGHTS = 2;

  /** The largest Gram matrix that the encoder forms, and how many of that size it holds. */
  private static final long GRAM_ROWS = 4096;

  private static final long GRAM_COPIES = 3;

  /** The sample of each group of shapes has at most so many bytes, or that share of its bytes. */
  private static final long SAMPLE_BYTES = 128L << 20;

  private static final long SAMPLE_SHARE = 8;
  private static final long SAMPLED_GROUPS = 8;

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
    long largest = 0;
    long gram = 0;
    long cached = 0;
    for (Reach.Family family : reach.families()) {
      largest = Math.max(largest, family.largestBlock());
      long smaller = Math.min(GRAM_ROWS, family.largestSide());
      gram = Math.max(gram, smaller * smaller * Double.BYTES * GRAM_COPIES);
      cached = Math.max(cached, Math.min(cacheBytes, family.numbers() * Double.BYTES));
    }
    boolean decided = plan.undecided().isNothing();
    long atATime =
        decided
            ? partitions.taskNumbers() * Math.min(parallelism, partitions.taskCount())
            : partitions.mostTaskNumbers(reach) * parallelism;
    long partitioned = Math.min(sketches, elementBytes * atATime);
    if (!decided) {
      partitioned = Math.max(partitioned, Math.min(sketches, sampledBytes(plan, elementBytes)));
    }
    long merged = elementBytes * mergedNumbers(plan, partitions, parallelism);
    long payload = largest * Double.BYTES;
    long side = plan.weights().largestSide();
    long square = side * side * Double.BYTES;
    long weighted = plan.weights().tensors() == 0 ? 0 : WEIGHTED_COPIES * payload;
    long perBlock = reach.blocks();
    return new Needs(
        BASE_HEAP_BYTES
            + Math.max(2 * partitioned, MERGED_HEAP_COPIES * merged)
            + parallelism
                * (HEAP_BYTES_PER_SUBTASK
                    + PAYLOAD_COPIES * payload
                    + weighted
                    + WEIGHT_COPIES * square)
            + perBlock * HEAP_BYTES_PER_BLOCK,
        BASE_NATIVE_BYTES
            + Math.max(2 * partitioned, MERGED_NATIVE_COPIES * merged)
            + parallelism
                * (NATIVE_BYTES_PER_SUBTASK
                    + cached
                    + NATIVE_PAYLOAD_COPIES * payload
                    + weighted
                    + WEIGHT_COPIES * square
                    + gram),
        plan.bytes() + perBlock * MANIFEST_BYTES_PER_BLOCK,
        2 * sketches
            + plan.bytes()
            + STAGES_WITH_WEIGHTS * parallelism * plan.weights().squareNumbers() * Double.BYTES);
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
   * The most bytes of sketches when forms are chosen, in the program: those of a sample as it is,
   * and one group of it in another form.
   */
  private static long sampledBytes(RunPlan plan, int elementBytes) {
    long bytes = plan.matrixBytes() / SAMPLE_SHARE + SAMPLED_GROUPS * SAMPLE_BYTES;
    return bytes / plan.reach().numberBytes() * elementBytes;
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
