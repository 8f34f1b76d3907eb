package io.github.colonnade.svd.factor;

/**
 * A block of the cluster to be encoded.
 *
 * @param position the block's number in its family
 * @param columns n
 * @param exponent e: the block is 2ᵉ times the matrix that a {@link BlockLoader} gives
 * @param loneCost the stored numbers of the block by itself at its own smallest rank, or raw
 */
public record Member(int position, long columns, int exponent, long loneCost) {}
