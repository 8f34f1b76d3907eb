package io.github.colonnade.jobs.verify;

import io.github.colonnade.jobs.memory.PayloadLimit;
import io.github.colonnade.jobs.memory.PayloadShare;
import io.github.colonnade.jobs.stored.StoredTensors;
import io.github.colonnade.jobs.weights.BlockWeights;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import java.io.IOException;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/** Checks the items that a subtask is given. */
final class CheckFunction extends RichMapFunction<CheckItem, Measurement> {
  /** The accumulator that counts the bytes of the originals that are done. */
  static final String BYTES_DONE = "bytes-done";

  private final String directory;
  private final Limit limit;
  private final PayloadLimit payloadLimit;

  private transient @Nullable LinearAlgebra la;
  private transient @Nullable PayloadShare memory;
  private transient @Nullable StoredTensors stored;
  private transient @Nullable BlockWeights weights;
  private transient @Nullable PieceChecker checker;

  CheckFunction(Path directory, Limit limit, PayloadLimit payloadLimit) {
    this.directory = directory.toString();
    this.limit = limit;
    this.payloadLimit = payloadLimit;
  }

  @Override
  public void open(OpenContext context) throws IOException {
    LongCounter bytesDone = new LongCounter();
    getRuntimeContext().addAccumulator(BYTES_DONE, bytesDone);
    memory = PayloadShare.open(getRuntimeContext(), payloadLimit);
    stored = new StoredTensors(new Path(directory));
    la = new Nd4jLinearAlgebra();
    weights = limit.weighed() ? BlockWeights.open(la, limit.weights()) : BlockWeights.none(la);
    checker = new PieceChecker(la, stored, limit, weights, memory, bytesDone::add);
  }

  @Override
  public Measurement map(CheckItem item) throws IOException {
    if (checker == null) {
      throw new IllegalStateException("not open");
    }
    return checker.check(item);
  }

  @Override
  public void close() throws IOException {
    if (memory != null) {
      memory.close();
    }
    if (stored != null) {
      stored.close();
    }
    if (weights != null) {
      weights.close();
    }
    if (la != null) {
      la.close();
    }
  }
}
