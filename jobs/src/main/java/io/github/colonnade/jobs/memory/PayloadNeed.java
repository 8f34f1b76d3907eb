package io.github.colonnade.jobs.memory;

import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorReader;

/**
 * The most memory that the numbers of tensors take while they are worked on. These formulas are the
 * only ones: {@code plan} prints them, and {@link PayloadMemory} lets nobody begin without them.
 *
 * <p>They count the copies that are alive together, and were checked against the resident size of
 * processes that do the work and the smallest heap in which they succeed.
 *
 * @param heapBytes in the Java heap
 * @param nativeBytes outside it, for matrices
 */
public record PayloadNeed(long heapBytes, long nativeBytes) {

  public static final PayloadNeed NOTHING = new PayloadNeed(0, 0);

  /**
   * What a process takes before it works on anything: Flink and the program itself in the heap;
   * libraries, code and network buffers outside it.
   */
  public static final PayloadNeed PROCESS = new PayloadNeed(160L << 20, 320L << 20);

  /**
   * Sixteen times the numbers of narrow blocks that the encoder works on together, as room for what
   * its plans know of all members.
   */
  private static final long BATCH_NUMBERS = 1L << 20;

  /** The coefficients of all members that the encoder keeps where they are not more. */
  private static final long PROJECTED_NUMBERS = 1L << 21;

  /** Those of three rounds, and once more while they are put together. */
  private static final long PROJECTED_COPIES = 4;

  /**
   * Of what is encoded at a time: its coefficients, those of a block in the order of their file,
   * these rounded, and their bytes; or what refines them, and their squares in order.
   */
  private static final long ENCODE_HEAP_COPIES = 4;

  /**
   * The block, its weighted copy, and its projection, coefficients and rounded coefficients, which
   * are nearly as large where the rank is the largest that pays. A block by itself is searched for
   * columns to keep: its own basis, the columns without these, their basis and what it leaves.
   */
  private static final long ENCODE_NATIVE_COPIES = 8;

  /** The largest Gram matrix that the encoder forms. */
  private static final long GRAM_ROWS = 4096;

  /**
   * The matrix, its eigenvectors, and what these are made with: a copy and two halves, or the work
   * space of all vectors, which has two.
   */
  private static final long GRAM_COPIES = 4;

  /** Encoded bytes: of the best way so far and of the one that is tried. */
  private static final long ENCODED_COPIES = 2;

  /** What is known of a block: its place, checksum and records. */
  private static final long HEAP_BYTES_PER_BLOCK = 400;

  /** A block multiplied by its weight, and its residual likewise. */
  private static final long WEIGHTED_COPIES = 2;

  /** A square weight, its eigenvectors, and its factor or the work space of the eigenproblem. */
  private static final long WEIGHT_COPIES = 4;

  /** The numbers of a product that are formed at a time, as numbers and as bytes. */
  private static final long CHUNK_BYTES = 16L << 20;

  /** Those of a block, of what is left of it, and of both with a weight. */
  private static final long VERIFY_NATIVE_COPIES = 4;

  /**
   * To sketch a tensor. Its sketches wait for its last block, since all go if one is not finite.
   *
   * @param rows m of its blocks
   * @param columns n of its widest block
   * @param together the numbers that are read together
   * @param sketchNumbers the most that all its sketches can have
   * @param blocks how many it has
   * @param readBytes of a number as it is read
   * @param productBytes of a number in products
   */
  public static PayloadNeed sketch(
      long rows,
      long columns,
      long together,
      long sketchNumbers,
      long blocks,
      int readBytes,
      int productBytes) {
    long block = rows * columns;
    long smaller = Math.min(rows, columns);
    long square = smaller * smaller;
    long tall = rows * smaller;
    long rounded = readBytes > productBytes ? productBytes * block : 0;
    // R of a factorisation, in double and in the precision of products.
    long triangle = (Double.BYTES + Float.BYTES) * square;
    long heap =
        readBytes * together
            + rounded
            + triangle
            + productBytes * sketchNumbers
            + HEAP_BYTES_PER_BLOCK * blocks;
    long nativeBytes;
    if (productBytes == Double.BYTES) {
      // The block; Gram matrix, eigenvectors, their part twice, R; three of the basis's size.
      nativeBytes = Double.BYTES * (block + 5 * square + 3 * tall);
    } else {
      // In double for the Gram matrix; then eigenvectors with work space, and the basis.
      nativeBytes =
          Math.max(
              (Float.BYTES + Double.BYTES) * block + Double.BYTES * square,
              Float.BYTES * block + 4 * Double.BYTES * square + 3 * Float.BYTES * tall);
    }
    return new PayloadNeed(heap, nativeBytes);
  }

