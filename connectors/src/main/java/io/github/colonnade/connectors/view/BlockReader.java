package io.github.colonnade.connectors.view;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.Sha256;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorReader;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads blocks: every byte once, through a buffer of at most 1 MiB, which also feeds the checksum.
 * Not safe for use by several threads.
 */
public final class BlockReader {
  private static final int BUFFER_BYTES = 1 << 20;

  /** Of one block in a row-major tensor, where much of what lies between its pieces is skipped. */
  private static final int ROW_BUFFER_BYTES = 1 << 16;

  private final ElementType elementType;
  private final long passNumbers;
  private final MessageDigest digest;
  private byte[] buffer = new byte[0];

  /** A reader that gives numbers of this type. */
  public BlockReader(ElementType elementType) {
    this(elementType, MatrixView.PANEL_NUMBERS);
  }

  /**
   * @param passNumbers the most numbers of a row-major tensor that are in memory together
   */
  BlockReader(ElementType elementType, long passNumbers) {
    this.elementType = elementType;
    this.passNumbers = passNumbers;
    this.digest = Sha256.digest();
  }

  /**
   * Reads one block from its file.
   *
   * @throws FormatException if the block is too large for one array, or the file is not sound
   * @throws IOException if the storage fails
   */
  public BlockValues read(BlockRef block) throws IOException {
    checkSize(block);
    try (InputStream in = open(block)) {
      return decode(block, in);
    }
  }

  /**
   * Opens the bytes of a block in the order of the payload; the caller closes the stream.
   *
   * @throws FormatException if the file is not sound
   * @throws IOException if the storage fails
   */
  public static InputStream open(BlockRef block) throws IOException {
    if (block.isContiguous()) {
      return TensorReader.open(block.tensor(), block.fromByte(), block.sizeBytes());
    }
    DType dtype = block.tensor().dtype();
    long segment = dtype.payloadBytes(block.columns());
    long row = dtype.payloadBytes(block.allColumns());
    InputStream rows =
        TensorReader.open(block.tensor(), block.fromByte(), row * (block.rows() - 1) + segment);
    return new SegmentInputStream(
        new BufferedInputStream(rows, ROW_BUFFER_BYTES), segment, row - segment, block.rows());
  }

  /**
   * Reads blocks of one tensor, opening it once and passing over what lies between them. Ranges of
   * columns of a row-major tensor have pieces in every row, so all of them are in memory together,
   * up to {@link MatrixView#PANEL_NUMBERS} numbers: more are read in several passes.
   *
   * @param blocks blocks of {@code tensor} in ascending order, without overlap
   * @param consumer receives each block as soon as it is read
   * @throws IllegalArgumentException if the blocks are of another tensor or not in order
   * @throws FormatException as in {@link #read}
   * @throws IOException if the storage fails
   */
  public void readTensorBlocks(
      TensorInfo tensor, List<BlockRef> blocks, Consumer<BlockValues> consumer) throws IOException {
    if (blocks.isEmpty()) {
      return;
    }
    BlockRef first = blocks.get(0);
    long end = first.fromColumn();
    for (BlockRef block : blocks) {
      if (!block.tensor().equals(tensor)
          || block.layout() != first.layout()
          || block.rows() != first.rows()
          || block.fromColumn() < end) {
        throw new IllegalArgumentException(
            "block " + block.id() + " is of another tensor or view, or out of order");
      }
      checkSize(block);
      end = block.fromColumn() + block.columns();
    }
    if (first.isContiguous()) {
      readOneByOne(tensor, blocks, consumer);
    } else {
      int from = 0;
      while (from < blocks.size()) {
        int to = from;
        long numbers = 0;
        while (to < blocks.size()
            && (to == from || numbers + blocks.get(to).elements() <= passNumbers)) {
          numbers += blocks.get(to++).elements();
        }
        readRowByRow(tensor, blocks.subList(from, to), consumer);
        from = to;
      }
    }
  }

  /**
   * The most numbers that {@link #readTensorBlocks} has in memory together.
   *
   * @param blocks as there, all but the last of which have the same shape
   */
  public static long numbersTogether(List<BlockRef> blocks) {
    BlockRef first = blocks.get(0);
    if (first.isContiguous()) {
      return first.elements();
    }
    BlockRef last = blocks.get(blocks.size() - 1);
    long all = first.elements() * (blocks.size() - 1) + last.elements();
    return Math.min(all, Math.max(first.elements(), MatrixView.PANEL_NUMBERS));
  }

