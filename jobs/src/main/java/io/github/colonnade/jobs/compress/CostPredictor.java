package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockReader;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.BlockValues;
import io.github.colonnade.svd.auto.ExpectedCost;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.partition.DecisionTally;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Says about what blocks would cost in a run, without a job: from the same sketches, or factors of
 * both orientations that come to the same, and by the starts of {@code auto}. Weights are left out
 * of account.
 */
public final class CostPredictor {

  private final BlockSketcher sketcher;
  private final FamilyPartitioner partitioner;

  public CostPredictor(LinearAlgebra la, CompressSettings settings) {
    this.sketcher = new BlockSketcher(la, settings);
    this.partitioner =
        new FamilyPartitioner(la, settings, FamilyPartitioner.MAX_MEMBERS, new DecisionTally());
  }

  /** The sketches of some blocks of one tensor, to be given back to {@link #expectedCost}. */
  public static final class Sketches {
    private final List<SketchedBlock> blocks;

    private Sketches(List<SketchedBlock> blocks) {
      this.blocks = List.copyOf(blocks);
    }
  }

  /**
   * Reads and sketches blocks of a tensor.
   *
   * @param blocks by ascending column
   * @return nothing if they have NaN or infinity
   * @throws FormatException if the file is not sound
   * @throws IOException if the storage fails
   */
  public Optional<Sketches> sketch(TensorInfo tensor, List<BlockRef> blocks) throws IOException {
    List<SketchedBlock> sketched = new ArrayList<>(blocks.size());
    boolean[] finite = {true};
    reader(tensor)
        .readTensorBlocks(
            tensor,
            blocks,
            values -> {
              finite[0] &= values.finite();
              if (finite[0]) {
                sketched.add(
                    sketcher.sketch(
                        0, sketched.size(), values, Optional.empty(), StageTimes.none()));
              }
            });
    return finite[0] ? Optional.of(new Sketches(sketched)) : Optional.empty();
  }

  /** Whether Gram matrices are exact enough for {@link #sketchBothWays}. */
  public boolean sketchesBothWays() {
    return sketcher.resolvesByGram();
  }

  /** Of a tensor that is one block, taken as it is stored and transposed. */
  public record BothWays(Sketches asStored, Sketches transposed) {}

  /**
   * Reads a tensor once, and sketches it in both orientations by one decomposition.
   *
   * @param asStored all of the tensor, with more than one row and more than one column
   * @param transposed the same
   * @return nothing if it has NaN or infinity
   * @throws FormatException if the file is not sound
   * @throws IOException if the storage fails
   */
  public Optional<BothWays> sketchBothWays(BlockRef asStored, BlockRef transposed)
      throws IOException {
    BlockValues values = reader(asStored.tensor()).read(asStored);
    if (!values.finite()) {
      return Optional.empty();
    }
    List<SketchedBlock> both = sketcher.bothWays(values, transposed);
    return Optional.of(
        new BothWays(new Sketches(both.subList(0, 1)), new Sketches(both.subList(1, 2))));
  }

  private BlockReader reader(TensorInfo tensor) {
    return new BlockReader(sketcher.elementType(tensor.dtype(), false));
  }

  /**
   * What blocks are expected to take if they are the whole family.
   *
   * @param rows of all blocks
   */
  public ExpectedCost expectedCost(long rows, List<Sketches> sketches) {
    return partitioner.expectedCost(
        Math.toIntExact(rows), sketches.stream().flatMap(each -> each.blocks.stream()).toList());
  }
}
