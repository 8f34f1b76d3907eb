package io.github.colonnade.connectors.view;

import java.util.List;
import java.util.OptionalLong;

/**
 * How tensors become matrices, as a user gives it. {@link MatrixView#of} checks the combination.
 *
 * @param orientation for tensors taken as they are
 * @param rows if present, every float tensor is read as columns of this height
 * @param columns if present, matrices are cut into blocks of this many columns
 * @param include name patterns ({@link Glob}); a tensor that matches none passes through, unless
 *     there are none
 * @param exclude name patterns; a tensor that matches one passes through
 */
public record ViewOptions(
    Orientation orientation,
    OptionalLong rows,
    OptionalLong columns,
    List<String> include,
    List<String> exclude) {

  /** Takes unmodifiable copies. */
  public ViewOptions {
    include = List.copyOf(include);
    exclude = List.copyOf(exclude);
  }

  /** Two-dimensional float tensors as they are stored. */
  public static ViewOptions defaults() {
    return new ViewOptions(
        Orientation.AS_STORED, OptionalLong.empty(), OptionalLong.empty(), List.of(), List.of());
  }
}
