package io.github.colonnade.jobs.stream;

import io.github.colonnade.connectors.source.Arrival.Batch;
import io.github.colonnade.jobs.compress.EncodeTask;
import io.github.colonnade.jobs.compress.Outcome;
import io.github.colonnade.jobs.flink.Codec;
import java.io.IOException;
import java.util.List;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * A batch that was planned.
 *
 * @param inputBytes the bytes of input files that are counted with it
 * @param files to write
 * @param rejected tensors of the batch that are not in the output
 */
public record BatchTask(
    Batch batch, long inputBytes, List<EncodeTask> files, List<Outcome.Rejected> rejected) {

  /** The bytes between plan and encode. */
  public static final class BatchTaskCodec implements Codec<BatchTask> {

    private static final Versioned<EncodeTask> FILES =
        new Versioned<>(new EncodeTask.EncodeTaskCodec());
    private static final Versioned<Outcome> OUTCOMES = new Versioned<>(new Outcome.OutcomeCodec());

    @Override
    public Class<BatchTask> type() {
      return BatchTask.class;
    }

    @Override
    public int version() {
      return 1;
    }

    @Override
    public void write(BatchTask record, DataOutputView out) throws IOException {
      out.writeInt(record.batch.rows());
      out.writeLong(record.batch.number());
      out.writeLong(record.inputBytes);
      FILES.writeAll(record.files, out);
      OUTCOMES.writeAll(record.rejected, out);
    }

    @Override
    public BatchTask read(int version, DataInputView in) throws IOException {
      return new BatchTask(
          new Batch(in.readInt(), in.readLong()),
          in.readLong(),
          FILES.readAll(in),
          OUTCOMES.readAll(in).stream().map(Outcome.Rejected.class::cast).toList());
    }
  }
}
