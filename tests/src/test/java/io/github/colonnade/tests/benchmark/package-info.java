/**
 * The comparison of partitions: how few numbers each method stores for the same error limit, and
 * how long it takes. {@link io.github.colonnade.tests.benchmark.PartitionBenchmark} prints it.
 */
@NullMarked
package io.github.colonnade.tests.benchmark;

import org.jspecify.annotations.NullMarked;
