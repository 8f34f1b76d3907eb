package io.github.colonnade.jobs.stream;

import io.github.colonnade.jobs.compress.Outcome;
import io.github.colonnade.jobs.flink.Codec;
import java.io.IOException;
import java.util.List;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * What became of a batch, or of a file that gave no tensors; it becomes visible as a whole.
 *
 * @param inputBytes the bytes of input files that are counted with it
 */
public record BatchOutcome(long inputBytes, List<Outcome> outcomes) {

  /** The bytes between encode and commit, and of outcomes that are not yet in a segment. */
  public static final class BatchOutcomeCodec implements Codec<BatchOutcome> {

    private static final Versioned<Outcome> OUTCOMES = new Versioned<>(new Outcome.OutcomeCodec());

    @Override
    public Class<BatchOutcome> type() {
      return BatchOutcome.class;
    }

    @Override
    public int version() {
      return 1;
    }

    @Override
    public void write(BatchOutcome record, DataOutputView out) throws IOException {
      out.writeLong(record.inputBytes);
      OUTCOMES.writeAll(record.outcomes, out);
    }

    @Override
    public BatchOutcome read(int version, DataInputView in) throws IOException {
      return new BatchOutcome(in.readLong(), OUTCOMES.readAll(in));
    }
  }
}
