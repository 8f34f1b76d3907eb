package io.github.colonnade.jobs.compress;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/** Waits for the clusters of all families and gives each its own error limit. */
final class AllocateOperator extends AbstractStreamOperator<EncodeTask>
    implements OneInputStreamOperator<EncodeTask, EncodeTask>, BoundedOneInput {

  private final CompressSettings settings;
  private final List<EncodeTask> files = new ArrayList<>();

  AllocateOperator(CompressSettings settings) {
    this.settings = settings;
  }

  @Override
  public void processElement(StreamRecord<EncodeTask> element) {
    files.add(element.getValue());
  }

  @Override
  public void endInput() {
    files.sort(Comparator.comparing(EncodeTask::file));
    for (EncodeTask file : new Allocator(settings).allocate(files)) {
      output.collect(new StreamRecord<>(file));
    }
    files.clear();
  }
}
