package io.github.colonnade.jobs.stream;

/** The names of the job's accumulators, from which progress is shown. */
final class StreamCounters {

  static final String TENSORS = "tensors";
  static final String SKETCHED_BYTES = "sketched-bytes";

  private StreamCounters() {}
}
