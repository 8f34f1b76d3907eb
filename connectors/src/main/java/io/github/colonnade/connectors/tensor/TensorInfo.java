package io.github.colonnade.connectors.tensor;

import java.io.Serializable;

/**
 * One tensor of a file, without its numbers.
 *
 * @param source absolute URI of the file that lists the tensor; with {@code name} it identifies the
 *     tensor
 * @param name name within the file
 * @param dtype element type
 * @param shape dimensions, outermost first
 * @param payload where the bytes lie
 */
public record TensorInfo(String source, String name, DType dtype, Shape shape, Payload payload)
    implements Serializable {

  /**
   * Checks that the payload has the size that type and shape ask for.
   *
   * @throws IllegalArgumentException if it has not, or that size overflows a long
   */
  public TensorInfo {
    long size;
    try {
      size = dtype.payloadBytes(shape.elements());
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "shape " + shape + " of " + dtype + ": " + e.getMessage(), e);
    }
    long length;
    if (payload instanceof Payload.ByteRange range) {
      length = range.length();
    } else if (payload instanceof Payload.ZipEntryRange range) {
      length = range.length();
    } else if (payload instanceof Payload.Quantized range) {
      length = dtype == DType.F32 ? dtype.payloadBytes(range.elements()) : -1;
    } else {
      length = size;
    }
    if (length != size) {
      throw new IllegalArgumentException(
          "shape " + shape + " of " + dtype + " takes " + size + " bytes, but there are " + length);
    }
  }

  /** Number of elements. */
  public long elements() {
    return shape.elements();
  }

  /** Bytes of the canonical payload. */
  public long sizeBytes() {
    return dtype.payloadBytes(shape.elements());
  }
}
