/**
 * Mergeable low-rank summaries of matrices.
 *
 * <p>Open {@link io.github.colonnade.svd.sketch.Sketch} first: it says what a sketch promises.
 * {@link io.github.colonnade.svd.sketch.Sketcher} makes, appends to, merges and truncates them.
 */
@NullMarked
package io.github.colonnade.svd.sketch;

import org.jspecify.annotations.NullMarked;
