/**
 * TIFF files, GeoTIFF among them: {@link io.github.colonnade.connectors.tiff.TiffFile} lists the
 * bands of their images and reads them.
 *
 * <p>Written after "TIFF", revision 6.0 (Adobe), its supplements on deflate and on predictors, and
 * the BigTIFF proposal.
 */
@NullMarked
package io.github.colonnade.connectors.tiff;

import org.jspecify.annotations.NullMarked;
