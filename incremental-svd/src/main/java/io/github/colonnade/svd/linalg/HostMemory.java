package io.github.colonnade.svd.linalg;

import java.lang.ref.Cleaner;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * Plain memory of the host, of which pieces are used again.
 *
 * <p>Most matrices of a task live shortly. Each would be an allocation, three objects and an entry
 * in the list of what the collector has to free, which all threads of the process share and wait
 * for; and the pages of a large one would come anew from the system, which takes as long as a
 * product with a narrow matrix. So what is given back is kept, by size, up to a number of bytes.
 * One instance serves one task; it may be used by several threads.
 *
 * <p>Whoever does not close it leaves to the collector what is kept, and until then the class
 * loader of this class.
 */
final class HostMemory {

  private static final long SMALLEST = 64;

  /** Frees what was not closed. Not JavaCPP's own: that limits such memory by the heap's size. */
  private static final Cleaner CLEANER = Cleaner.create();

  private final long largestKept;
  private final long mostKept;
  private final List<Deque<Piece>> floats = new ArrayList<>();
  private final List<Deque<Piece>> doubles = new ArrayList<>();
  private long keptBytes;
  private boolean closed;

  /**
   * @param largestKept bytes of the largest pieces that are kept
   * @param mostKept bytes of all that are kept
   */
  HostMemory(long largestKept, long mostKept) {
    this.largestKept = largestKept;
    this.mostKept = mostKept;
  }

  private static final class Piece implements NativeMatrix.Memory {
    private final HostMemory owner;
    private final Pointer pointer;
    private final long sizeBytes;
    private final Cleaner.Cleanable allocation;
    private boolean isKept;

    Piece(HostMemory owner, Pointer pointer, long sizeBytes, Cleaner.Cleanable allocation) {
      this.owner = owner;
      this.pointer = pointer;
      this.sizeBytes = sizeBytes;
      this.allocation = allocation;
    }

    @Override
    public Pointer pointer() {
      return pointer;
    }

    @Override
    public void free() {
      if (!owner.keeps(this)) {
        allocation.clean();
      }
    }
  }

  /** Memory for so many bytes, at least one; its contents are arbitrary. */
  NativeMatrix.Memory allocate(long sizeBytes, Precision precision) {
    if (sizeBytes > largestKept) {
      return allocated(sizeBytes, precision);
    }
    long rounded = rounded(sizeBytes);
    Piece kept = kept(rounded, precision);
    return kept == null ? allocated(rounded, precision) : kept;
  }

  /** The next of four sizes between powers of two, so that at most a quarter is added. */
  private static long rounded(long sizeBytes) {
    if (sizeBytes <= SMALLEST) {
      return SMALLEST;
    }
    long step = Long.highestOneBit(sizeBytes - 1) / 4;
    return (sizeBytes + step - 1) / step * step;
  }

  private static int index(long rounded) {
    if (rounded == SMALLEST) {
      return 0;
    }
    long power = Long.highestOneBit(rounded - 1);
    return 4 * Long.numberOfTrailingZeros(power / SMALLEST)
        + (int) ((rounded - power) / (power / 4));
  }

  private synchronized @Nullable Piece kept(long rounded, Precision precision) {
    Piece piece = pieces(rounded, precision).pollLast();
    if (piece != null) {
      piece.isKept = false;
      keptBytes -= piece.sizeBytes;
    }
    return piece;
  }

  /** Whether a piece that is given back is kept; freed twice it would belong to two matrices. */
  private synchronized boolean keeps(Piece piece) {
    if (piece.isKept) {
      return true;
    }
    if (closed || piece.sizeBytes > largestKept) {
      return false;
    }
    if (keptBytes + piece.sizeBytes > mostKept) {
      // These sizes are not what is in demand.
      freeKept();
    }
    // Whoever failed while it walked through the elements left it elsewhere.
    piece.pointer.position(0);
    piece.isKept = true;
    Precision precision =
        piece.pointer instanceof FloatPointer ? Precision.FLOAT32 : Precision.FLOAT64;
    pieces(piece.sizeBytes, precision).addLast(piece);
    keptBytes += piece.sizeBytes;
    return true;
  }

  private Deque<Piece> pieces(long rounded, Precision precision) {
    List<Deque<Piece>> sizes = precision == Precision.FLOAT32 ? floats : doubles;
    int index = index(rounded);
    while (sizes.size() <= index) {
      sizes.add(new ArrayDeque<>());
    }
    return sizes.get(index);
  }

  private Piece allocated(long sizeBytes, Precision precision) {
    Pointer allocated = Pointer.malloc(sizeBytes);
    if (allocated == null || allocated.isNull()) {
      throw new OutOfMemoryError(
          "No memory for a matrix of " + sizeBytes + " bytes outside the heap");
    }
    Pointer pointer =
        precision == Precision.FLOAT32 ? new FloatPointer(allocated) : new DoublePointer(allocated);
    return new Piece(
        this, pointer, sizeBytes, CLEANER.register(pointer, () -> Pointer.free(allocated)));
  }

  /** Frees what is kept. Later pieces are freed when they are given back. */
  synchronized void close() {
    closed = true;
    freeKept();
  }

  private void freeKept() {
    for (List<Deque<Piece>> sizes : List.of(floats, doubles)) {
      for (Deque<Piece> pieces : sizes) {
        pieces.forEach(piece -> piece.allocation.clean());
        pieces.clear();
      }
    }
    keptBytes = 0;
  }

  /** What is kept for later. */
  synchronized long keptBytes() {
    return keptBytes;
  }
}
