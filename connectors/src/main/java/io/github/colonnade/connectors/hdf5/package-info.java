/**
 * HDF5 files: {@link io.github.colonnade.connectors.hdf5.Hdf5File} lists the numeric data sets and
 * reads them.
 *
 * <p>Written after the "HDF5 File Format Specification", version 3.0 (The HDF Group), whose names
 * the classes use. Whatever a file says is checked: addresses against its length, depths against
 * the levels that trees state, and all that is read of its structures against a budget, so that
 * structures that refer to each other in a circle end in an error.
 */
@NullMarked
package io.github.colonnade.connectors.hdf5;

import org.jspecify.annotations.NullMarked;
