/**
 * The published comparison of estimates. Open {@link io.github.colonnade.jobs.estimate.Estimation}
 * first.
 */
@NullMarked
package io.github.colonnade.jobs.estimate;

import org.jspecify.annotations.NullMarked;
