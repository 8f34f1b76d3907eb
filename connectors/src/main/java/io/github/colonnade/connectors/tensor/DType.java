package io.github.colonnade.connectors.tensor;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Element types of tensors, named as in safetensors. The order of the constants is the reference
 * implementation's too: it sorts tensors by descending type, so that each lies aligned.
 */
public enum DType {
  /** One byte, 0 or 1. */
  BOOL(8),
  /** Four-bit float. */
  F4(4),
  /** Six-bit float, two exponent bits. */
  F6_E2M3(6),
  /** Six-bit float, three exponent bits. */
  F6_E3M2(6),
  /** Unsigned byte. */
  U8(8),
  /** Signed byte. */
  I8(8),
  /** Eight-bit float, five exponent bits. */
  F8_E5M2(8),
  /** Eight-bit float, four exponent bits. */
  F8_E4M3(8),
  /** Eight-bit power of two. */
  F8_E8M0(8),
  /** Eight-bit float, four exponent bits, no infinities, unsigned zero. */
  F8_E4M3FNUZ(8),
  /** Eight-bit float, five exponent bits, no infinities, unsigned zero. */
  F8_E5M2FNUZ(8),
  /** Signed 16-bit integer. */
  I16(16),
  /** Unsigned 16-bit integer. */
  U16(16),
  /** IEEE 754 half precision. */
  F16(16),
  /** The upper half of a single-precision number. */
  BF16(16),
  /** Signed 32-bit integer. */
  I32(32),
  /** Unsigned 32-bit integer. */
  U32(32),
  /** IEEE 754 single precision. */
  F32(32),
  /** Complex number of two single-precision parts. */
  C64(64),
  /** IEEE 754 double precision. */
  F64(64),
  /** Signed 64-bit integer. */
  I64(64),
  /** Unsigned 64-bit integer. */
  U64(64);

  private static final Map<String, DType> BY_LABEL =
      Arrays.stream(values()).collect(Collectors.toMap(DType::label, Function.identity()));

  private final int bits;

  DType(int bits) {
    this.bits = bits;
  }

  /** The type of a safetensors label such as {@code "BF16"}, if there is one. */
  public static Optional<DType> ofLabel(String label) {
    return Optional.ofNullable(BY_LABEL.get(label));
  }

  /** The safetensors label. */
  public String label() {
    return name();
  }

  /** Bits of one element. */
  public int bits() {
    return bits;
  }

  /**
   * Bytes of one element.
   *
   * @throws UnsupportedOperationException for the types of less than a byte; {@link
   *     #payloadBytes(long)} serves all
   */
  public int sizeBytes() {
    if (bits % 8 != 0) {
      throw new UnsupportedOperationException(this + " has " + bits + " bits, no whole bytes");
    }
    return bits / 8;
  }

  /**
   * Bytes of {@code elements} elements.
   *
   * @throws ArithmeticException if that overflows a long or is not a whole number of bytes
   */
  public long payloadBytes(long elements) {
    if (bits % 8 == 0) {
      return Math.multiplyExact(elements, bits / 8);
    }
    long total = Math.multiplyExact(elements, bits);
    if (total % 8 != 0) {
      throw new ArithmeticException(
          elements + " elements of " + bits + " bits do not fill whole bytes");
    }
    return total / 8;
  }

  /** Whether tensors of this type can be read as matrices: F64, F32, F16 and BF16. */
  public boolean isFloat() {
    return this == F64 || this == F32 || this == F16 || this == BF16;
  }

  /** Bytes that are reversed together when the byte order changes. */
  int swapBytes() {
    return this == C64 ? Float.BYTES : Math.max(1, bits / 8);
  }
}
