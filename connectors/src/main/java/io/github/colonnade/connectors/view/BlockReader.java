package io.github.colonnade.connectors.view;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorReader;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads blocks: every byte once, through a buffer of at most 1 MiB, which also feeds the checksum.
 * Not safe for use by several threads.
 */
public final class BlockReader {
  private static final int BUFFER_BYTES = 1 << 20;

  private final ElementType elementType;
  private final MessageDigest digest;
  private byte[] buffer = new byte[0];

  /** A reader that gives numbers of this type. */
  public BlockReader(ElementType elementType) {
    this.elementType = elementType;
    try {
      this.digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * Reads one block from its file.
   *
   * @throws FormatException if the block is too large for one array, or the file is not sound
   * @throws IOException if the storage fails
   */
  public BlockValues read(BlockRef block) throws IOException {
    checkSize(block);
    try (InputStream in = TensorReader.open(block.tensor(), block.fromByte(), block.sizeBytes())) {
      return decode(block, in);
    }
  }

  /**
   * Reads blocks of one tensor, opening it once and passing over what lies between them.
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
    long start = blocks.get(0).fromByte();
    long end = start;
    for (BlockRef block : blocks) {
      if (!block.tensor().equals(tensor) || block.fromByte() < end) {
        throw new IllegalArgumentException(
            "block " + block.id() + " is of another tensor or out of order");
      }
      checkSize(block);
      end = block.fromByte() + block.sizeBytes();
    }
    try (InputStream in = TensorReader.open(tensor, start, end - start)) {
      long position = start;
      for (BlockRef block : blocks) {
        in.skipNBytes(block.fromByte() - position);
        consumer.accept(decode(block, in));
        position = block.fromByte() + block.sizeBytes();
      }
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
    long size = block.sizeBytes();
    if (buffer.length < Math.min(size, BUFFER_BYTES)) {
      buffer = new byte[size < BUFFER_BYTES ? (int) size : BUFFER_BYTES];
    }
    // Part by part, so that the array comes after the first bytes have been seen.
    BlockDecoder decoder = null;
    digest.reset();
    long left = size;
    while (left > 0) {
      int part = (int) Math.min(left, BUFFER_BYTES);
      if (in.readNBytes(buffer, 0, part) < part) {
        throw FormatException.of(
            block.tensor().source(),
            block.tensor().name(),
            "the data of block " + block.id() + " ends early; get the file again");
      }
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
              + " numbers is too large for one block; cut it with --rows and --columns");
    }
  }
}
