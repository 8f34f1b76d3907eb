package io.github.colonnade.jobs.metrics;

import org.apache.flink.metrics.Metric;

/** A metric of Flink that belongs to a meter of ours. */
interface OperatorMetric extends Metric {}
