/**
 * Tensors seen as matrices: {@link io.github.colonnade.connectors.view.MatrixView} decides which
 * tensors are blocks and which pass through, {@link
 * io.github.colonnade.connectors.view.BlockReader} reads a block's numbers.
 *
 * <p>A block is an m×n matrix, in memory always column-major: element (i, j) at index i + j·m.
 */
@NullMarked
package io.github.colonnade.connectors.view;

import org.jspecify.annotations.NullMarked;
