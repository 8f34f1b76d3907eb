package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.Arrangement;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorReader;
import io.github.colonnade.connectors.view.BlockReader;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.BlockValues;
import io.github.colonnade.connectors.view.ElementType;
import io.github.colonnade.jobs.compress.EncodeTask.MemberTask;
import io.github.colonnade.svd.factor.BlockLoader;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Precision;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongConsumer;

/**
 * The numbers of one cluster's members while it is encoded.
 *
 * <p>If all of them fit into the budget they are read once, neighbours in a file together, and kept
 * outside the Java heap; otherwise each is read again whenever it is asked for. A tensor whose
 * blocks cannot be read without what lies before them (compressed, reordered or swapped) is then
 * first copied, canonically, to a temporary file.
 */
final class PayloadCache implements BlockLoader, AutoCloseable {

  /** Bytes of doubles that one subtask keeps outside the heap. */
  static final long BUDGET_BYTES = 256L << 20;

  private static final int SPOOL_BUFFER_BYTES = 1 << 20;

  private final LinearAlgebra la;
  private final List<MemberTask> members;
  private final BlockReader reader = new BlockReader(ElementType.DOUBLE);
  private final LongConsumer read;
  private final Map<Integer, Matrix> kept = new HashMap<>();
  private final BitSet counted = new BitSet();
  private final List<Path> spoolFiles = new ArrayList<>();

  /** By position: the member's block, or its copy in a spooled tensor. */
  private final List<BlockRef> blocks = new ArrayList<>();

  /**
   * @param members the position of a member is its index in this list
   * @param budgetBytes of doubles to keep, such as {@link #BUDGET_BYTES}
   * @param read receives the bytes of each block once, as it is first read
   */
  PayloadCache(LinearAlgebra la, List<MemberTask> members, long budgetBytes, LongConsumer read)
      throws IOException {
    this.la = la;
    this.members = members;
    this.read = read;
    long elements = members.stream().mapToLong(each -> each.block().elements()).sum();
    try {
      if (elements <= budgetBytes / Double.BYTES) {
        readAll();
      } else {
        spool();
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private void spool() throws IOException {
    Map<Long, TensorInfo> tensors = new HashMap<>();
    for (MemberTask member : members) {
      BlockRef block = member.block();
      TensorInfo tensor = tensors.get(member.ordinal());
      if (tensor == null) {
        tensor = block.tensor().payload().isDirect() ? block.tensor() : spooled(block.tensor());
        tensors.put(member.ordinal(), tensor);
      }
      blocks.add(
          new BlockRef(tensor, block.rows(), block.columns(), block.fromColumn(), block.layout()));
    }
  }

  private TensorInfo spooled(TensorInfo tensor) throws IOException {
    Path directory = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
    Path file = Files.createTempFile(directory, "colonnade-payload-", ".tmp");
    spoolFiles.add(file);
    try (InputStream in = TensorReader.open(tensor);
        OutputStream out = Files.newOutputStream(file)) {
      byte[] buffer = new byte[SPOOL_BUFFER_BYTES];
      for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
        out.write(buffer, 0, got);
      }
    }
    return new TensorInfo(
        tensor.source(),
        tensor.name(),
        tensor.dtype(),
        tensor.shape(),
        new Payload.ByteRange(
            file.toUri().toString(), 0, tensor.sizeBytes(), Arrangement.CANONICAL));
  }

  private void readAll() throws IOException {
    Map<Long, List<Integer>> byTensor = new LinkedHashMap<>();
    for (int i = 0; i < members.size(); i++) {
      byTensor.computeIfAbsent(members.get(i).ordinal(), each -> new ArrayList<>()).add(i);
    }
    for (List<Integer> positions : byTensor.values()) {
      positions.sort(Comparator.comparingLong(each -> members.get(each).block().fromColumn()));
      TensorInfo tensor = members.get(positions.get(0)).block().tensor();
      List<BlockRef> blocks = positions.stream().map(each -> members.get(each).block()).toList();
      int[] next = {0};
      reader.readTensorBlocks(
          tensor,
          blocks,
          values -> {
            int position = positions.get(next[0]++);
            kept.put(position, matrix(position, values));
          });
    }
  }

  @Override
  public Matrix load(int position) {
    Matrix matrix = kept.get(position);
    if (matrix != null) {
      return la.cast(matrix, Precision.FLOAT64);
    }
    try {
      return matrix(position, reader.read(blocks.get(position)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Matrix load(LinearAlgebra algebra, int[] positions) {
    if (!kept.isEmpty()) {
      List<Matrix> found = new ArrayList<>(positions.length);
      for (int position : positions) {
        found.add(Objects.requireNonNull(kept.get(position)));
      }
      return algebra.concatenate(found);
    }
    if (positions.length == 1) {
      return load(positions[0]);
    }
    try (MatrixScope scope = new MatrixScope()) {
      List<Matrix> loaded = new ArrayList<>(positions.length);
      int from = 0;
      while (from < positions.length) {
        int to = from + 1;
        while (to < positions.length && follows(positions[to - 1], positions[to])) {
          to++;
        }
        List<BlockRef> neighbours = new ArrayList<>();
        for (int i = from; i < to; i++) {
          neighbours.add(blocks.get(positions[i]));
        }
        int[] next = {from};
        reader.readTensorBlocks(
            neighbours.get(0).tensor(),
            neighbours,
            values -> loaded.add(scope.own(matrix(positions[next[0]++], values))));
        from = to;
      }
      return algebra.concatenate(loaded);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean follows(int position, int next) {
    return members.get(position).ordinal() == members.get(next).ordinal()
        && blocks.get(position).isFollowedBy(blocks.get(next));
  }

  /** Counts the blocks that nobody had to read, such as those that are zero. */
  void countUnread() {
    for (int position = 0; position < members.size(); position++) {
      count(position);
    }
  }

  private void count(int position) {
    if (!counted.get(position)) {
      counted.set(position);
      read.accept(members.get(position).block().sizeBytes());
    }
  }

  private Matrix matrix(int position, BlockValues values) {
    MemberTask member = members.get(position);
    count(position);
    BlockRef block = member.block();
    if (!values.sha256().equals(member.sha256())) {
      throw FormatException.of(
          block.tensor().source(),
          block.tensor().name(),
          "it changed while it was being compressed; run again when nobody writes to it");
    }
    return la.fromColumns(
        BlockSketcher.scaled(values.doubles(), -member.exponent()),
        Math.toIntExact(block.rows()),
        Math.toIntExact(block.columns()));
  }

  @Override
  public void close() throws IOException {
    kept.values().forEach(Matrix::close);
    kept.clear();
    for (Path file : spoolFiles) {
      Files.deleteIfExists(file);
    }
    spoolFiles.clear();
  }
}
