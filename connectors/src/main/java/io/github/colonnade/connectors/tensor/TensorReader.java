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
import java.nio.ByteBuffer;
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
  public static final long MAX_REORDERED_BYTES = 1L << 30;

  /** What is decoded in chunks has at most so many bytes in memory. */
  private static final long MAX_CHUNK_BYTES = 1L << 30;

  /** Edge of the tiles in which columns are turned into rows. */
  private static final int TILE = 16;

  private TensorReader() {}

  /** The most bytes that a payload takes in memory while it is open, beside small buffers. */
  public static long openBytes(TensorInfo tensor) {
    Payload payload = tensor.payload();
    if (payload.arrangement().isColumnMajor() && tensor.shape().rank() > 1) {
      // Both orders are there while it is put in order.
      return 2 * Math.min(tensor.sizeBytes(), MAX_REORDERED_BYTES);
    }
    return payload instanceof Payload.Decoded ? Math.min(tensor.sizeBytes(), MAX_CHUNK_BYTES) : 0;
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
    Arrangement arrangement = tensor.payload().arrangement();
    if (arrangement.isColumnMajor() && tensor.shape().rank() > 1 && size > 0) {
      return new ByteArrayInputStream(rowMajor(tensor), (int) fromByte, (int) length);
    }
    if (arrangement.isBigEndian() && tensor.dtype().swapBytes() > 1) {
      int unit = tensor.dtype().swapBytes();
      long aligned = fromByte - fromByte % unit;
      InputStream swapped = new SwappingInputStream(stored(tensor, aligned, size - aligned), unit);
      return part(tensor, swapped, fromByte - aligned, length);
    }
    return stored(tensor, fromByte, length);
  }

  /** Bytes as they lie in the file, without compression or field tags. */
  private static InputStream stored(TensorInfo tensor, long fromByte, long length)
      throws IOException {
    if (tensor.payload() instanceof Payload.ByteRange range) {
      return InputFiles.range(new Path(range.path()), range.offset() + fromByte, length);
    } else if (tensor.payload() instanceof Payload.ZipEntryRange entry) {
      return ZipEntryInputStream.open(tensor.name(), entry, fromByte, length);
    } else if (tensor.payload() instanceof Payload.ProtobufField field) {
      InputStream message =
          InputFiles.range(new Path(field.path()), field.offset(), field.length());
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

  private static byte[] rowMajor(TensorInfo tensor) throws IOException {
    long size = tensor.sizeBytes();
    if (size > MAX_REORDERED_BYTES) {
      throw FormatException.of(
          tensor.source(),
          tensor.name(),
          "it is stored column-major and has "
              + size
              + " bytes, more than the "
              + MAX_REORDERED_BYTES
              + " that are reordered in memory; save it in C order, as in"
              + " numpy.ascontiguousarray");
    }
    byte[] columnMajor;
    try (InputStream in = stored(tensor, 0, size)) {
      columnMajor = InputFiles.next(in, (int) size);
    }
    if (columnMajor.length != size) {
      throw FormatException.of(
          tensor.source(), tensor.name(), "its data ends early; get the file again");
    }
    if (tensor.payload().arrangement().isBigEndian()) {
      SwappingInputStream.swap(columnMajor, columnMajor.length, tensor.dtype().swapBytes());
    }
    return reorder(columnMajor, tensor.shape(), tensor.dtype().sizeBytes());
  }

  private static byte[] reorder(byte[] columnMajor, Shape shape, int size) {
    int rank = shape.rank();
    if (rank == 2) {
      byte[] rowMajor = new byte[columnMajor.length];
      transpose(columnMajor, rowMajor, (int) shape.dim(0), (int) shape.dim(1), size);
      return rowMajor;
    }
    int[] dims = new int[rank];
    int[] strides = new int[rank];
    int stride = size;
    for (int d = 0; d < rank; d++) {
      dims[d] = (int) shape.dim(d);
      strides[d] = stride;
      stride *= dims[d];
    }
    byte[] rowMajor = new byte[columnMajor.length];
    int[] index = new int[rank];
    int from = 0;
    for (int to = 0; to < rowMajor.length; to += size) {
      for (int b = 0; b < size; b++) {
        rowMajor[to + b] = columnMajor[from + b];
      }
      for (int d = rank - 1; d >= 0; d--) {
        from += strides[d];
        if (++index[d] < dims[d]) {
          break;
        }
        from -= strides[d] * dims[d];
        index[d] = 0;
      }
    }
    return rowMajor;
  }

  /** Tile by tile, so that both sides stay in the cache. */
  private static void transpose(
      byte[] columnMajor, byte[] rowMajor, int rows, int columns, int size) {
    ByteBuffer from = ByteBuffer.wrap(columnMajor);
    ByteBuffer to = ByteBuffer.wrap(rowMajor);
    for (int row = 0; row < rows; row += TILE) {
      int rowEnd = Math.min(rows, row + TILE);
      for (int column = 0; column < columns; column += TILE) {
        int columnEnd = Math.min(columns, column + TILE);
        for (int r = row; r < rowEnd; r++) {
          for (int c = column; c < columnEnd; c++) {
            int source = (c * rows + r) * size;
            int target = (r * columns + c) * size;
            switch (size) {
              case Integer.BYTES -> to.putInt(target, from.getInt(source));
              case Long.BYTES -> to.putLong(target, from.getLong(source));
              default -> to.put(target, columnMajor, source, size);
            }
          }
        }
      }
    }
  }
}
