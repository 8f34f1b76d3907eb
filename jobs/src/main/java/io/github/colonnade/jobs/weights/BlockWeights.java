package io.github.colonnade.jobs.weights;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.FloatCodec;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorReader;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.jobs.memory.PayloadNeed;
import io.github.colonnade.svd.factor.ColumnWeight;
import io.github.colonnade.svd.factor.SecondMoment;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The weights of blocks, with the numbers of the file.
 *
 * <p>Each square matrix is factored once and its factor kept in a temporary file, because it is
 * asked for again for every block of its tensor and every pass over them. Not safe for use by
 * several threads.
 */
public final class BlockWeights implements Closeable {
  private static final int BUFFER_BYTES = 1 << 20;

  /** Entries may be rounded by this many unit roundoffs of their type, and at least 10⁻⁴. */
  private static final int ROUNDOFFS = 4;

  private static final double LEAST_TOLERANCE = 1e-4;

  private final LinearAlgebra la;
  private final Optional<WeightsFile> file;
  private final Map<String, double[]> diagonals = new HashMap<>();
  private final Map<String, Spilled> factors = new HashMap<>();
  private @Nullable FileChannel spill;

  /**
   * A factor in the temporary file.
   *
   * @param roots and {@code norm} are those of the {@link SecondMoment}
   * @param offset where its {@code mixing} begins
   */
  private record Spilled(double[] roots, double norm, long offset) {}

  private BlockWeights(LinearAlgebra la, Optional<WeightsFile> file) {
    this.la = la;
    this.file = file;
  }

  /** No block has a weight. */
  public static BlockWeights none(LinearAlgebra la) {
    return new BlockWeights(la, Optional.empty());
  }

  /**
   * The weights of a file.
   *
   * @param location a path or a URI
   * @throws FormatException as {@link WeightsFile#open}
   */
  public static BlockWeights open(LinearAlgebra la, String location) throws IOException {
    return new BlockWeights(la, Optional.of(WeightsFile.open(location)));
  }

  /** Whether the file has a weight for the blocks of a tensor. */
  public boolean has(TensorInfo tensor) {
    return file.flatMap(each -> each.weight(tensor.name())).isPresent();
  }

  /**
   * The weight of a block's columns, which the caller closes. For part of the columns of a square
   * matrix it is the principal submatrix: what the errors of different blocks have to do with each
   * other is in no block.
   *
   * @throws FormatException if the weight does not fit the block, or its numbers are not those of a
   *     second moment
   */
  public ColumnWeight weight(BlockRef block) throws IOException {
    WeightsFile weights = file.orElseThrow();
    TensorInfo weight = weights.weight(block.tensor().name()).orElseThrow();
    long columnsPerIndex = weights.columnsPerIndex(block);
    int columns = Math.toIntExact(block.columns());
    if (weight.shape().rank() == 1) {
      double[] all = diagonal(weight);
      double[] roots = new double[columns];
      for (int j = 0; j < columns; j++) {
        roots[j] = all[(int) ((block.fromColumn() + j) / columnsPerIndex)];
      }
      return ColumnWeight.diagonal(roots);
    }
    return full(factor(weight), (int) block.fromColumn(), columns);
  }

  /** The memory that the weight of a block adds to what the block needs. */
  public PayloadNeed need(BlockRef block) {
    TensorInfo weight = file.flatMap(each -> each.weight(block.tensor().name())).orElseThrow();
    boolean square = weight.shape().rank() == 2;
    return PayloadNeed.weight(block.elements(), square ? weight.shape().dim(0) : 0);
  }

  private double[] diagonal(TensorInfo weight) throws IOException {
    double[] roots = diagonals.get(weight.name());
    if (roots == null) {
      roots = numbers(weight);
      for (int j = 0; j < roots.length; j++) {
        try {
          roots[j] = SecondMoment.root(roots[j], "(" + j + ")");
        } catch (IllegalArgumentException e) {
          throw wrong(weight, e);
        }
      }
      diagonals.put(weight.name(), roots);
    }
    return roots;
  }

