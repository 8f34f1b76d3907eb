/**
 * Matrix Market files: {@link io.github.colonnade.connectors.matrixmarket.MatrixMarketFile}.
 *
 * <p>Written after "The Matrix Market Exchange Formats" (NIST).
 */
@NullMarked
package io.github.colonnade.connectors.matrixmarket;

import org.jspecify.annotations.NullMarked;