  private void readOneByOne(
      TensorInfo tensor, List<BlockRef> blocks, Consumer<BlockValues> consumer) throws IOException {
    BlockRef last = blocks.get(blocks.size() - 1);
    long start = blocks.get(0).fromByte();
    long end = last.fromByte() + last.sizeBytes();
    try (InputStream in = TensorReader.open(tensor, start, end - start)) {
      long position = start;
      for (BlockRef block : blocks) {
        in.skipNBytes(block.fromByte() - position);
        consumer.accept(decode(block, in));
        position = block.fromByte() + block.sizeBytes();
      }
    }
  }

  private void readRowByRow(
      TensorInfo tensor, List<BlockRef> blocks, Consumer<BlockValues> consumer) throws IOException {
    DType dtype = tensor.dtype();
    BlockRef first = blocks.get(0);
    BlockRef last = blocks.get(blocks.size() - 1);
    long row = dtype.payloadBytes(first.allColumns());
    long wanted = dtype.payloadBytes(last.fromColumn() + last.columns() - first.fromColumn());
    List<Part> parts = new ArrayList<>(blocks.size());
    try (InputStream in =
        new BufferedInputStream(
            TensorReader.open(tensor, first.fromByte(), row * (first.rows() - 1) + wanted),
            BUFFER_BYTES)) {
      for (long i = 0; i < first.rows(); i++) {
        in.skipNBytes(i == 0 ? 0 : row - wanted);
        long position = first.fromByte();
        for (int p = 0; p < blocks.size(); p++) {
          BlockRef block = blocks.get(p);
          in.skipNBytes(block.fromByte() - position);
          long segment = dtype.payloadBytes(block.columns());
          copy(block, segment, in, part(parts, p, block));
          position = block.fromByte() + segment;
        }
      }
    }
    for (int p = 0; p < parts.size(); p++) {
      consumer.accept(parts.get(p).values());
    }
  }

  /** Made when its first bytes are due, so that a wrong size in a header cannot claim memory. */
  private Part part(List<Part> parts, int number, BlockRef block) {
    if (number == parts.size()) {
      parts.add(new Part(block, BlockDecoder.of(block, elementType), Sha256.digest()));
    }
    return parts.get(number);
  }

  private void copy(BlockRef block, long size, InputStream in, Part part) throws IOException {
    long left = size;
    while (left > 0) {
      int length = (int) Math.min(left, BUFFER_BYTES);
      fill(block, in, length);
      part.digest.update(buffer, 0, length);
      part.decoder.accept(buffer, length);
      left -= length;
    }
  }

  private void fill(BlockRef block, InputStream in, int length) throws IOException {
    if (buffer.length < length) {
      buffer = new byte[length];
    }
    if (in.readNBytes(buffer, 0, length) < length) {
      throw FormatException.of(
          block.tensor().source(),
          block.tensor().name(),
          "the data of block " + block.id() + " ends early; get the file again");
    }
  }

  /** A block of which some rows were read. */
  private record Part(BlockRef block, BlockDecoder decoder, MessageDigest digest) {
    BlockValues values() {
      return new BlockValues(
          block, decoder.values(), HexFormat.of().formatHex(digest.digest()), decoder.maxAbs());
    }
  }

  /**
   * Decodes a block from its bytes in the canonical payload.
   *
   * @param in positioned at the first byte of the block; exactly the block's bytes are read
   * @throws FormatException if the block is too large for one array, or the stream ends early
   */
  public BlockValues decode(BlockRef block, InputStream in) throws IOException {
    checkSize(block);
    // Part by part, so that the array comes after the first bytes have been seen.
    BlockDecoder decoder = null;
    digest.reset();
    long left = block.sizeBytes();
    while (left > 0) {
      int part = (int) Math.min(left, BUFFER_BYTES);
      fill(block, in, part);
      digest.update(buffer, 0, part);
      if (decoder == null) {
        decoder = BlockDecoder.of(block, elementType);
      }
      decoder.accept(buffer, part);
      left -= part;
    }
    if (decoder == null) {
      throw new IllegalStateException("block " + block.id() + " has no bytes");
    }
    return new BlockValues(
        block, decoder.values(), HexFormat.of().formatHex(digest.digest()), decoder.maxAbs());
  }

  private static void checkSize(BlockRef block) {
    // Some virtual machines cannot make an array of the very largest lengths.
    if (block.elements() > Integer.MAX_VALUE - 8) {
      throw FormatException.of(
          block.tensor().source(),
          block.tensor().name(),
          "a block of "
              + block.elements()
              + " numbers is too large for one block; cut it with --columns");
    }
  }
}
