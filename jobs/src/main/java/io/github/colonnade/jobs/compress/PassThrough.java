package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorInfoBytes;
import io.github.colonnade.jobs.flink.Codec;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * A tensor that is copied bit for bit.
 *
 * @param reason why it is no matrix of this run
 */
public record PassThrough(long ordinal, TensorInfo tensor, String reason, StageTimes times) {

  /** The bytes between operators. */
  public static final class PassThroughCodec implements Codec<PassThrough> {

    @Override
    public Class<PassThrough> type() {
      return PassThrough.class;
    }

    @Override
    public int version() {
      return 1;
    }

    @Override
    public void write(PassThrough record, DataOutputView out) throws IOException {
      out.writeLong(record.ordinal);
      TensorInfoBytes.write(record.tensor, out);
      TensorInfoBytes.writeText(record.reason, out);
      record.times.write(out);
    }

    @Override
    public PassThrough read(int version, DataInputView in) throws IOException {
      return new PassThrough(
          in.readLong(),
          TensorInfoBytes.read(in),
          TensorInfoBytes.readText(in),
          StageTimes.read(in));
    }
  }
}
