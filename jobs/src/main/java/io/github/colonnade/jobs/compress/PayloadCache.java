package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockReader;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.BlockValues;
import io.github.colonnade.connectors.view.ElementType;
import io.github.colonnade.jobs.compress.EncodeTask.MemberTask;
import io.github.colonnade.svd.factor.BlockLoader;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Precision;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The numbers of one cluster's members while it is encoded.
 *
 * <p>If all of them fit into the budget they are read once, neighbours in a file together, and kept
 * outside the Java heap; otherwise each is read again whenever it is asked for.
 */
final class PayloadCache implements BlockLoader, AutoCloseable {

  /** Bytes of doubles that one subtask keeps outside the heap. */
  static final long BUDGET_BYTES = 256L << 20;

  private final LinearAlgebra la;
  private final List<MemberTask> members;
  private final BlockReader reader = new BlockReader(ElementType.DOUBLE);
  private final Map<Integer, Matrix> kept = new HashMap<>();

  /**
   * @param members the position of a member is its index in this list
   */
  PayloadCache(LinearAlgebra la, List<MemberTask> members) throws IOException {
    this.la = la;
    this.members = members;
    long elements = members.stream().mapToLong(each -> each.block().elements()).sum();
    if (elements * Double.BYTES <= BUDGET_BYTES) {
      readAll();
    }
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
            kept.put(position, matrix(members.get(position), values));
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
      MemberTask member = members.get(position);
      return matrix(member, reader.read(member.block()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Matrix load(LinearAlgebra algebra, int[] positions) {
    List<Matrix> blocks = new ArrayList<>(positions.length);
    for (int position : positions) {
      Matrix block = kept.get(position);
      if (block == null) {
        return BlockLoader.super.load(algebra, positions);
      }
      blocks.add(block);
    }
    return algebra.concatenate(blocks);
  }

  private Matrix matrix(MemberTask member, BlockValues values) {
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
  public void close() {
    kept.values().forEach(Matrix::close);
    kept.clear();
  }
}
