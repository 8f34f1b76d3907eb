package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.source.TensorSplit;
import io.github.colonnade.connectors.tensor.TensorInfoBytes;
import io.github.colonnade.jobs.flink.Codec;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** The bytes between the source and the sketcher. */
final class TensorSplitCodec implements Codec<TensorSplit> {

  @Override
  public Class<TensorSplit> type() {
    return TensorSplit.class;
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public void write(TensorSplit record, DataOutputView out) throws IOException {
    out.writeLong(record.ordinal());
    TensorInfoBytes.write(record.tensor(), out);
    out.writeLong(record.listStartMillis());
    out.writeLong(record.listEndMillis());
  }

  @Override
  public TensorSplit read(int version, DataInputView in) throws IOException {
    return new TensorSplit(in.readLong(), TensorInfoBytes.read(in), in.readLong(), in.readLong());
  }
}
