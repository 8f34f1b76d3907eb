package io.github.colonnade.jobs.plan;

import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.MatrixView;
import io.github.colonnade.connectors.view.TensorPlan;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.weights.WeightsFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The tensors of a collection sorted into families and what passes through.
 *
 * @param tensors all tensors
 * @param sources all files
 * @param families by row count
 * @param passThrough tensors that are no matrix of this run, by reason
 * @param bytes of all tensors
 * @param weights of the matrices
 * @param undecided what is chosen when the run starts; the families are those of tensors as stored,
 *     with the most that any choice would take
 */
public record RunPlan(
    long tensors,
    long sources,
    List<Family> families,
    Map<String, Kept> passThrough,
    long bytes,
    Weights weights,
    Undecided undecided) {

  /**
   * Blocks that may share a basis.
   *
   * @param rows m
   * @param largestBlock the numbers of the largest block, or of blocks that are read together
   * @param sketchNumbers the most numbers that the sketches of these blocks can have
   * @param largestSide the most rows that their common Gram matrix can have
   * @param mostBlocks how many they can become
   */
  public record Family(
      long rows,
      long blocks,
      long columns,
      long numbers,
      long bytes,
      long largestBlock,
      long sketchNumbers,
      long largestSide,
      long mostBlocks) {}

  /**
   * The weights that are used.
   *
   * @param tensors that have one
   * @param largestSide the rows of the largest weight that is a square matrix, or 0
   * @param squareNumbers the numbers of all that are
   */
  public record Weights(long tensors, long largestSide, long squareNumbers) {
    static final Weights NONE = new Weights(0, 0, 0);

    private Weights plus(TensorInfo weight) {
      boolean square = weight.shape().rank() == 2;
      return new Weights(
          tensors + 1,
          square ? Math.max(largestSide, weight.shape().dim(0)) : largestSide,
          square ? squareNumbers + weight.elements() : squareNumbers);
    }
  }

  /** Tensors that pass through. */
  public record Kept(long tensors, long bytes) {

    private Kept plus(long more) {
      return new Kept(tensors + 1, bytes + more);
    }
  }

  /** The longest block that fits into one Java array. */
  private static final long MAX_NUMBERS = Integer.MAX_VALUE - 8;

  /**
   * Reads the headers of the inputs.
   *
   * @throws FormatException if an input is not what it should be
   * @throws UsageException if there is nothing to compress
   */
  public static RunPlan of(List<String> inputs, MatrixView view) throws IOException {
    return of(
        inputs, TensorLister.list(inputs).tensors(), view, Optional.empty(), Undecided.NOTHING);
  }

  /**
   * Sorts the tensors of the inputs and compares them with the weights.
   *
   * @param tensors those of the inputs
   * @throws FormatException if an input or a weight is not what it should be
   * @throws UsageException if there is nothing to compress, or no weight is used
   */
  public static RunPlan of(
      List<String> inputs,
      List<TensorInfo> tensors,
      MatrixView view,
      Optional<WeightsFile> weights,
      Undecided undecided) {
    Map<Long, FamilyBuilder> families = new TreeMap<>();
    Map<String, Kept> kept = new TreeMap<>();
    long bytes = 0;
    weights.ifPresent(file -> checkNames(file, tensors));
    Weights used = Weights.NONE;
    for (TensorInfo tensor : tensors) {
      bytes += tensor.sizeBytes();
      TensorPlan plan = view.plan(tensor);
      if (plan instanceof TensorPlan.PassThrough pass) {
        kept.merge(
            pass.reason(),
            new Kept(1, tensor.sizeBytes()),
            (old, one) -> old.plus(tensor.sizeBytes()));
      } else if (plan instanceof TensorPlan.Blocks blocks) {
        List<BlockRef> refs = blocks.blocks();
        checkSize(refs.get(0));
        Optional<TensorInfo> weight = weights.flatMap(file -> file.weight(tensor.name()));
        if (weight.isPresent()) {
          if (undecided.orientation()) {
            weights.get().check(tensor);
          } else {
            weights.get().check(refs.get(0));
          }
          used = used.plus(weight.get());
        }
        families
            .computeIfAbsent(refs.get(0).rows(), rows -> new FamilyBuilder())
            .add(refs.get(0), refs.get(refs.size() - 1), refs.size(), undecided);
      }
    }
    if (families.isEmpty()) {
      throw new UsageException(
          String.join(", ", inputs)
              + ": none of the "
              + tensors.size()
              + " tensors is a matrix to compress"
              + (kept.isEmpty() ? "" : " (" + String.join("; ", kept.keySet()) + ")")
              + "; see --rows, --include and --exclude");
    }
    if (weights.isPresent() && used.tensors() == 0) {
      throw new UsageException(
          weights.get().source()
              + ": none of the weights is for a matrix of this run; see --include and --exclude");
    }
    List<Family> built = new ArrayList<>();
    families.forEach((rows, family) -> built.add(family.build(rows)));
    long sources = tensors.stream().map(TensorInfo::source).distinct().count();
    return new RunPlan(tensors.size(), sources, built, kept, bytes, used, undecided);
  }

  private static void checkNames(WeightsFile weights, List<TensorInfo> tensors) {
    Set<String> unknown = new TreeSet<>(weights.names());
    for (TensorInfo tensor : tensors) {
      if (tensor.source().equals(weights.source())) {
        throw new UsageException(
            weights.source()
                + ": the file with the weights is also an input; put it into another directory");
      }
      unknown.remove(tensor.name());
      weights.check(tensor);
    }
    if (!unknown.isEmpty()) {
      throw FormatException.of(
          weights.source(),
          unknown.iterator().next(),
          "the input has no tensor of this name"
              + (unknown.size() > 1 ? ", nor of " + (unknown.size() - 1) + " more" : "")
              + "; name weights as the tensors of the model");
    }
  }

  private static void checkSize(BlockRef block) {
    if (block.elements() > MAX_NUMBERS) {
      throw FormatException.of(
          block.tensor().source(),
          block.tensor().name(),
          "a block of " + block.elements() + " numbers is too large; cut it with --columns");
    }
  }

  /** The payload bytes that are compressed. */
  public long matrixBytes() {
    return families.stream().mapToLong(Family::bytes).sum();
  }

  /** The blocks of all families. */
  public long blocks() {
    return families.stream().mapToLong(Family::blocks).sum();
  }

  /** How many blocks there can be. */
  long mostBlocks() {
    return families.stream().mapToLong(Family::mostBlocks).sum();
  }

  /** A sketch keeps no more directions than pay, give or take a few. */
  static long sketchNumbers(long m, long n) {
    return m * Math.min(Math.min(m, n), m * n / (m + n) + 2);
  }

  /** Adds up the blocks of a family; all blocks of a tensor but its last have the same shape. */
  private static final class FamilyBuilder {
    private long blocks;
    private long columns;
    private long numbers;
    private long bytes;
    private long largestBlock;
    private long sketchNumbers;
    private long longestSide;
    private long mostBlocks;

    void add(BlockRef first, BlockRef last, long count, Undecided undecided) {
      DType dtype = first.tensor().dtype();
      blocks += count;
      columns += first.columns() * (count - 1) + last.columns();
      long elements = first.elements() * (count - 1) + last.elements();
      numbers += elements;
      bytes += dtype.payloadBytes(elements);
      // Ranges of columns of a row-major tensor are in memory together.
      long together = first.isContiguous() ? first.elements() : first.tensor().elements();
      largestBlock = Math.max(largestBlock, together);
      long longSide = Math.max(first.rows(), first.columns());
      long shortSide = Math.min(first.rows(), first.columns());
      boolean mayBeCut = undecided.columns() && longSide > Undecided.WIDE * shortSide;
      sketchNumbers +=
          mayBeCut
              ? first.elements()
              : undecided.orientation()
                  ? RunPlan.sketchNumbers(longSide, shortSide) * count
                  : RunPlan.sketchNumbers(first.rows(), first.columns()) * count;
      mostBlocks += mayBeCut ? longSide / Undecided.leastColumns(shortSide) + 1 : count;
      if (undecided.orientation()) {
        longestSide = Math.max(longestSide, longSide);
      }
    }

    Family build(long rows) {
      long side = Math.max(longestSide, Math.min(rows, columns));
      return new Family(
          rows, blocks, columns, numbers, bytes, largestBlock, sketchNumbers, side, mostBlocks);
    }
  }
}
