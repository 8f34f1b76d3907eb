/**
 * MAT-files of level 5, as MATLAB and scipy write them by default: {@link
 * io.github.colonnade.connectors.matlab.MatFile} lists the numeric variables and reads them.
 *
 * <p>Written after "MAT-File Format" (MathWorks), levels 5 and 7. Files of version 7.3 are HDF5.
 */
@NullMarked
package io.github.colonnade.connectors.matlab;

import org.jspecify.annotations.NullMarked;
