package io.github.colonnade.connectors.tensor;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Planes of a tensor one after another; each is opened when the one before it is done. */
final class PlanesInputStream extends InputStream {
  private final TensorInfo tensor;
  private final Payload.Decoded numbers;
  private final TensorInfo firstPlane;
  private @Nullable InputStream in;
  private long position;
  private final long end;

  private PlanesInputStream(
      TensorInfo tensor, Payload.Decoded numbers, long fromByte, long length) {
    this.tensor = tensor;
    this.numbers = numbers;
    this.firstPlane = plane(0);
    this.position = fromByte;
    this.end = fromByte + length;
  }

  /** Opens bytes [fromByte, fromByte + length) of a tensor of several planes. */
  static InputStream open(TensorInfo tensor, Payload.Decoded numbers, long fromByte, long length) {
    return new PlanesInputStream(tensor, numbers, fromByte, length);
  }

  private TensorInfo plane(int index) {
    long[] dims = tensor.shape().dims();
    dims[0] /= numbers.planes();
    return new TensorInfo(
        tensor.source(),
        tensor.name(),
        tensor.dtype(),
        Shape.of(dims),
        new Payload.Decoded(
            numbers.path(),
            numbers.container(),
            numbers.offset(),
            numbers.plane() + index,
            1,
            numbers.arrangement()));
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
    while (position < end) {
      if (in == null) {
        long size = firstPlane.sizeBytes();
        int index = (int) (position / size);
        long from = position % size;
        in = TensorReader.open(plane(index), from, Math.min(size - from, end - position));
      }
      int got = in.read(buffer, offset, length);
      if (got >= 0) {
        position += got;
        return got;
      }
      in.close();
      in = null;
    }
    return -1;
  }

  @Override
  public void close() throws IOException {
    if (in != null) {
      in.close();
    }
  }
}
