package io.github.colonnade.tests.performance;

import io.github.colonnade.connectors.format.Formats;
import io.github.colonnade.connectors.io.Sha256;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorReader;
import io.github.colonnade.connectors.view.BlockReader;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.ElementType;
import io.github.colonnade.connectors.view.MatrixView;
import io.github.colonnade.connectors.view.Orientation;
import io.github.colonnade.connectors.view.TensorPlan;
import io.github.colonnade.connectors.view.ViewOptions;
import io.github.colonnade.tests.performance.Done.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.OptionalLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Files whose numbers lie as they are, in the page cache: the bytes of the matrix, and its blocks
 * as arrays of float with their SHA-256, as runs read them. The limits are reading the file into
 * memory that is there already, and doing that with the SHA-256 of all bytes.
 */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls setUp first.
public class ReaderBenchmark {

  private static final int BUFFER_BYTES = 1 << 20;

  @Param({
    "safetensors",
    "bf16-safetensors",
    "f16-safetensors",
    "npy",
    "npz",
    "onnx",
    "gguf",
    "h5",
    "mat",
    "tiff"
  })
  public String format;

  @Param("4096")
  public int rows;

  private final byte[] bytes = new byte[BUFFER_BYTES];
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private final MessageDigest digest = Sha256.digest();
  private final BlockReader reader = new BlockReader(ElementType.FLOAT);
  private Path folder;
  private Path file;
  private org.apache.flink.core.fs.Path path;
  private double megabytes;

  @Setup
  public void setUp() throws IOException {
    folder = Files.createTempDirectory("readers");
    file = new SampleFiles(rows, rows).write(folder, format);
    path = new org.apache.flink.core.fs.Path(file.toUri());
    megabytes = 1e-6 * Files.size(file);
  }

  @TearDown
  public void tearDown() throws IOException {
    Files.delete(file);
    Files.delete(folder);
  }

  @Benchmark
  @Limit("plainRead")
  public long payload(Bytes done) throws IOException {
    done.megabytes += megabytes;
    return readPayloads(path, bytes);
  }

  /** Reads the payloads of a file, and returns how many bytes they have. */
  static long readPayloads(org.apache.flink.core.fs.Path path, byte[] bytes) throws IOException {
    long sum = 0;
    for (TensorInfo tensor : Formats.of(path).list(path)) {
      try (InputStream in = TensorReader.open(tensor)) {
        for (int got = in.read(bytes); got >= 0; got = in.read(bytes)) {
          sum += got;
        }
      }
    }
    return sum;
  }

  /** Blocks of a megabyte, whose numbers follow one another where rows do. */
  @Benchmark
  @Limit({"plainRead", "plainReadWithHash"})
  public double blocks(Bytes done) throws IOException {
    return readBlocks(Orientation.TRANSPOSED, 1, done);
  }

  /** Blocks of a megabyte, whose numbers follow one another where columns do. */
  @Benchmark
  @Limit({"plainRead", "plainReadWithHash"})
  public double columns(Bytes done) throws IOException {
    return readBlocks(Orientation.AS_STORED, 0, done);
  }

  private double readBlocks(Orientation orientation, int inner, Bytes done) throws IOException {
    done.megabytes += megabytes;
    double[] largest = new double[1];
    for (TensorInfo tensor : Formats.of(path).list(path)) {
      ViewOptions options =
          new ViewOptions(
              orientation,
              OptionalLong.empty(),
              OptionalLong.of(Math.max(1, BUFFER_BYTES / 4 / tensor.shape().dim(inner))),
              List.of(),
              List.of());
      List<BlockRef> blocks = ((TensorPlan.Blocks) MatrixView.of(options).plan(tensor)).blocks();
      reader.readTensorBlocks(
          tensor, blocks, values -> largest[0] = Math.max(largest[0], values.maxAbs()));
    }
    return largest[0];
  }

  @Benchmark
  public long plainRead(Bytes done) throws IOException {
    done.megabytes += megabytes;
    long sum = 0;
    try (FileChannel channel = FileChannel.open(file)) {
      for (int got = channel.read(buffer.clear()); got >= 0; got = channel.read(buffer.clear())) {
        sum += got;
      }
    }
    return sum;
  }

  @Benchmark
  public byte[] plainReadWithHash(Bytes done) throws IOException {
    done.megabytes += megabytes;
    try (FileChannel channel = FileChannel.open(file)) {
      while (channel.read(buffer.clear()) >= 0) {
        digest.update(buffer.flip());
      }
    }
    return digest.digest();
  }
}
