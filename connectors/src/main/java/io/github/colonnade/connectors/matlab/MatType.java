package io.github.colonnade.connectors.matlab;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Types of numbers, both of variables and of what is stored for them. */
public enum MatType {
  INT8(1, 8, 1),
  UINT8(2, 9, 1),
  INT16(3, 10, 2),
  UINT16(4, 11, 2),
  INT32(5, 12, 4),
  UINT32(6, 13, 4),
  SINGLE(7, 7, 4),
  DOUBLE(9, 6, 8),
  INT64(12, 14, 8),
  UINT64(13, 15, 8);

  private final int code;
  private final int arrayClass;
  private final int bytes;

  MatType(int code, int arrayClass, int bytes) {
    this.code = code;
    this.arrayClass = arrayClass;
    this.bytes = bytes;
  }

  /** Bytes of one number. */
  public int bytes() {
    return bytes;
  }

  /** Whether the numbers are floating-point. */
  boolean isFloat() {
    return this == SINGLE || this == DOUBLE;
  }

  /** Whether a variable of this type may have its numbers stored as {@code stored}. */
  boolean maySaveAs(MatType stored) {
    return stored == this
        || (stored.bytes < Long.BYTES && !stored.isFloat())
        || (isFloat() && stored.isFloat());
  }

  /** The type that is stored under a code, or null. */
  static @Nullable MatType ofCode(long code) {
    for (MatType type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    return null;
  }

  /** The type of the variables of a class, or null. */
  static @Nullable MatType ofClass(int arrayClass) {
    for (MatType type : values()) {
      if (type.arrayClass == arrayClass) {
        return type;
      }
    }
    return null;
  }

  /**
   * Converts {@code count} numbers stored as {@code stored}, which {@link #maySaveAs} permits.
   *
   * @param source in the byte order of the file
   * @param target in the byte order that is wanted
   */
  void convert(MatType stored, ByteBuffer source, ByteBuffer target, int count) {
    for (int i = 0; i < count; i++) {
      switch (stored) {
        case SINGLE -> putDouble(source.getFloat(), target);
        case DOUBLE -> putDouble(source.getDouble(), target);
        case INT8 -> putLong(source.get(), target);
        case UINT8 -> putLong(source.get() & 0xff, target);
        case INT16 -> putLong(source.getShort(), target);
        case UINT16 -> putLong(source.getShort() & 0xffff, target);
        case INT32 -> putLong(source.getInt(), target);
        case UINT32 -> putLong(source.getInt() & 0xffffffffL, target);
        case INT64, UINT64 -> putLong(source.getLong(), target);
      }
    }
  }

  private void putDouble(double value, ByteBuffer target) {
    if (this == DOUBLE) {
      target.putDouble(value);
    } else {
      target.putFloat((float) value);
    }
  }

  private void putLong(long value, ByteBuffer target) {
    switch (this) {
      case DOUBLE -> target.putDouble((double) value);
      case SINGLE -> target.putFloat((float) value);
      case INT8, UINT8 -> target.put((byte) value);
      case INT16, UINT16 -> target.putShort((short) value);
      case INT32, UINT32 -> target.putInt((int) value);
      case INT64, UINT64 -> target.putLong(value);
    }
  }
}
