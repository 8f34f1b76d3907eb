/**
 * What the parts of the program take, next to the limit that the machine sets, measured in the same
 * run. {@link io.github.colonnade.tests.performance.Benchmarks} runs all of it.
 */
@NullMarked
package io.github.colonnade.tests.performance;

import org.jspecify.annotations.NullMarked;
