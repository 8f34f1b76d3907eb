/**
 * Tensors as a Flink source. Open {@link io.github.colonnade.connectors.source.TensorSource} first,
 * which gives what is there; {@link io.github.colonnade.connectors.source.WatchedTensorSource} also
 * gives what comes later, in batches.
 */
@NullMarked
package io.github.colonnade.connectors.source;

import org.jspecify.annotations.NullMarked;
