package io.github.colonnade.connectors.view;

import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.FloatCodec;
import java.nio.ByteBuffer;

/** Turns payload bytes, part after part, into one column-major array. */
abstract sealed class BlockDecoder {
  /** Rows that are turned into columns together: what they fill of a column is a cache line. */
  static final int TILE_ROWS = 16;

  private static final int TILE_COLUMNS = 256;

  /** Numbers that are looked at while they are in the cache. */
  private static final int CHUNK = 2048;

  final DType dtype;
  final int rows;
  final int columns;
  final boolean transposes;
  private int position;

  private BlockDecoder(BlockRef block) {
    this.dtype = block.tensor().dtype();
    this.rows = (int) block.rows();
    this.columns = (int) block.columns();
    // A single row or column reads the same in either order.
    this.transposes = block.layout() == Layout.ROW_MAJOR && rows > 1 && columns > 1;
  }

  static BlockDecoder of(BlockRef block, ElementType type) {
    return switch (type) {
      case FLOAT -> new Floats(block);
      case DOUBLE -> new Doubles(block);
    };
  }

  /** Takes the next {@code length} bytes, whole elements. */
  final void accept(byte[] bytes, int length) {
    int count = length / dtype.sizeBytes();
    if (!transposes) {
      decode(ByteBuffer.wrap(bytes, 0, length), position, count);
      position += count;
      return;
    }
    int taken = 0;
    while (taken < count) {
      int row = position / columns;
      int column = position % columns;
      int wholeRows = column == 0 ? (count - taken) / columns : 0;
      int moved;
      if (wholeRows > 0) {
        moved = wholeRows * columns;
        for (int r = 0; r < wholeRows; r += TILE_ROWS) {
          int height = Math.min(TILE_ROWS, wholeRows - r);
          transpose(bytes, taken + r * columns, row + r, height, 0, columns);
        }
      } else {
        moved = Math.min(count - taken, columns - column);
        transpose(bytes, taken, row, 1, column, column + moved);
      }
      position += moved;
      taken += moved;
    }
  }

  /** Moves columns [columnFrom, columnTo) of rows whose first element is number {@code from}. */
  private void transpose(
      byte[] bytes, int from, int row, int height, int columnFrom, int columnTo) {
    int size = dtype.sizeBytes();
    for (int c = columnFrom; c < columnTo; c += TILE_COLUMNS) {
      int width = Math.min(TILE_COLUMNS, columnTo - c);
      // Whole rows follow one another.
      int run = width == columns ? height : 1;
      for (int r = 0; r < height; r += run) {
        int first = from + r * columns + c - columnFrom;
        int count = run * width;
        decode(ByteBuffer.wrap(bytes, first * size, count * size), r * width, count);
      }
      scatter(row, height, c, width);
    }
  }

  /** Decodes to the values, or to the scratch array if the block transposes. */
  abstract void decode(ByteBuffer buffer, int offset, int count);

  /** Moves the rows in the scratch array, one after another, to their places. */
  abstract void scatter(int row, int height, int column, int width);

  abstract Object values();

  abstract double maxAbs();

  private static final class Floats extends BlockDecoder {
    private final float[] values;
    private final float[] scratch;
    private float max;

    Floats(BlockRef block) {
      super(block);
      this.values = new float[(int) block.elements()];
      this.scratch = new float[transposes ? TILE_ROWS * Math.min(columns, TILE_COLUMNS) : 0];
    }

    @Override
    void decode(ByteBuffer buffer, int offset, int count) {
      float[] target = transposes ? scratch : values;
      int end = offset + count;
      for (int from = offset; from < end; from += CHUNK) {
        int to = Math.min(end, from + CHUNK);
        FloatCodec.decode(dtype, buffer, target, from, to - from);
        float largest = max;
        for (int i = from; i < to; i++) {
          largest = Math.max(largest, Math.abs(target[i]));
        }
        max = largest;
      }
    }

    @Override
    void scatter(int row, int height, int column, int width) {
      for (int c = 0; c < width; c++) {
        int target = (column + c) * rows + row;
        int r = 0;
        for (; r + 8 <= height; r += 8) {
          int source = r * width + c;
          values[target + r] = scratch[source];
          values[target + r + 1] = scratch[source + width];
          values[target + r + 2] = scratch[source + 2 * width];
          values[target + r + 3] = scratch[source + 3 * width];
          values[target + r + 4] = scratch[source + 4 * width];
          values[target + r + 5] = scratch[source + 5 * width];
          values[target + r + 6] = scratch[source + 6 * width];
          values[target + r + 7] = scratch[source + 7 * width];
        }
        for (; r < height; r++) {
          values[target + r] = scratch[r * width + c];
        }
      }
    }

    @Override
    Object values() {
      return values;
    }

    @Override
    double maxAbs() {
      return max;
    }
  }

  private static final class Doubles extends BlockDecoder {
    private final double[] values;
    private final double[] scratch;
    private double max;

    Doubles(BlockRef block) {
      super(block);
      this.values = new double[(int) block.elements()];
      this.scratch = new double[transposes ? TILE_ROWS * Math.min(columns, TILE_COLUMNS) : 0];
    }

    @Override
    void decode(ByteBuffer buffer, int offset, int count) {
      double[] target = transposes ? scratch : values;
      int end = offset + count;
      for (int from = offset; from < end; from += CHUNK) {
        int to = Math.min(end, from + CHUNK);
        FloatCodec.decode(dtype, buffer, target, from, to - from);
        double largest = max;
        for (int i = from; i < to; i++) {
          largest = Math.max(largest, Math.abs(target[i]));
        }
        max = largest;
      }
    }

    @Override
    void scatter(int row, int height, int column, int width) {
      for (int c = 0; c < width; c++) {
        int target = (column + c) * rows + row;
        int r = 0;
        for (; r + 8 <= height; r += 8) {
          int source = r * width + c;
          values[target + r] = scratch[source];
          values[target + r + 1] = scratch[source + width];
          values[target + r + 2] = scratch[source + 2 * width];
          values[target + r + 3] = scratch[source + 3 * width];
          values[target + r + 4] = scratch[source + 4 * width];
          values[target + r + 5] = scratch[source + 5 * width];
          values[target + r + 6] = scratch[source + 6 * width];
          values[target + r + 7] = scratch[source + 7 * width];
        }
        for (; r < height; r++) {
          values[target + r] = scratch[r * width + c];
        }
      }
    }

    @Override
    Object values() {
      return values;
    }

    @Override
    double maxAbs() {
      return max;
    }
  }
}
