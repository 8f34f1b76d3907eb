/**
 * Weights of a run: a safetensors file with a second moment of the inputs for some tensors of the
 * model, by their names. Open {@link io.github.colonnade.jobs.weights.WeightsFile} first.
 */
@NullMarked
package io.github.colonnade.jobs.weights;

import org.jspecify.annotations.NullMarked;
