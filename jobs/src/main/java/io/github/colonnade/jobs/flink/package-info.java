/**
 * What every job needs of Flink: an execution environment, record types with versioned bytes, and a
 * way to wait for a job and see how far it is.
 */
@NullMarked
package io.github.colonnade.jobs.flink;

import org.jspecify.annotations.NullMarked;
