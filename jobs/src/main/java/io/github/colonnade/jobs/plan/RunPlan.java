package io.github.colonnade.jobs.plan;

import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.MatrixView;
import io.github.colonnade.connectors.view.TensorPlan;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.memory.PayloadNeed;
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
 * @param undecided what is chosen when the run starts; the families are those of tensors as stored
 * @param reach the most that any choice would take
 * @param opening what the most demanding tensor takes to be read from its file
 */
public record RunPlan(
    long tensors,
    long sources,
    List<Family> families,
    Map<String, Kept> passThrough,
    long bytes,
    Weights weights,
    Undecided undecided,
    Reach reach,
    PayloadNeed opening) {

  /**
   * Blocks that may share a basis.
   *
   * @param rows m
   */
  public record Family(long rows, long blocks, long columns, long numbers, long bytes) {

    private Family plus(Family other) {
      return new Family(
          rows,
          blocks + other.blocks,
          columns + other.columns,
          numbers + other.numbers,
          bytes + other.bytes);
    }
  }

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
        inputs,
        TensorLister.list(inputs).tensors(),
        view,
        view,
        Optional.empty(),
        Undecided.NOTHING);
  }

  /**
   * Sorts the tensors of the inputs and compares them with the weights.
   *
   * @param tensors those of the inputs
   * @param turned the view of tensors taken the other way round, where that is undecided
   * @throws FormatException if an input or a weight is not what it should be
   * @throws UsageException if there is nothing to compress, or no weight is used
   */
  public static RunPlan of(
      List<String> inputs,
      List<TensorInfo> tensors,
      MatrixView view,
      MatrixView turned,
      Optional<WeightsFile> weights,
      Undecided undecided) {
    Map<Long, Family> families = new TreeMap<>();
    Reach.Builder reach = new Reach.Builder(undecided.columns());
    Map<String, Kept> kept = new TreeMap<>();
    long bytes = 0;
    weights.ifPresent(file -> checkNames(file, tensors));
    Weights used = Weights.NONE;
    PayloadNeed opening = PayloadNeed.NOTHING;
    for (TensorInfo tensor : tensors) {
      bytes += tensor.sizeBytes();
      opening = opening.max(PayloadNeed.opening(tensor));
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
        families.merge(refs.get(0).rows(), family(refs), Family::plus);
        List<TensorPlan.Blocks> forms = new ArrayList<>(List.of(blocks));
        if (undecided.orientation() && turned.plan(tensor) instanceof TensorPlan.Blocks other) {
          forms.add(other);
        }
        reach.add(forms);
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
    long sources = tensors.stream().map(TensorInfo::source).distinct().count();
    return new RunPlan(
        tensors.size(),
        sources,
        List.copyOf(families.values()),
        kept,
        bytes,
        used,
        undecided,
        reach.build(),
        opening);
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

  /** The most numbers that the sketches of a tensor's blocks can have. */
  public static long sketchNumbers(List<BlockRef> blocks) {
    BlockRef first = blocks.get(0);
    return blocks.size() * sketchNumbers(first.rows(), first.columns());
  }

  /** A sketch keeps no more directions than pay, give or take a few. */
  static long sketchNumbers(long m, long n) {
    return m * Math.min(Math.min(m, n), m * n / (m + n) + 2);
  }

  /** All blocks of a tensor but its last have the same shape. */
  private static Family family(List<BlockRef> refs) {
    BlockRef first = refs.get(0);
    BlockRef last = refs.get(refs.size() - 1);
    long before = refs.size() - 1L;
    long elements = first.elements() * before + last.elements();
    return new Family(
        first.rows(),
        refs.size(),
        first.columns() * before + last.columns(),
        elements,
        first.tensor().dtype().payloadBytes(elements));
  }
}
