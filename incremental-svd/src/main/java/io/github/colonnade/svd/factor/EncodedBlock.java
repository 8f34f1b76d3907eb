package io.github.colonnade.svd.factor;

import java.util.OptionalDouble;

/**
 * The coefficients of one block: A ≈ scale·U·C, U: the directions that it uses.
 *
 * @param position the block's number in its family
 * @param rows how many directions of the basis it uses, k
 * @param coefficients C: k×n in the storage format, row after row
 * @param scale a power of two, 1 unless the format's range makes another necessary
 * @param error ‖A − scale·U·C‖_F / ‖A‖_F, measured in double on the stored bytes; 0 for a zero
 *     block
 * @param weightedError ‖(A − scale·U·C)·F‖_F / ‖A·F‖_F, measured likewise, if the block has a
 *     weight H = F·Fᵀ; then the limit is on this one
 */
public record EncodedBlock(
    int position,
    int rows,
    byte[] coefficients,
    double scale,
    double error,
    OptionalDouble weightedError) {}
