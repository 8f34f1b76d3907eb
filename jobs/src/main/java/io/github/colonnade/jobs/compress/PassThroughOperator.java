package io.github.colonnade.jobs.compress;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/** Waits for all tensors that pass through and divides them among output files. */
final class PassThroughOperator extends AbstractStreamOperator<EncodeTask>
    implements OneInputStreamOperator<PassThrough, EncodeTask>, BoundedOneInput {

  private final List<PassThrough> tensors = new ArrayList<>();

  @Override
  public void processElement(StreamRecord<PassThrough> element) {
    tensors.add(element.getValue());
  }

  @Override
  public void endInput() {
    for (EncodeTask file : PassThroughFiles.of(tensors)) {
      output.collect(new StreamRecord<>(file));
    }
    tensors.clear();
  }
}
