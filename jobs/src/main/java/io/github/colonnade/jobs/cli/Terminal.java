package io.github.colonnade.jobs.cli;

import java.io.PrintWriter;

/**
 * Where a command writes.
 *
 * @param out results
 * @param err errors and progress
 * @param interactive whether a person sees {@code err} on a terminal, so that a line may be redrawn
 */
record Terminal(PrintWriter out, PrintWriter err, boolean interactive) {}
