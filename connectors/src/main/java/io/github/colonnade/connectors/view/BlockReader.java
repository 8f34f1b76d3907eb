package io.github.colonnade.connectors.view;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.connectors.io.Sha256;
import io.github.colonnade.connectors.tensor.Columns;
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
 * Reads blocks: every byte once, through small buffers, which also feed the checksum. Not safe for
 * use by several threads.
 */
public final class BlockReader {
  private static final int BUFFER_BYTES = 1 << 20;

  /** Of rows that are turned into columns, which are to be some together. */
  private static final int BAND_BYTES = 1 << 22;

  /** Of one block in a row-major tensor, where much of what lies between its pieces is skipped. */
  private static final int ROW_BUFFER_BYTES = 1 << 16;

  private final ElementType elementType;
  private final long passNumbers;
  private final MessageDigest digest;
  private byte[] buffer = new byte[0];

  /** A small block as it is stored. */
  private byte[] stored = new byte[0];

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
    if (isByColumns(block)) {
      try (InputStream in =
          TensorReader.openColumns(block.tensor(), block.fromColumn(), block.columns())) {
        return decodeColumns(block, in);
      }
    }
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
   * up to {@link MatrixView#PANEL_NUMBERS} numbers: more are read in several passes. Of a tensor
   * whose file has it column after column the bytes of one block are.
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
    if (isByColumns(first)) {
      readColumns(tensor, blocks, consumer);
    } else if (first.isContiguous()) {
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
    if (first.isContiguous() || isByColumns(first)) {
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

  /** Whether the file has the columns of a block one after another, as the values do. */
  private static boolean isByColumns(BlockRef block) {
    return block.layout() == Layout.ROW_MAJOR && TensorReader.isByColumns(block.tensor());
  }

  private void readColumns(TensorInfo tensor, List<BlockRef> blocks, Consumer<BlockValues> consumer)
      throws IOException {
    BlockRef last = blocks.get(blocks.size() - 1);
    long position = blocks.get(0).fromColumn();
    long end = last.fromColumn() + last.columns();
    try (InputStream in = TensorReader.openColumns(tensor, position, end - position)) {
      for (BlockRef block : blocks) {
        in.skipNBytes(tensor.dtype().payloadBytes(block.rows() * (block.fromColumn() - position)));
        consumer.accept(decodeColumns(block, in));
        position = block.fromColumn() + block.columns();
      }
    }
  }

  /** Decodes a block from its columns; the checksum is of its rows all the same. */
  private BlockValues decodeColumns(BlockRef block, InputStream in) throws IOException {
    BlockRef columns =
        new BlockRef(
            block.tensor(), block.rows(), block.columns(), block.fromColumn(), Layout.COLUMN_MAJOR);
    int length = (int) block.sizeBytes();
    byte[] bytes;
    if (length <= BAND_BYTES) {
      if (stored.length < length) {
        stored = new byte[length];
      }
      bytes = stored;
      fill(block, in, bytes, 0, length);
    } else {
      bytes = InputFiles.next(in, length);
      if (bytes.length < length) {
        throw endsEarly(block);
      }
    }
    BlockDecoder decoder = BlockDecoder.of(columns, elementType);
    decoder.accept(bytes, length);
    int m = (int) block.rows();
    int n = (int) block.columns();
    int size = block.tensor().dtype().sizeBytes();
    Columns all = new Columns(bytes, m, n, size);
    long together = rowsTogether((long) n * size);
    // Rows, or a part of one.
    int height = (int) Math.max(1, Math.min(m, together));
    int width = together > 0 ? n : BAND_BYTES / size;
    if (buffer.length < height * width * size) {
      buffer = new byte[height * width * size];
    }
    digest.reset();
    for (int row = 0; row < m; row += height) {
      int rowEnd = Math.min(m, row + height);
      for (int column = 0; column < n; column += width) {
        int columnEnd = Math.min(n, column + width);
        all.copyRows(row, rowEnd, column, columnEnd, buffer, 0, columnEnd - column);
        digest.update(buffer, 0, (rowEnd - row) * (columnEnd - column) * size);
      }
    }
    return new BlockValues(
        block, decoder.values(), HexFormat.of().formatHex(digest.digest()), decoder.maxAbs());
  }

  private void readRowByRow(
      TensorInfo tensor, List<BlockRef> blocks, Consumer<BlockValues> consumer) throws IOException {
    DType dtype = tensor.dtype();
    BlockRef first = blocks.get(0);
    BlockRef last = blocks.get(blocks.size() - 1);
    long row = dtype.payloadBytes(first.allColumns());
    long span = dtype.payloadBytes(last.fromColumn() + last.columns() - first.fromColumn());
    long wanted = 0;
    for (BlockRef block : blocks) {
      wanted += dtype.payloadBytes(block.columns());
    }
    List<Part> parts = new ArrayList<>(blocks.size());
    try (InputStream in =
        new BufferedInputStream(
            TensorReader.open(tensor, first.fromByte(), row * (first.rows() - 1) + span),
            BUFFER_BYTES)) {
      int together = (int) Math.min(first.rows(), rowsTogether(wanted));
      byte[] band = new byte[together > 1 ? (int) (together * wanted) : 0];
      for (long i = 0; i < first.rows(); i += Math.max(1, together)) {
        in.skipNBytes(i == 0 ? 0 : row - span);
        if (together > 1) {
          int rows = (int) Math.min(together, first.rows() - i);
          if (wanted == row) {
            fill(first, in, band, 0, (int) (rows * wanted));
          } else {
            readBand(blocks, in, row - span, rows, band);
          }
          takeBand(blocks, parts, rows, (int) wanted, band);
        } else {
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
    }
    for (int p = 0; p < parts.size(); p++) {
      consumer.accept(parts.get(p).values());
    }
  }

  /** How many rows are worth reading before they are turned into columns; may be none. */
  private static long rowsTogether(long rowBytes) {
    long tileBytes = rowBytes * BlockDecoder.TILE_ROWS;
    return tileBytes <= BUFFER_BYTES
        ? BUFFER_BYTES / tileBytes * BlockDecoder.TILE_ROWS
        : Math.min(BlockDecoder.TILE_ROWS, BAND_BYTES / rowBytes);
  }

  /** Reads what the blocks have of some rows, row after row. */
  private static void readBand(
      List<BlockRef> blocks, InputStream in, long gap, int rows, byte[] band) throws IOException {
    int filled = 0;
    for (int r = 0; r < rows; r++) {
      in.skipNBytes(r == 0 ? 0 : gap);
      for (int p = 0; p < blocks.size(); ) {
        BlockRef block = blocks.get(p);
        long start = block.fromByte();
        long end = start;
        // Neighbours are read together.
        for (; p < blocks.size() && blocks.get(p).fromByte() == end; p++) {
          end += block.tensor().dtype().payloadBytes(blocks.get(p).columns());
        }
        filled = fill(block, in, band, filled, (int) (end - start));
        if (p < blocks.size()) {
          in.skipNBytes(blocks.get(p).fromByte() - end);
        }
      }
    }
  }

  /** Hands each block its part of some rows. */
  private void takeBand(
      List<BlockRef> blocks, List<Part> parts, int rows, int rowBytes, byte[] band) {
    int from = 0;
    for (int p = 0; p < blocks.size(); p++) {
      BlockRef block = blocks.get(p);
      int segment = (int) block.tensor().dtype().payloadBytes(block.columns());
      int length = rows * segment;
      if (buffer.length < length) {
        buffer = new byte[length];
      }
      for (int r = 0; r < rows; r++) {
        System.arraycopy(band, r * rowBytes + from, buffer, r * segment, segment);
      }
      Part part = part(parts, p, block);
      part.digest.update(buffer, 0, length);
      part.decoder.accept(buffer, length);
      from += segment;
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
      fillBuffer(block, in, length);
      part.digest.update(buffer, 0, length);
      part.decoder.accept(buffer, length);
      left -= length;
    }
  }

  private void fillBuffer(BlockRef block, InputStream in, int length) throws IOException {
    if (buffer.length < length) {
      buffer = new byte[length];
    }
    fill(block, in, buffer, 0, length);
  }

  /** Reads so many bytes, and returns where they end. */
  private static int fill(BlockRef block, InputStream in, byte[] target, int from, int length)
      throws IOException {
    if (InputFiles.read(in, target, from, length) < length) {
      throw endsEarly(block);
    }
    return from + length;
  }

  private static FormatException endsEarly(BlockRef block) {
    return FormatException.of(
        block.tensor().source(),
        block.tensor().name(),
        "the data of block " + block.id() + " ends early; get the file again");
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
    long rowBytes = block.tensor().dtype().payloadBytes(block.columns());
    long rows = block.layout() == Layout.ROW_MAJOR ? rowsTogether(rowBytes) : 0;
    long most = rows > 1 ? rows * rowBytes : BUFFER_BYTES;
    long left = block.sizeBytes();
    while (left > 0) {
      int part = (int) Math.min(left, most);
      fillBuffer(block, in, part);
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
