/**
 * What is shown to a person: {@link io.github.colonnade.jobs.console.Progress}, {@link
 * io.github.colonnade.jobs.console.Table} and the {@link io.github.colonnade.jobs.console.Formats}
 * of numbers. It writes only to the writers it is given.
 */
@NullMarked
package io.github.colonnade.jobs.console;

import org.jspecify.annotations.NullMarked;
