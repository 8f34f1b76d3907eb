/**
 * Low-rank plus channel-wise sparse factors of a matrix W: out×in (LOST, arXiv 2508.02668).
 *
 * <p>A <b>channel</b> is a column of W, that is an input of the layer y = W·x. Open {@link
 * io.github.colonnade.svd.lost.LostFactors} first: B·A and a few whole columns. {@link
 * io.github.colonnade.svd.lost.LostInitializer} makes the factors that a layer is trained from,
 * {@link io.github.colonnade.svd.lost.LostLayer} says what the layer computes with them, and {@link
 * io.github.colonnade.svd.lost.LostPlan} chooses rank and channels so that the factors approximate
 * W within a limit.
 */
@NullMarked
package io.github.colonnade.svd.lost;

import org.jspecify.annotations.NullMarked;
