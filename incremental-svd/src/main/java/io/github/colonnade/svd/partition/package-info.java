/**
 * Which blocks share a basis.
 *
 * <p>Open {@link io.github.colonnade.svd.partition.PartitionStrategy} first. The five published
 * variants are one {@link io.github.colonnade.svd.partition.GreedyPass} with different estimators
 * and orders; {@link io.github.colonnade.svd.partition.Strategies} names them all.
 */
@NullMarked
package io.github.colonnade.svd.partition;

import org.jspecify.annotations.NullMarked;
