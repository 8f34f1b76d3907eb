package io.github.colonnade.connectors.write;

import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Shape;
import java.io.Serializable;
import java.util.Comparator;

/**
 * What the header says of a tensor to be written.
 *
 * @param name name, not {@code __metadata__}
 * @param dtype element type
 * @param shape dimensions, outermost first
 */
public record TensorHeader(String name, DType dtype, Shape shape) implements Serializable {
  /**
   * The order of the reference implementation: widest type first, so that every tensor lies
   * aligned, then by name.
   */
  public static final Comparator<TensorHeader> REFERENCE_ORDER =
      Comparator.comparing(TensorHeader::dtype, Comparator.reverseOrder())
          .thenComparing(TensorHeader::name);

  /**
   * Checks the name and the size.
   *
   * @throws IllegalArgumentException if the name is reserved or the size overflows
   */
  public TensorHeader {
    if (name.equals("__metadata__")) {
      throw new IllegalArgumentException("a tensor cannot have the reserved name " + name);
    }
    try {
      dtype.payloadBytes(shape.elements());
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "tensor " + name + " of shape " + shape + ": " + e.getMessage(), e);
    }
  }

  /** Bytes of the tensor. */
  public long sizeBytes() {
    return dtype.payloadBytes(shape.elements());
  }
}
