package io.github.colonnade.svd.factor;

import java.util.OptionalInt;

/**
 * A block of the cluster to be encoded.
 *
 * @param position the block's number in its family
 * @param columns n
 * @param exponent e: the block is 2ᵉ times the matrix that a {@link BlockLoader} gives
 * @param loneCost the stored numbers of the block by itself at its own smallest rank, or raw
 * @param weightExponent that of the weight that the loader gives for the block; none if it has no
 *     weight
 */
public record Member(
    int position, long columns, int exponent, long loneCost, OptionalInt weightExponent) {

  /** A block without a weight. */
  public Member(int position, long columns, int exponent, long loneCost) {
    this(position, columns, exponent, loneCost, OptionalInt.empty());
  }
}