  /**
   * To encode a cluster that is read block by block.
   *
   * @param numbers of all members
   * @param largest of the largest member
   * @param side the most rows that a common Gram matrix can have
   * @param members how many
   * @param encodedBytes what is expected to be stored of them
   */
  public static PayloadNeed encode(
      long numbers, long largest, long side, long members, long encodedBytes) {
    long batch = Double.BYTES * Math.max(largest, Math.min(numbers, BATCH_NUMBERS));
    long gramRows = Math.min(GRAM_ROWS, side);
    return new PayloadNeed(
        ENCODE_HEAP_COPIES * batch + ENCODED_COPIES * encodedBytes + HEAP_BYTES_PER_BLOCK * members,
        ENCODE_NATIVE_COPIES * batch
            + PROJECTED_COPIES * Double.BYTES * Math.min(numbers, PROJECTED_NUMBERS)
            + GRAM_COPIES * Double.BYTES * gramRows * gramRows);
  }

  /**
   * What a weight adds.
   *
   * @param numbers of the block that is multiplied
   * @param side of a square weight, or 0
   */
  public static PayloadNeed weight(long numbers, long side) {
    long bytes =
        WEIGHTED_COPIES * Double.BYTES * numbers + WEIGHT_COPIES * Double.BYTES * side * side;
    return new PayloadNeed(bytes, bytes);
  }

  /** To read a tensor from its file, beside the numbers themselves. */
  public static PayloadNeed opening(TensorInfo tensor) {
    return new PayloadNeed(TensorReader.openBytes(tensor), 0);
  }

  /** A basis that is there already: as it is read, and as a matrix, stored and refined. */
  public static PayloadNeed basis(long rows, long rank) {
    double bytes = (double) Double.BYTES * rows * rank;
    return ofClaims(bytes, 2 * bytes);
  }

  /**
   * To multiply factors.
   *
   * @param rank r
   * @param whole how many columns are stored as they are
   */
  public static PayloadNeed reconstruct(long rows, long columns, long rank, long whole) {
    double factors = (double) Double.BYTES * rank * ((double) rows + columns);
    double columnsKept = (double) Double.BYTES * rows * whole;
    // A row or column of the product is formed as a whole, however long it is.
    double chunk = CHUNK_BYTES + 3.0 * Double.BYTES * Math.max(rows, columns);
    return ofClaims(2 * factors + columnsKept + chunk, factors + chunk);
  }

  /**
   * To measure a block against its factors.
   *
   * @param together the numbers that are read together
   * @param rank r
   * @param whole how many columns are stored as they are
   */
  public static PayloadNeed verify(long rows, long columns, long together, long rank, long whole) {
    double factors = (double) Double.BYTES * rank * ((double) rows + columns);
    double columnsKept = (double) Double.BYTES * rows * whole;
    double numbers = (double) Double.BYTES * rows * columns;
    return ofClaims(
        (double) Double.BYTES * together + 2 * factors + columnsKept,
        VERIFY_NATIVE_COPIES * numbers + 2 * factors);
  }

  /** From what a manifest claims, which may be beyond all numbers. */
  private static PayloadNeed ofClaims(double heapBytes, double nativeBytes) {
    double most = Long.MAX_VALUE / 8.0;
    return new PayloadNeed((long) Math.min(heapBytes, most), (long) Math.min(nativeBytes, most));
  }

  public PayloadNeed plus(PayloadNeed other) {
    return new PayloadNeed(heapBytes + other.heapBytes, nativeBytes + other.nativeBytes);
  }

  /** What is enough for either. */
  public PayloadNeed max(PayloadNeed other) {
    return new PayloadNeed(
        Math.max(heapBytes, other.heapBytes), Math.max(nativeBytes, other.nativeBytes));
  }

  public long totalBytes() {
    return heapBytes + nativeBytes;
  }
}
