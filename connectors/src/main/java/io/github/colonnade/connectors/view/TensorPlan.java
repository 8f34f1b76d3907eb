package io.github.colonnade.connectors.view;

import java.util.List;

/** What becomes of a tensor. */
public sealed interface TensorPlan {
  /**
   * It is one block or several.
   *
   * @param blocks in the order of their columns; together they are the whole tensor. The list makes
   *     each block when asked for it
   */
  record Blocks(List<BlockRef> blocks) implements TensorPlan {}

  /**
   * It is copied as it is.
   *
   * @param reason why, as in {@code "1 dimension"}
   */
  record PassThrough(String reason) implements TensorPlan {}
}
