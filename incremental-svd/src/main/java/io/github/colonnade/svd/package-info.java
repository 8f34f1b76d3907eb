/**
 * Sketches, partitions and factorisations of collections of matrices.
 *
 * <p>{@link io.github.colonnade.svd.sketch} summarises matrices, {@link
 * io.github.colonnade.svd.partition} decides which of them share a basis, {@link
 * io.github.colonnade.svd.factor} computes the factors and measures their error, and all of them
 * are written in the operations of {@link io.github.colonnade.svd.linalg}. {@link
 * io.github.colonnade.svd.lost} is about one matrix alone: low rank and a few whole columns.
 */
@NullMarked
package io.github.colonnade.svd;

import org.jspecify.annotations.NullMarked;
