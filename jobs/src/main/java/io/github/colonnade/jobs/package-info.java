/**
 * The jobs of Colonnade and its command line. This package holds only what every other package of
 * the module may use: {@link io.github.colonnade.jobs.UsageException}, the mistake of a user.
 */
@NullMarked
package io.github.colonnade.jobs;

import org.jspecify.annotations.NullMarked;
