package io.github.colonnade.connectors.tensor;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import java.io.IOException;
import java.io.InputStream;

/** Puts column-major tensors into row-major order, in memory. */
final class Reordering {
  static final long MAX_BYTES = 1L << 30;

  /** Of a matrix that are read before they go to their places. */
  private static final int PIECE_BYTES = 1 << 20;

  /** Of tall columns so many are read that a row gets {@link #WIDTH} numbers. */
  private static final int MAX_PIECE_BYTES = 1 << 22;

  private static final int WIDTH = 16;

  private Reordering() {}

  /** Whether the order of a tensor's numbers in the file is not that of its canonical payload. */
  static boolean isNeeded(TensorInfo tensor) {
    if (!tensor.payload().arrangement().isColumnMajor() || tensor.sizeBytes() == 0) {
      return false;
    }
    int sides = 0;
    for (long dim : tensor.shape().dims()) {
      sides += dim > 1 ? 1 : 0;
    }
    return sides > 1;
  }

  /** The most bytes that this takes in memory, beside small buffers. */
  static long openBytes(TensorInfo tensor) {
    // Of more dimensions both orders are there together.
    return (tensor.shape().rank() == 2 ? 1 : 2) * Math.min(tensor.sizeBytes(), MAX_BYTES);
  }

  /**
   * The canonical payload of a tensor for which this is needed.
   *
   * @throws FormatException if it is too large, or not sound
   */
  static byte[] rowMajor(TensorInfo tensor) throws IOException {
    long size = tensor.sizeBytes();
    if (size > MAX_BYTES) {
      throw FormatException.of(
          tensor.source(),
          tensor.name(),
          "it is stored column-major and has "
              + size
              + " bytes, more than the "
              + MAX_BYTES
              + " that are reordered in memory; save it in C order, as in"
              + " numpy.ascontiguousarray");
    }
    try (InputStream in = TensorReader.stored(tensor, 0, size)) {
      if (tensor.shape().rank() == 2) {
        return transposed(tensor, in);
      }
      byte[] columnMajor = InputFiles.next(in, (int) size);
      if (columnMajor.length != size) {
        throw endsEarly(tensor);
      }
      swapIfNeeded(tensor, columnMajor, columnMajor.length);
      return reordered(columnMajor, tensor.shape(), tensor.dtype().sizeBytes());
    }
  }

  private static FormatException endsEarly(TensorInfo tensor) {
    return FormatException.of(
        tensor.source(), tensor.name(), "its data ends early; get the file again");
  }

  private static void swapIfNeeded(TensorInfo tensor, byte[] bytes, int length) {
    if (tensor.payload().arrangement().isBigEndian()) {
      SwappingInputStream.swap(bytes, length, tensor.dtype().swapBytes());
    }
  }

  private static byte[] transposed(TensorInfo tensor, InputStream in) throws IOException {
    int rows = (int) tensor.shape().dim(0);
    int columns = (int) tensor.shape().dim(1);
    int size = tensor.dtype().sizeBytes();
    long columnBytes = (long) rows * size;
    long together =
        Math.max(PIECE_BYTES / columnBytes, Math.min(WIDTH, MAX_PIECE_BYTES / columnBytes));
    // Columns, or a part of one.
    int width = (int) Math.max(1, Math.min(columns, together));
    int height = together > 0 ? rows : PIECE_BYTES / size;
    byte[] piece = new byte[width * height * size];
    byte[] rowMajor = new byte[0];
    for (int c = 0; c < columns; c += width) {
      int pieceColumns = Math.min(width, columns - c);
      for (int r = 0; r < rows; r += height) {
        int pieceRows = Math.min(height, rows - r);
        int length = pieceColumns * pieceRows * size;
        if (InputFiles.read(in, piece, 0, length) < length) {
          throw endsEarly(tensor);
        }
        if (rowMajor.length == 0) {
          // Not before some of it was there: sizes may be wrong.
          rowMajor = new byte[(int) tensor.sizeBytes()];
        }
        swapIfNeeded(tensor, piece, length);
        new Columns(piece, pieceRows, pieceColumns, size)
            .copyRows(0, pieceRows, 0, pieceColumns, rowMajor, r * columns + c, columns);
      }
    }
    return rowMajor;
  }

  private static byte[] reordered(byte[] columnMajor, Shape shape, int size) {
    int rank = shape.rank();
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
}
