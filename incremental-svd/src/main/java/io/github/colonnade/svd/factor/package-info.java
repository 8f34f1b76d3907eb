/**
 * Factors as they are stored, and what was measured on them.
 *
 * <p>Open {@link io.github.colonnade.svd.factor.ClusterEncoder} first: it turns a cluster into a
 * basis and coefficients whose error, measured after rounding to the storage type, meets the limit.
 */
@NullMarked
package io.github.colonnade.svd.factor;

import org.jspecify.annotations.NullMarked;
