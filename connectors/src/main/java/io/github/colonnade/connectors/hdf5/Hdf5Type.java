package io.github.colonnade.connectors.hdf5;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Type of the elements of a data set.
 *
 * @param kind what a number is
 * @param bytes bytes of a number
 * @param bigEndian whether these are in reverse
 * @param complex whether an element is two numbers, the real and the imaginary part
 */
public record Hdf5Type(Kind kind, int bytes, boolean bigEndian, boolean complex) {
  private static final int FIXED_POINT = 0;
  private static final int FLOATING_POINT = 1;
  private static final int STRING = 3;
  private static final int COMPOUND = 6;
  private static final int ENUMERATION = 8;
  private static final int VARIABLE_LENGTH = 9;

  /** What a number is. */
  public enum Kind {
    /** IEEE 754 float of 2, 4 or 8 bytes. */
    FLOAT,
    /** The upper half of a single-precision number. */
    BFLOAT,
    /** Signed integer. */
    SIGNED,
    /** Unsigned integer. */
    UNSIGNED,
    /** 0 or 1. */
    BOOL,
    /** No number, but text. */
    TEXT,
    /** Something else. */
    OTHER
  }

  private static final Hdf5Type OTHER = new Hdf5Type(Kind.OTHER, 1, false, false);

  /** Bytes of an element. */
  int elementBytes() {
    return complex ? 2 * bytes : bytes;
  }

  /** Reads a datatype message; the buffer is left behind it where it is a number. */
  static Hdf5Type read(ByteBuffer message) {
    int head = message.get();
    int version = head >> 4 & 0xf;
    int flags = (int) Hdf5Input.number(message, 3);
    int size = message.getInt();
    return switch (head & 0xf) {
      case FIXED_POINT -> fixedPoint(message, flags, size);
      case FLOATING_POINT -> floatingPoint(message, flags, size);
      case STRING -> new Hdf5Type(Kind.TEXT, 1, false, false);
      case COMPOUND -> compound(message, version, flags & 0xffff, size).orElse(OTHER);
      case ENUMERATION -> enumeration(message, version, flags & 0xffff);
      case VARIABLE_LENGTH -> (flags & 0xf) == 1 ? new Hdf5Type(Kind.TEXT, 1, false, false) : OTHER;
      default -> OTHER;
    };
  }

  private static Hdf5Type fixedPoint(ByteBuffer message, int flags, int size) {
    int bitOffset = message.getShort();
    int precision = message.getShort();
    if (bitOffset != 0
        || precision != 8 * size
        || (size != 1 && size != 2 && size != 4 && size != 8)) {
      return OTHER;
    }
    Kind kind = (flags & 8) != 0 ? Kind.SIGNED : Kind.UNSIGNED;
    return new Hdf5Type(kind, size, (flags & 1) != 0, false);
  }

  private static Hdf5Type floatingPoint(ByteBuffer message, int flags, int size) {
    int bitOffset = message.getShort();
    int precision = message.getShort();
    int exponentAt = message.get();
    int exponentBits = message.get();
    int mantissaAt = message.get();
    int mantissaBits = message.get();
    int bias = message.getInt();
    boolean sound =
        bitOffset == 0
            && precision == 8 * size
            && mantissaAt == 0
            && mantissaBits == exponentAt
            && mantissaBits + exponentBits + 1 == precision
            && bias == (1 << (exponentBits - 1)) - 1
            && (flags & 0x40) == 0;
    boolean bigEndian = (flags & 1) != 0;
    if (sound && size == 2 && exponentBits == 8) {
      return new Hdf5Type(Kind.BFLOAT, size, bigEndian, false);
    }
    boolean ieee =
        (size == 2 && exponentBits == 5)
            || (size == 4 && exponentBits == 8)
            || (size == 8 && exponentBits == 11);
    return sound && ieee ? new Hdf5Type(Kind.FLOAT, size, bigEndian, false) : OTHER;
  }

  /** Truth values of h5py are an enumeration of bytes; other enumerations are their numbers. */
  private static Hdf5Type enumeration(ByteBuffer message, int version, int members) {
    if (next(message) != FIXED_POINT) {
      return OTHER;
    }
    Hdf5Type base = read(message);
    if (base.kind != Kind.SIGNED && base.kind != Kind.UNSIGNED) {
      return OTHER;
    }
    if (members != 2 || base.bytes != 1) {
      return base;
    }
    boolean bool = name(message, version).equals("FALSE") && name(message, version).equals("TRUE");
    return bool && message.get() == 0 && message.get() == 1
        ? new Hdf5Type(Kind.BOOL, 1, false, false)
        : base;
  }

  /** Two floats that are called real and imaginary part are a complex number. */
  private static Optional<Hdf5Type> compound(
      ByteBuffer message, int version, int members, int size) {
    if (members != 2) {
      return Optional.empty();
    }
    Hdf5Type[] parts = new Hdf5Type[2];
    for (int part = 0; part < 2; part++) {
      String name = name(message, version);
      long at =
          Hdf5Input.number(
              message, version < 3 ? 4 : (32 - Integer.numberOfLeadingZeros(size) + 7) / 8);
      if (version == 1) {
        Hdf5Input.skip(message, 28);
      }
      if (next(message) != FLOATING_POINT) {
        return Optional.empty();
      }
      parts[part] = read(message);
      boolean named = part == 0 ? name.matches("r|re|real") : name.matches("i|im|imag|imaginary");
      if (!named || parts[part].kind != Kind.FLOAT || at != (long) part * parts[part].bytes) {
        return Optional.empty();
      }
    }
    return parts[0].equals(parts[1]) && size == 2 * parts[0].bytes
        ? Optional.of(new Hdf5Type(Kind.FLOAT, parts[0].bytes, parts[0].bigEndian, true))
        : Optional.empty();
  }

  /** The class of the type that follows: types within types are read one deep. */
  private static int next(ByteBuffer message) {
    return message.get(message.position()) & 0xf;
  }

  private static String name(ByteBuffer message, int version) {
    int start = message.position();
    while (message.get() != 0) {
      // The end is a zero.
    }
    int length = message.position() - 1 - start;
    String name =
        StandardCharsets.UTF_8
            .decode(message.slice(start, length).order(ByteOrder.LITTLE_ENDIAN))
            .toString();
    if (version < 3) {
      Hdf5Input.skip(message, (8 - (length + 1) % 8) % 8);
    }
    return name;
  }
}
