/**
 * Tensors in files: what is known about one without reading it ({@link
 * io.github.colonnade.connectors.tensor.TensorInfo}), where its bytes lie ({@link
 * io.github.colonnade.connectors.tensor.Payload}), and how they are read ({@link
 * io.github.colonnade.connectors.tensor.TensorReader}).
 *
 * <p>Whatever the file's format, a tensor reads as its <em>canonical payload</em>: the elements in
 * row-major order, little-endian, nothing between them.
 */
@NullMarked
package io.github.colonnade.connectors.tensor;

import org.jspecify.annotations.NullMarked;
