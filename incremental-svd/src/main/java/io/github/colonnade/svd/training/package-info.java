/**
 * Layers that are trained with ND4J's SameDiff.
 *
 * <p>{@link io.github.colonnade.svd.training.LostLinear} puts the layer of {@link
 * io.github.colonnade.svd.lost.LostLayer} into a graph, and takes it out again. Beside the linear
 * algebra this is the only package that knows ND4J: a graph and its variables are the caller's.
 */
@NullMarked
package io.github.colonnade.svd.training;

import org.jspecify.annotations.NullMarked;
