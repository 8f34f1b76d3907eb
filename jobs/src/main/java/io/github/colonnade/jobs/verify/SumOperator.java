package io.github.colonnade.jobs.verify;

import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.jspecify.annotations.Nullable;

/** Puts all measurements into one, which it gives at the end of the input. */
final class SumOperator extends AbstractStreamOperator<Measurement>
    implements OneInputStreamOperator<Measurement, Measurement>, BoundedOneInput {

  private final Limit limit;

  private transient @Nullable MeasurementSum sum;

  SumOperator(Limit limit) {
    this.limit = limit;
  }

  @Override
  public void open() throws Exception {
    super.open();
    sum = new MeasurementSum(limit);
  }

  @Override
  public void processElement(StreamRecord<Measurement> element) {
    sum().add(element.getValue());
  }

  @Override
  public void endInput() {
    output.collect(new StreamRecord<>(sum().total()));
  }

  private MeasurementSum sum() {
    if (sum == null) {
      throw new IllegalStateException("not open");
    }
    return sum;
  }
}
