package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockReader;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.BlockValues;
import io.github.colonnade.connectors.view.ElementType;
import io.github.colonnade.connectors.view.MatrixView;
import io.github.colonnade.connectors.view.TensorPlan;
import io.github.colonnade.jobs.compress.StageTimes.Stage;
import io.github.colonnade.jobs.memory.PayloadNeed;
import io.github.colonnade.jobs.memory.PayloadShare;
import io.github.colonnade.jobs.plan.RunPlan;
import io.github.colonnade.jobs.weights.BlockWeights;
import io.github.colonnade.svd.factor.ColumnWeight;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/** Reads tensors, each once, and sketches their blocks. Not safe for use by several threads. */
public final class TensorSketcher implements Closeable {

  /** What a tensor is to a run. */
  public sealed interface Sketched {

    /** Its blocks, in their order. */
    record Blocks(List<SketchedBlock> blocks) implements Sketched {}

    /** It is no matrix of this run. */
    record Copy(PassThrough tensor) implements Sketched {}

    /**
     * It cannot be compressed.
     *
     * @param reason where it has NaN or infinity, in words
     */
    record NotFinite(String reason, StageTimes times) implements Sketched {}
  }

  private final BlockSketcher sketcher;
  private final BlockWeights weights;
  private final MatrixView view;
  private final PayloadShare memory;
  private final int productBytes;
  private final LongConsumer read;

  private TensorSketcher(
      BlockSketcher sketcher,
      BlockWeights weights,
      MatrixView view,
      PayloadShare memory,
      int productBytes,
      LongConsumer read) {
    this.sketcher = sketcher;
    this.weights = weights;
    this.view = view;
    this.memory = memory;
    this.productBytes = productBytes;
    this.read = read;
  }

  /**
   * A sketcher that holds the file of weights open, if there is one.
   *
   * @param memory in which each tensor is held
   * @param read receives the payload bytes of each block once, as they are read
   */
  public static TensorSketcher open(
      LinearAlgebra la, CompressSettings settings, PayloadShare memory, LongConsumer read)
      throws IOException {
    return new TensorSketcher(
        new BlockSketcher(la, settings),
        settings.openWeights(la),
        settings.view(),
        memory,
        settings.productPrecision().sizeBytes(),
        read);
  }

  /**
   * Reads and sketches a tensor.
   *
   * @param ordinal its number in the listing
   * @param listed when it was listed
   */
  public Sketched sketch(long ordinal, TensorInfo tensor, StageTimes listed) throws IOException {
    TensorPlan plan = view.plan(tensor);
    if (plan instanceof TensorPlan.PassThrough pass) {
      return new Sketched.Copy(new PassThrough(ordinal, tensor, pass.reason(), listed));
    }
    List<BlockRef> blocks = ((TensorPlan.Blocks) plan).blocks();
    boolean weighted = weights.has(tensor);
    return memory.holding(
        need(tensor, blocks, weighted),
        () -> describe(tensor),
        () -> sketch(ordinal, tensor, blocks, weighted, listed));
  }

  /** Why a tensor can never be sketched in the memory that there is. */
  public Optional<String> refusal(TensorInfo tensor) {
    return view.plan(tensor) instanceof TensorPlan.Blocks plan
        ? memory.refusal(need(tensor, plan.blocks(), weights.has(tensor)), () -> describe(tensor))
        : Optional.empty();
  }

  private static String describe(TensorInfo tensor) {
    return tensor.source() + ": " + tensor.name();
  }

  private PayloadNeed need(TensorInfo tensor, List<BlockRef> blocks, boolean weighted) {
    BlockRef first = blocks.get(0);
    ElementType type = sketcher.elementType(tensor.dtype(), weighted);
    PayloadNeed need =
        PayloadNeed.sketch(
                first.rows(),
                first.columns(),
                BlockReader.numbersTogether(blocks),
                RunPlan.sketchNumbers(blocks),
                blocks.size(),
                type == ElementType.DOUBLE ? Double.BYTES : Float.BYTES,
                productBytes)
            .plus(PayloadNeed.opening(tensor));
    return weighted ? need.plus(weights.need(first)) : need;
  }

  private Sketched sketch(
      long ordinal, TensorInfo tensor, List<BlockRef> blocks, boolean weighted, StageTimes listed)
      throws IOException {
    long start = System.currentTimeMillis();
    List<SketchedBlock> sketched = new ArrayList<>(blocks.size());
    List<String> notFinite = new ArrayList<>();
    new BlockReader(sketcher.elementType(tensor.dtype(), weighted))
        .readTensorBlocks(
            tensor,
            blocks,
            values -> {
              read.accept(values.block().sizeBytes());
              if (!values.finite()) {
                notFinite.add(values.block().id());
              } else if (notFinite.isEmpty()) {
                sketched.add(sketch(ordinal, sketched.size(), values, weighted, listed));
              }
            });
    if (!notFinite.isEmpty()) {
      String where = notFinite.get(0).equals(tensor.name()) ? "" : " in " + notFinite.get(0);
      return new Sketched.NotFinite("it has NaN or infinity" + where, listed);
    }
    StageTimes done = listed.with(Stage.SKETCH, start, System.currentTimeMillis());
    return new Sketched.Blocks(sketched.stream().map(each -> each.withTimes(done)).toList());
  }

  private SketchedBlock sketch(
      long ordinal, int index, BlockValues values, boolean weighted, StageTimes times) {
    if (!weighted) {
      return sketcher.sketch(ordinal, index, values, Optional.empty(), times);
    }
    try (ColumnWeight weight = weights.weight(values.block())) {
      return sketcher.sketch(ordinal, index, values, Optional.of(weight), times);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    weights.close();
  }
}
