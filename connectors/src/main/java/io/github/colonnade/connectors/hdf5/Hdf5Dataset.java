package io.github.colonnade.connectors.hdf5;

import java.util.OptionalLong;

/**
 * A data set of numbers, without them.
 *
 * @param name path from the root group, without a slash before it
 * @param type of its elements
 * @param dims dimensions, outermost first, as its program has them
 * @param columnMajor whether the first index moves fastest, as MATLAB writes them
 * @param headerAddress by which {@link Hdf5File#open} finds it
 * @param plainOffset where in the file the elements lie, if they do so in one piece as they are
 */
public record Hdf5Dataset(
    String name,
    Hdf5Type type,
    long[] dims,
    boolean columnMajor,
    long headerAddress,
    OptionalLong plainOffset) {}
