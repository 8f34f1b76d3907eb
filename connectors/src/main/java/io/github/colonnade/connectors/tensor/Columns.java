package io.github.colonnade.connectors.tensor;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The bytes of a matrix whose columns lie one after another, which become rows.
 *
 * @param bytes used from the first on; not copied
 * @param rows m
 * @param columns n
 * @param size bytes of a number
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared.
public record Columns(byte[] bytes, int rows, int columns, int size) {

  /** Edge of a tile: as many lines as fit into the cache where columns are powers of two apart. */
  private static final int TILE = 8;

  // Which byte order does not matter where numbers are only moved.
  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.nativeOrder());
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

  /**
   * Copies columns [fromColumn, toColumn) of rows [fromRow, toRow).
   *
   * @param target row-major
   * @param at where the first of their numbers goes, in numbers
   * @param stride numbers from one row to the next
   */
  public void copyRows(
      int fromRow, int toRow, int fromColumn, int toColumn, byte[] target, int at, int stride) {
    for (int row = fromRow; row < toRow; row += TILE) {
      int rowEnd = Math.min(toRow, row + TILE);
      for (int column = fromColumn; column < toColumn; column += TILE) {
        int count = Math.min(TILE, toColumn - column);
        int to = at + column - fromColumn;
        for (int r = row; r < rowEnd; r++) {
          copy(column * rows + r, target, to + (r - fromRow) * stride, count);
        }
      }
    }
  }

  /** Copies numbers of neighbouring columns. */
  private void copy(int from, byte[] target, int to, int count) {
    switch (size) {
      case Short.BYTES -> {
        for (int c = 0; c < count; c++) {
          short number = (short) SHORTS.get(bytes, (from + c * rows) * Short.BYTES);
          SHORTS.set(target, (to + c) * Short.BYTES, number);
        }
      }
      case Integer.BYTES -> {
        for (int c = 0; c < count; c++) {
          int number = (int) INTS.get(bytes, (from + c * rows) * Integer.BYTES);
          INTS.set(target, (to + c) * Integer.BYTES, number);
        }
      }
      case Long.BYTES -> {
        for (int c = 0; c < count; c++) {
          long number = (long) LONGS.get(bytes, (from + c * rows) * Long.BYTES);
          LONGS.set(target, (to + c) * Long.BYTES, number);
        }
      }
      default -> {
        for (int c = 0; c < count; c++) {
          System.arraycopy(bytes, (from + c * rows) * size, target, (to + c) * size, size);
        }
      }
    }
  }
}
