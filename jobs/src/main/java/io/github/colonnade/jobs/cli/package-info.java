/**
 * The command line: {@link io.github.colonnade.jobs.cli.Colonnade} and one class for each command.
 * The commands only read options and show results; the work is behind {@link
 * io.github.colonnade.jobs.cli.Action}, so that neither Flink nor ND4J is loaded before a command
 * needs it.
 */
@NullMarked
package io.github.colonnade.jobs.cli;

import org.jspecify.annotations.NullMarked;
