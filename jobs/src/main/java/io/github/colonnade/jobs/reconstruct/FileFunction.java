package io.github.colonnade.jobs.reconstruct;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.write.SafetensorsWriter;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.memory.PayloadLimit;
import io.github.colonnade.jobs.memory.PayloadShare;
import io.github.colonnade.jobs.reconstruct.FilePlan.Copy;
import io.github.colonnade.jobs.reconstruct.FilePlan.Piece;
import io.github.colonnade.jobs.reconstruct.FilePlan.Product;
import io.github.colonnade.jobs.reconstruct.FilePlan.Tensor;
import io.github.colonnade.jobs.stored.StoredTensors;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.core.fs.Path;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/** Writes the files that a subtask is given, header first, then tensor after tensor. */
final class FileFunction extends RichFlatMapFunction<FilePlan, FilePlan> {
  /** The accumulator that counts the bytes of the tensors that are written. */
  static final String BYTES_DONE = "bytes-done";

  /** What libraries that load checkpoints look for. */
  private static final Map<String, String> METADATA = Map.of("format", "pt");

  private final String collection;
  private final String output;
  private final PayloadLimit payloadLimit;
  private final LongCounter bytesDone = new LongCounter();

  private transient @Nullable PayloadShare memory;
  private transient @Nullable StoredTensors stored;
  private transient @Nullable LinearAlgebra la;
  private transient @Nullable DenseWriter dense;

  /**
   * @param collection the directory to read
   * @param output the directory to write below
   * @param payloadLimit the memory for factors
   */
  FileFunction(Path collection, Path output, PayloadLimit payloadLimit) {
    this.payloadLimit = payloadLimit;
    this.collection = collection.toString();
    this.output = output.toString();
  }

  @Override
  public void open(OpenContext context) {
    getRuntimeContext().addAccumulator(BYTES_DONE, bytesDone);
    memory = PayloadShare.open(getRuntimeContext(), payloadLimit);
    stored = new StoredTensors(new Path(collection));
    la = new Nd4jLinearAlgebra();
    dense = new DenseWriter(la, stored);
  }

  @Override
  public void flatMap(FilePlan plan, Collector<FilePlan> written) throws IOException {
    if (memory == null || dense == null) {
      throw new IllegalStateException("not open");
    }
    DenseWriter factors = dense;
    memory.holding(
        plan.need(),
        () -> "a tensor of " + plan.path(),
        () -> {
          write(plan);
          // The basis that was used last is not held any more.
          factors.close();
          return plan;
        });
  }

  private void write(FilePlan plan) throws IOException {
    Path file = new Path(output + "/" + plan.path());
    file.getFileSystem().mkdirs(file.getParent());
    List<Tensor> tensors = plan.tensors();
    try (SafetensorsWriter writer =
        SafetensorsWriter.begin(file, tensors.stream().map(Tensor::header).toList(), METADATA)) {
      for (Tensor tensor : tensors) {
        try (OutputStream out = writer.tensor(tensor.name())) {
          if (tensor.widths().isEmpty()) {
            for (Piece piece : tensor.pieces()) {
              write(tensor, piece, out);
            }
          } else {
            writeSideBySide(tensor, out);
          }
        }
        bytesDone.add(tensor.header().sizeBytes());
      }
      writer.finish();
    }
  }

  private void writeSideBySide(Tensor tensor, OutputStream out) throws IOException {
    long columns = tensor.widths().stream().mapToLong(Long::longValue).sum();
    long row = tensor.dtype().payloadBytes(columns);
    long rows = tensor.shape().elements() / columns;
    try (Interleaver interleaver = Interleaver.create(row, rows)) {
      long from = 0;
      for (int i = 0; i < tensor.pieces().size(); i++) {
        long segment = tensor.dtype().payloadBytes(tensor.widths().get(i));
        try (OutputStream piece = interleaver.segments(from, segment)) {
          write(tensor, tensor.pieces().get(i), piece);
        }
        from += segment;
      }
      interleaver.transferTo(out);
    }
  }

  private void write(Tensor tensor, Piece piece, OutputStream out) throws IOException {
    if (stored == null || dense == null) {
      throw new IllegalStateException("not open");
    }
    if (piece instanceof Product product) {
      dense.write(product, tensor.dtype(), out);
    } else if (piece instanceof Copy copy) {
      checkCopy(tensor, stored.info(copy.data()), copy.data());
      try (InputStream in = stored.open(copy.data())) {
        in.transferTo(out);
      }
    }
  }

  private static void checkCopy(Tensor tensor, TensorInfo data, TensorLocation at) {
    boolean whole = tensor.pieces().size() == 1;
    if (data.dtype() != tensor.dtype()
        || data.sizeBytes() > tensor.header().sizeBytes()
        || (whole && data.sizeBytes() != tensor.header().sizeBytes())) {
      throw FormatException.of(
          at.file(),
          at.tensor(),
          "its "
              + data.sizeBytes()
              + " bytes of "
              + data.dtype()
              + " are not those of tensor "
              + tensor.name()
              + " of "
              + tensor.source());
    }
  }

  @Override
  public void close() throws IOException {
    if (memory != null) {
      memory.close();
    }
    if (dense != null) {
      dense.close();
    }
    if (la != null) {
      la.close();
    }
    if (stored != null) {
      stored.close();
    }
  }
}
