package io.github.colonnade.connectors.tensor;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.apache.flink.core.fs.Path;

/** The numbers of quantised blocks as little-endian floats. */
final class DequantizingInputStream extends InputStream {
  private static final int TARGET_BYTES = 1 << 16;

  private final InputStream in;
  private final TensorInfo tensor;
  private final Quantization quantization;
  private final byte[] blocks;
  private final float[] numbers;
  private final ByteBuffer floats;
  private long blocksLeft;
  private long bytesLeft;

  private DequantizingInputStream(
      InputStream in,
      TensorInfo tensor,
      Quantization quantization,
      long blockCount,
      long bytesLeft) {
    this.in = in;
    this.tensor = tensor;
    this.quantization = quantization;
    this.blocksLeft = blockCount;
    this.bytesLeft = bytesLeft;
    int floatBytes = quantization.blockElements() * Float.BYTES;
    int together = (int) Math.max(1, Math.min(blockCount, TARGET_BYTES / floatBytes));
    this.blocks = new byte[together * quantization.blockBytes()];
    this.numbers = new float[quantization.blockElements()];
    this.floats = ByteBuffer.allocate(together * floatBytes).order(ByteOrder.LITTLE_ENDIAN);
    floats.limit(0);
  }

  /** Opens bytes [fromByte, fromByte + length) of the numbers; only their blocks are read. */
  static InputStream open(TensorInfo tensor, Payload.Quantized range, long fromByte, long length)
      throws IOException {
    Quantization quantization = range.quantization();
    long floatBytes = (long) quantization.blockElements() * Float.BYTES;
    long first = fromByte / floatBytes;
    long skip = fromByte - first * floatBytes;
    long count = (skip + length + floatBytes - 1) / floatBytes;
    InputStream in =
        InputFiles.rangeAhead(
            new Path(range.path()),
            range.offset() + first * quantization.blockBytes(),
            count * quantization.blockBytes());
    DequantizingInputStream stream =
        new DequantizingInputStream(in, tensor, quantization, count, length);
    try {
      stream.skipFirst((int) skip);
      return stream;
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  private void skipFirst(int count) throws IOException {
    if (count > 0 && bytesLeft > 0) {
      fill();
      floats.position(count);
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, buffer.length);
    if (length == 0) {
      return 0;
    }
    if (bytesLeft == 0) {
      return -1;
    }
    if (!floats.hasRemaining()) {
      fill();
    }
    int count = (int) Math.min(Math.min(length, floats.remaining()), bytesLeft);
    floats.get(buffer, offset, count);
    bytesLeft -= count;
    return count;
  }

  /** Passes over whole blocks without decoding them. */
  @Override
  public long skip(long count) throws IOException {
    long skipped = Math.max(0, Math.min(count, bytesLeft));
    long left = skipped - floats.remaining();
    if (left < 0) {
      floats.position(floats.position() + (int) skipped);
      bytesLeft -= skipped;
      return skipped;
    }
    int floatBytes = quantization.blockElements() * Float.BYTES;
    long whole = left / floatBytes;
    floats.position(0).limit(0);
    in.skipNBytes(whole * quantization.blockBytes());
    blocksLeft -= whole;
    bytesLeft -= skipped;
    int rest = (int) (left % floatBytes);
    if (rest > 0) {
      fill();
      floats.position(rest);
    }
    return skipped;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private void fill() throws IOException {
    int size = quantization.blockBytes();
    int count = (int) Math.min(blocks.length / size, blocksLeft);
    if (in.readNBytes(blocks, 0, count * size) < count * size) {
      throw FormatException.of(
          tensor.source(), tensor.name(), "its data ends early; get the file again");
    }
    floats.clear();
    for (int b = 0; b < count; b++) {
      quantization.decode(blocks, b * size, numbers);
      floats.asFloatBuffer().put(numbers);
      floats.position(floats.position() + numbers.length * Float.BYTES);
    }
    floats.flip();
    blocksLeft -= count;
  }
}
