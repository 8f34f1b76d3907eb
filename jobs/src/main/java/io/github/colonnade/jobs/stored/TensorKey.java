package io.github.colonnade.jobs.stored;

import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.Serializable;

/**
 * What tells a tensor of the input from all others.
 *
 * @param source the URI of the file that lists it
 * @param name its name in that file
 */
public record TensorKey(String source, String name) implements Serializable {
  /** The key of a tensor that was listed. */
  public static TensorKey of(TensorInfo tensor) {
    return new TensorKey(tensor.source(), tensor.name());
  }

  /** For messages: {@code tensor "name" of source}. */
  @Override
  public String toString() {
    return "tensor \"" + name + "\" of " + source;
  }
}
