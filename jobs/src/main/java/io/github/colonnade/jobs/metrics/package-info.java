/**
 * What operators tell about their work while they do it.
 *
 * <p>{@link io.github.colonnade.jobs.metrics.JobMeter} is the list of all meters, with their names;
 * operators call a class for their kind of work, as {@link
 * io.github.colonnade.jobs.metrics.EncodeMeters}. Meters are Micrometer's, in a registry that makes
 * metrics of Flink of them.
 */
@NullMarked
package io.github.colonnade.jobs.metrics;

import org.jspecify.annotations.NullMarked;
