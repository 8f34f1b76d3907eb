package io.github.colonnade.connectors.view;

import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.FloatCodec;
import java.nio.ByteBuffer;

/** Turns payload bytes, part after part, into one column-major array. */
abstract sealed class BlockDecoder {
  /** Edge of the tiles in which rows are turned into columns: both sides stay in the cache. */
  private static final int TILE = 16;

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
    ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, length);
    if (!transposes) {
      decode(buffer, position, count);
      position += count;
      return;
    }
    decode(buffer, 0, count);
    int taken = 0;
    while (taken < count) {
      int row = position / columns;
      int column = position % columns;
      int wholeRows = column == 0 ? (count - taken) / columns : 0;
      int moved;
      if (wholeRows > 0) {
        moved = wholeRows * columns;
        tiles(taken, row, wholeRows);
      } else {
        moved = Math.min(count - taken, columns - column);
        scatter(taken, columns, row, row + 1, column, column + moved);
      }
      position += moved;
      taken += moved;
    }
  }

  private void tiles(int from, int row, int count) {
    for (int r = 0; r < count; r += TILE) {
      for (int c = 0; c < columns; c += TILE) {
        scatter(
            from + r * columns + c,
            columns,
            row + r,
            row + Math.min(r + TILE, count),
            c,
            Math.min(c + TILE, columns));
      }
    }
  }

  /** Decodes to the values, or to the scratch array if the block transposes. */
  abstract void decode(ByteBuffer buffer, int offset, int count);

  /**
   * Moves rows [rowFrom, rowTo) × columns [columnFrom, columnTo) from the scratch array, the first
   * element at {@code from}, to their places.
   */
  abstract void scatter(int from, int stride, int rowFrom, int rowTo, int columnFrom, int columnTo);

  abstract Object values();

  abstract double maxAbs();

  private static final class Floats extends BlockDecoder {
    private final float[] values;
    private float[] scratch = new float[0];
    private float max;

    Floats(BlockRef block) {
      super(block);
      this.values = new float[(int) block.elements()];
    }

    @Override
    void decode(ByteBuffer buffer, int offset, int count) {
      if (transposes && scratch.length < count) {
        scratch = new float[count];
      }
      float[] target = transposes ? scratch : values;
      FloatCodec.decode(dtype, buffer, target, offset, count);
      float largest = max;
      for (int i = offset; i < offset + count; i++) {
        largest = Math.max(largest, Math.abs(target[i]));
      }
      max = largest;
    }

    @Override
    void scatter(int from, int stride, int rowFrom, int rowTo, int columnFrom, int columnTo) {
      for (int c = columnFrom; c < columnTo; c++) {
        int source = from + c - columnFrom;
        int target = c * rows;
        for (int r = rowFrom; r < rowTo; r++) {
          values[target + r] = scratch[source];
          source += stride;
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
    private double[] scratch = new double[0];
    private double max;

    Doubles(BlockRef block) {
      super(block);
      this.values = new double[(int) block.elements()];
    }

    @Override
    void decode(ByteBuffer buffer, int offset, int count) {
      if (transposes && scratch.length < count) {
        scratch = new double[count];
      }
      double[] target = transposes ? scratch : values;
      FloatCodec.decode(dtype, buffer, target, offset, count);
      double largest = max;
      for (int i = offset; i < offset + count; i++) {
        largest = Math.max(largest, Math.abs(target[i]));
      }
      max = largest;
    }

    @Override
    void scatter(int from, int stride, int rowFrom, int rowTo, int columnFrom, int columnTo) {
      for (int c = columnFrom; c < columnTo; c++) {
        int source = from + c - columnFrom;
        int target = c * rows;
        for (int r = rowFrom; r < rowTo; r++) {
          values[target + r] = scratch[source];
          source += stride;
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
