/**
 * Training from LOST factors: the comparison of layers in a small language model of characters,
 * which {@link io.github.colonnade.tests.training.TrainingComparison} runs, and the example of the
 * docs.
 */
@NullMarked
package io.github.colonnade.tests.training;

import org.jspecify.annotations.NullMarked;
