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
 * Plain memory of the host, of which small pieces are used again.
 *
 * <p>Most matrices of a task are small and live shortly. Each would be an allocation, three objects
 * and an entry in the list of what the collector has to free, which all threads of the process
 * share and wait for. So what is given back is kept, by size, up to {@value #KEPT_BYTES} bytes. One
 * instance serves one task; it may be used by several threads.
 *
 * <p>Whoever does not close it leaves to the collector what is kept, and until then the class
 * loader of this class.
 */
final class HostMemory {

  private static final long KEPT_BYTES = 8L << 20;

  /** Sizes are powers of two up to this one; what is larger is not kept. */
  private static final long LARGEST_KEPT = 1L << 18;

  private static final int SMALLEST_SHIFT = 6;

  /** Frees what was not closed. Not JavaCPP's own: that limits such memory by the heap's size. */
  private static final Cleaner CLEANER = Cleaner.create();

  private final List<Deque<Piece>> floats = new ArrayList<>();
  private final List<Deque<Piece>> doubles = new ArrayList<>();
  private long keptBytes;
  private boolean closed;

  private static final class Piece implements NativeMatrix.Memory {
    private final HostMemory owner;
    private final Pointer pointer;
    private final long sizeBytes;
    private final Cleaner.Cleanable allocation;

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
    if (sizeBytes > LARGEST_KEPT) {
      return allocated(sizeBytes, precision);
    }
    int shift = shift(sizeBytes);
    Piece kept = kept(shift, precision);
    return kept == null ? allocated(1L << shift, precision) : kept;
  }

  private static int shift(long sizeBytes) {
    return Math.max(SMALLEST_SHIFT, Long.SIZE - Long.numberOfLeadingZeros(sizeBytes - 1));
  }

  private synchronized @Nullable Piece kept(int shift, Precision precision) {
    Piece piece = pieces(shift, precision).pollLast();
    if (piece != null) {
      keptBytes -= piece.sizeBytes;
    }
    return piece;
  }

  private synchronized boolean keeps(Piece piece) {
    if (closed || piece.sizeBytes > LARGEST_KEPT || keptBytes + piece.sizeBytes > KEPT_BYTES) {
      return false;
    }
    // Whoever failed while it walked through the elements left it elsewhere.
    piece.pointer.position(0);
    Precision precision =
        piece.pointer instanceof FloatPointer ? Precision.FLOAT32 : Precision.FLOAT64;
    pieces(shift(piece.sizeBytes), precision).addLast(piece);
    keptBytes += piece.sizeBytes;
    return true;
  }

  private Deque<Piece> pieces(int shift, Precision precision) {
    List<Deque<Piece>> sizes = precision == Precision.FLOAT32 ? floats : doubles;
    int index = shift - SMALLEST_SHIFT;
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
    for (List<Deque<Piece>> sizes : List.of(floats, doubles)) {
      sizes.forEach(pieces -> pieces.forEach(piece -> piece.allocation.clean()));
      sizes.clear();
    }
    keptBytes = 0;
  }

  /** What is kept for later. */
  synchronized long keptBytes() {
    return keptBytes;
  }
}
