package io.github.colonnade.jobs.compress;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/** Divides the tensors that pass through among output files, in the order of the listing. */
final class PassThroughOperator extends AbstractStreamOperator<EncodeTask>
    implements OneInputStreamOperator<PassThrough, EncodeTask>, BoundedOneInput {

  /** The payload bytes of one output file, unless one tensor is larger. */
  private static final long FILE_BYTES = 256L << 20;

  private final List<PassThrough> tensors = new ArrayList<>();
  private int files;

  @Override
  public void processElement(StreamRecord<PassThrough> element) {
    tensors.add(element.getValue());
  }

  @Override
  public void endInput() {
    tensors.sort(Comparator.comparingLong(PassThrough::ordinal));
    List<PassThrough> batch = new ArrayList<>();
    long bytes = 0;
    for (PassThrough tensor : tensors) {
      if (!batch.isEmpty() && bytes + tensor.tensor().sizeBytes() > FILE_BYTES) {
        emit(batch);
        batch = new ArrayList<>();
        bytes = 0;
      }
      batch.add(tensor);
      bytes += tensor.tensor().sizeBytes();
    }
    if (!batch.isEmpty()) {
      emit(batch);
    }
    tensors.clear();
  }

  private void emit(List<PassThrough> batch) {
    StageTimes times =
        batch.stream().map(PassThrough::times).reduce(StageTimes.none(), StageTimes::join);
    String name = String.format(Locale.ROOT, "passthrough-%05d.safetensors", files++);
    output.collect(new StreamRecord<>(new EncodeTask(name, List.of(), batch, times)));
  }
}
