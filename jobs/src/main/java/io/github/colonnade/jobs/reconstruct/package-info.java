/**
 * {@code colonnade reconstruct}: {@link io.github.colonnade.jobs.reconstruct.Reconstruction} writes
 * a compressed collection as dense safetensors, laid out in files as the originals were.
 */
@NullMarked
package io.github.colonnade.jobs.reconstruct;

import org.jspecify.annotations.NullMarked;
