package io.github.colonnade.jobs.stored;

/**
 * What tells a tensor of the input from all others.
 *
 * @param source the URI of the file that lists it
 * @param name its name in that file
 */
public record TensorKey(String source, String name) {
  /** For messages: {@code tensor "name" of source}. */
  @Override
  public String toString() {
    return "tensor \"" + name + "\" of " + source;
  }
}
