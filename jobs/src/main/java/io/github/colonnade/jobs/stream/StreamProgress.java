package io.github.colonnade.jobs.stream;

import io.github.colonnade.jobs.compress.Counters;
import io.github.colonnade.jobs.console.Progress;
import java.util.Map;
import java.util.function.Function;

/** How many tensors a stream has taken since it was started or went on after a failure. */
public final class StreamProgress implements Function<Map<String, Object>, Progress.State> {

  @Override
  public Progress.State apply(Map<String, Object> accumulators) {
    long tensors = Counters.value(accumulators, StreamCounters.TENSORS);
    return new Progress.State("stream", tensors, 0, Progress.Unit.TENSORS);
  }
}
