package io.github.colonnade.jobs.stored;

import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Part;
import io.github.colonnade.jobs.manifest.View;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A tensor of the input as the manifest has it: one block, or blocks of its columns side by side.
 *
 * <p>That the blocks are the whole tensor, each column once, is checked by {@link #fault} only; the
 * other methods may be used when there is none.
 *
 * @param key which tensor
 * @param blocks at least one, by ascending column
 */
public record OriginalTensor(TensorKey key, List<BlockEntry> blocks) {

  private static final Comparator<BlockEntry> BY_COLUMN =
      Comparator.comparingLong(block -> block.part().map(Part::from).orElse(0L));

  /** Takes the blocks in any order. */
  public OriginalTensor {
    blocks = blocks.stream().sorted(BY_COLUMN).toList();
  }

  /** All tensors that have blocks, in the order in which the manifest first names them. */
  public static List<OriginalTensor> all(Manifest manifest) {
    Map<TensorKey, List<BlockEntry>> byTensor = new LinkedHashMap<>();
    for (BlockEntry block : manifest.blocks()) {
      byTensor
          .computeIfAbsent(new TensorKey(block.source(), block.tensor()), k -> new ArrayList<>(1))
          .add(block);
    }
    List<OriginalTensor> tensors = new ArrayList<>(byTensor.size());
    byTensor.forEach((key, blocks) -> tensors.add(new OriginalTensor(key, blocks)));
    return tensors;
  }

  public DType dtype() {
    return DType.ofLabel(first().dtype()).orElseThrow();
  }

  public Shape shape() {
    return Shape.of(first().shape());
  }

  /** Why the blocks are not this tensor exactly once, if they are not. */
  public Optional<String> fault() {
    for (BlockEntry block : blocks) {
      if (!block.shape().equals(first().shape()) || !block.dtype().equals(first().dtype())) {
        return fault("blocks " + first().id() + " and " + block.id() + " differ in shape or dtype");
      }
    }
    Optional<DType> dtype = DType.ofLabel(first().dtype());
    if (dtype.isEmpty()) {
      return fault("its dtype " + first().dtype() + " is not known");
    }
    try {
      dtype.get().payloadBytes(shape().elements());
    } catch (ArithmeticException e) {
      return fault("its numbers do not fill whole bytes, or are more than can be counted");
    }
    for (BlockEntry block : blocks) {
      if (block.cluster().isPresent() && !dtype.get().isFloat()) {
        return fault("block " + block.id() + " is a matrix, but of dtype " + dtype.get());
      }
    }
    return blocks.size() == 1 && first().part().isEmpty() ? Optional.empty() : faultOfParts();
  }

  private Optional<String> faultOfParts() {
    View view = first().view().orElse(null);
    if (view == null) {
      return fault("it is there " + blocks.size() + " times");
    }
    long columns = shape().elements() / view.rows();
    long position = 0;
    for (BlockEntry block : blocks) {
      Part part = block.part().orElse(null);
      View other = block.view().orElse(null);
      if (part == null || other == null) {
        return fault("block " + block.id() + " is all of it, and there are others");
      }
      if (other.rows() != view.rows() || other.layout() != view.layout()) {
        return fault("blocks " + first().id() + " and " + block.id() + " have different views");
      }
      if (part.from() != position) {
        return fault(
            part.from() > position
                ? "its columns " + position + " to " + part.from() + " are in no block"
                : "its column " + part.from() + " is in two blocks, one of them " + block.id());
      }
      position = part.to();
    }
    if (position != columns) {
      return fault("its columns " + position + " to " + columns + " are in no block");
    }
    return Optional.empty();
  }

  private Optional<String> fault(String what) {
    return Optional.of(key + ": " + what);
  }

  private BlockEntry first() {
    return blocks.get(0);
  }
}
