/**
 * The default partition: clusters of adaptive rank that cost the fewest stored numbers.
 *
 * <p>Open {@link io.github.colonnade.svd.auto.AutoStrategy} first.
 */
@NullMarked
package io.github.colonnade.svd.auto;

import org.jspecify.annotations.NullMarked;
