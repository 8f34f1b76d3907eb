/**
 * Collections that grow: tensors of inputs that are watched become segments of a collection.
 *
 * <pre>
 * watch → sketch → plan batches → encode batches → commit segments
 * </pre>
 *
 * <p>The source decides which tensors are a batch; a batch that is complete is planned as a
 * collection of its own. What came of it waits for the job's next checkpoint and becomes visible
 * when that is complete, with all others of the time, as one segment.
 */
@NullMarked
package io.github.colonnade.jobs.stream;

import org.jspecify.annotations.NullMarked;