  private Spilled factor(TensorInfo weight) throws IOException {
    Spilled known = factors.get(weight.name());
    if (known != null) {
      return known;
    }
    double tolerance = Math.max(LEAST_TOLERANCE, ROUNDOFFS * unitRoundoff(weight.dtype()));
    SecondMoment moment;
    try {
      moment =
          SecondMoment.of(la, numbers(weight), Math.toIntExact(weight.shape().dim(0)), tolerance);
    } catch (IllegalArgumentException e) {
      throw wrong(weight, e);
    }
    FileChannel channel = spill();
    Spilled spilled = new Spilled(moment.roots(), moment.norm(), channel.size());
    write(channel, moment.mixing());
    factors.put(weight.name(), spilled);
    return spilled;
  }

  private static double unitRoundoff(DType dtype) {
    return switch (dtype) {
      case BF16 -> 0x1p-8;
      case F16 -> 0x1p-11;
      default -> 0x1p-24;
    };
  }

  private static FormatException wrong(TensorInfo weight, IllegalArgumentException e) {
    return FormatException.of(
            weight.source(), weight.name(), e.getMessage() + "; write the weights again")
        .causedBy(e);
  }

  private ColumnWeight full(Spilled factor, int from, int columns) throws IOException {
    int n = factor.roots.length;
    double[] roots = new double[columns];
    System.arraycopy(factor.roots, from, roots, 0, columns);
    long offset = factor.offset + (long) Double.BYTES * n * from;
    return SecondMoment.weight(la, roots, read(offset, n * columns), n, factor.norm);
  }

  private static double[] numbers(TensorInfo weight) throws IOException {
    double[] values = new double[Math.toIntExact(weight.elements())];
    int size = weight.dtype().sizeBytes();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = TensorReader.open(weight)) {
      int done = 0;
      while (done < values.length) {
        int wanted = Math.min(BUFFER_BYTES / size, values.length - done);
        int count = in.readNBytes(buffer, 0, wanted * size) / size;
        FloatCodec.decode(weight.dtype(), ByteBuffer.wrap(buffer), values, done, count);
        if (count < wanted) {
          throw FormatException.of(
              weight.source(), weight.name(), "its data ends early; get the file again");
        }
        done += count;
      }
    }
    return values;
  }

  private FileChannel spill() throws IOException {
    if (spill == null) {
      Path directory = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
      spill =
          FileChannel.open(
              Files.createTempFile(directory, "colonnade-weights-", ".tmp"),
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.DELETE_ON_CLOSE);
    }
    return spill;
  }

  private static void write(FileChannel channel, double[] values) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    long position = channel.size();
    for (int done = 0; done < values.length; ) {
      int count = Math.min(BUFFER_BYTES / Double.BYTES, values.length - done);
      buffer.clear();
      buffer.asDoubleBuffer().put(values, done, count);
      buffer.limit(count * Double.BYTES);
      while (buffer.hasRemaining()) {
        position += channel.write(buffer, position);
      }
      done += count;
    }
  }

  private double[] read(long offset, int count) throws IOException {
    FileChannel channel = spill();
    double[] values = new double[count];
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    long position = offset;
    for (int done = 0; done < count; ) {
      int part = Math.min(BUFFER_BYTES / Double.BYTES, count - done);
      buffer.clear().limit(part * Double.BYTES);
      while (buffer.hasRemaining()) {
        int got = channel.read(buffer, position);
        if (got < 0) {
          throw new EOFException("a temporary file with factors of weights has become shorter");
        }
        position += got;
      }
      buffer.flip();
      buffer.asDoubleBuffer().get(values, done, part);
      done += part;
    }
    return values;
  }

  /** Removes the temporary file. */
  @Override
  public void close() throws IOException {
    if (spill != null) {
      spill.close();
    }
  }
}
