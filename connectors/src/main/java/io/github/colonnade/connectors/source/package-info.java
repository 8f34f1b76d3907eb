/**
 * Tensors as a Flink source. Open {@link io.github.colonnade.connectors.source.TensorSource} first.
 */
@NullMarked
package io.github.colonnade.connectors.source;

import org.jspecify.annotations.NullMarked;
