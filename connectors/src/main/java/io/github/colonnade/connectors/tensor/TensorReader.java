package io.github.colonnade.connectors.tensor;

import io.github.colonnade.connectors.hdf5.Hdf5File;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.connectors.matlab.MatFile;
import io.github.colonnade.connectors.matrixmarket.MatrixMarketFile;
import io.github.colonnade.connectors.tiff.TiffFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.flink.core.fs.Path;

/**
 * Opens the canonical payload of a tensor: row-major, little-endian, exactly {@link
 * TensorInfo#sizeBytes()} bytes. For safetensors these are the file's own bytes.
 *
 * <p>The streams are not buffered: read them in large pieces. While reading, {@link
 * FormatException} says that the file ends early or is corrupt; {@link IOException} is trouble of
 * the storage.
 */
public final class TensorReader {
  /** Largest column-major tensor in bytes: such a tensor is reordered in memory. */
  public static final long MAX_REORDERED_BYTES = Reordering.MAX_BYTES;

  /** What is decoded in chunks has at most so many bytes in memory. */
  private static final long MAX_CHUNK_BYTES = 1L << 30;

  private TensorReader() {}

  /**
   * The most bytes that a payload takes in memory while it is open, beside small buffers. What was
   * read ahead may stay a while after it was closed, as {@link InputFiles#aheadBytes} tells.
   */
  public static long openBytes(TensorInfo tensor) {
    Payload payload = tensor.payload();
    long decoded =
        payload instanceof Payload.Decoded ? Math.min(tensor.sizeBytes(), MAX_CHUNK_BYTES) : 0;
    return decoded
        + (Reordering.isNeeded(tensor) ? Reordering.openBytes(tensor) : 0)
        + InputFiles.aheadBytes(new Path(payload.path()), tensor.sizeBytes());
  }

  /** Opens the whole payload; the caller closes it. */
  public static InputStream open(TensorInfo tensor) throws IOException {
    return open(tensor, 0, tensor.sizeBytes());
  }

  /**
   * Opens bytes [fromByte, fromByte + length) of the canonical payload; the caller closes it. From
   * a plain range only these bytes are read; from a compressed one everything before them too.
   *
   * @throws IllegalArgumentException if the range is not within the payload
   */
  public static InputStream open(TensorInfo tensor, long fromByte, long length) throws IOException {
    long size = tensor.sizeBytes();
    if (fromByte < 0 || length < 0 || fromByte > size - length) {
      throw new IllegalArgumentException(
          length + " bytes from byte " + fromByte + " asked of a tensor of " + size + " bytes");
    }
    if (tensor.payload() instanceof Payload.Decoded numbers && numbers.planes() > 1) {
      return PlanesInputStream.open(tensor, numbers, fromByte, length);
    }
    if (Reordering.isNeeded(tensor)) {
      return new ByteArrayInputStream(Reordering.rowMajor(tensor), (int) fromByte, (int) length);
    }
    return littleEndian(tensor, fromByte, length);
  }

  /**
   * Whether a tensor of two dimensions is stored column after column, for {@link #openColumns}. Of
   * larger ones than can be put in order that does not help: somebody will ask for their rows.
   */
  public static boolean isByColumns(TensorInfo tensor) {
    return tensor.shape().rank() == 2
        && Reordering.isNeeded(tensor)
        && tensor.sizeBytes() <= MAX_REORDERED_BYTES
        && !(tensor.payload() instanceof Payload.Decoded numbers && numbers.planes() > 1);
  }

  /**
   * Opens neighbouring columns of a tensor {@link #isByColumns}, one after another and
   * little-endian, without putting the tensor in order; the caller closes it.
   *
   * @throws IllegalArgumentException if the columns are not within the tensor
   */
  public static InputStream openColumns(TensorInfo tensor, long fromColumn, long columns)
      throws IOException {
    if (!isByColumns(tensor)
        || fromColumn < 0
        || columns < 0
        || fromColumn > tensor.shape().dim(1) - columns) {
      throw new IllegalArgumentException(
          columns + " columns from " + fromColumn + " asked of a tensor of " + tensor.shape());
    }
    long columnBytes = tensor.dtype().payloadBytes(tensor.shape().dim(0));
    return littleEndian(tensor, columnBytes * fromColumn, columnBytes * columns);
  }

  /** Bytes in the order of the file, but those of a number. */
  private static InputStream littleEndian(TensorInfo tensor, long fromByte, long length)
      throws IOException {
    long size = tensor.sizeBytes();
    int unit = tensor.dtype().swapBytes();
    if (!tensor.payload().arrangement().isBigEndian() || unit <= 1) {
      return stored(tensor, fromByte, length);
    }
    long aligned = fromByte - fromByte % unit;
    InputStream swapped = new SwappingInputStream(stored(tensor, aligned, size - aligned), unit);
    return part(tensor, swapped, fromByte - aligned, length);
  }

  /** Bytes as they lie in the file, without compression or field tags. */
  static InputStream stored(TensorInfo tensor, long fromByte, long length) throws IOException {
    if (tensor.payload() instanceof Payload.ByteRange range) {
      return InputFiles.rangeAhead(new Path(range.path()), range.offset() + fromByte, length);
    } else if (tensor.payload() instanceof Payload.ZipEntryRange entry) {
      return ZipEntryInputStream.open(tensor.name(), entry, fromByte, length);
    } else if (tensor.payload() instanceof Payload.ProtobufField field) {
      InputStream message =
          InputFiles.rangeAhead(new Path(field.path()), field.offset(), field.length());
      InputStream elements = new ProtobufFieldInputStream(message, tensor, field);
      return part(tensor, elements, fromByte, length);
    }
    if (tensor.payload() instanceof Payload.Quantized range) {
      return DequantizingInputStream.open(tensor, range, fromByte, length);
    }
    if (tensor.payload() instanceof Payload.Decoded numbers) {
      return part(tensor, decoded(numbers), fromByte, length);
    }
    throw new IllegalStateException("unknown payload " + tensor.payload());
  }

  private static InputStream decoded(Payload.Decoded numbers) throws IOException {
    Path path = new Path(numbers.path());
    return switch (numbers.container()) {
      case HDF5 -> Hdf5File.open(path, numbers.offset(), numbers.plane());
      case TIFF -> TiffFile.open(path, numbers.offset(), numbers.plane());
      case MATRIX_MARKET -> MatrixMarketFile.open(path, numbers.plane());
      case MATLAB -> MatFile.open(path, numbers.offset(), numbers.plane());
    };
  }

  private static InputStream part(TensorInfo tensor, InputStream in, long skip, long length)
      throws IOException {
    boolean toEnd = skip + length == tensor.sizeBytes();
    ExactInputStream part = new ExactInputStream(in, tensor.source(), tensor.name(), length, toEnd);
    try {
      part.skipFirst(skip);
      return part;
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }
}
