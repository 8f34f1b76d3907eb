/**
 * How much memory tensors take while they are worked on, and the gate that keeps it within what
 * there is. Open {@link io.github.colonnade.jobs.memory.PayloadMemory} first.
 */
@NullMarked
package io.github.colonnade.jobs.memory;

import org.jspecify.annotations.NullMarked;
