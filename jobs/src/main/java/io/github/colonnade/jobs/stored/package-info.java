/**
 * A compressed collection opened for reading: {@link
 * io.github.colonnade.jobs.stored.CompressedCollection} is its directory and manifest, {@link
 * io.github.colonnade.jobs.stored.OriginalTensor} a tensor of the input as the manifest has it, and
 * {@link io.github.colonnade.jobs.stored.StoredTensors} gives the numbers in the factor files.
 */
@NullMarked
package io.github.colonnade.jobs.stored;

import org.jspecify.annotations.NullMarked;
