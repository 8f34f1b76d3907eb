package io.github.colonnade.svd.partition;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Precision;
import java.util.List;

/**
 * Blocks that may share a basis: they have the same row count, and their factors one precision.
 *
 * <p>The family owns the factors of its blocks and closes them.
 */
public final class Family implements AutoCloseable {

  private final LinearAlgebra la;
  private final Precision precision;
  private final int rows;
  private final List<BlockSketch> blocks;
  private final DecisionTally decisions;

  /** A family for somebody who wants no count of decisions. */
  public Family(LinearAlgebra la, Precision precision, int rows, List<BlockSketch> blocks) {
    this(la, precision, rows, blocks, new DecisionTally());
  }

  /**
   * @param decisions where strategies count what bounds say about these blocks
   */
  public Family(
      LinearAlgebra la,
      Precision precision,
      int rows,
      List<BlockSketch> blocks,
      DecisionTally decisions) {
    for (int i = 0; i < blocks.size(); i++) {
      Matrix factor = blocks.get(i).factor();
      if (factor.rows() != rows || factor.precision() != precision) {
        throw new IllegalArgumentException(
            "block "
                + i
                + " has "
                + factor.rows()
                + " rows in "
                + factor.precision().label()
                + ", its family "
                + rows
                + " in "
                + precision.label());
      }
    }
    this.la = la;
    this.precision = precision;
    this.rows = rows;
    this.blocks = List.copyOf(blocks);
    this.decisions = decisions;
  }

  /** The algebra that made the factors. */
  public LinearAlgebra algebra() {
    return la;
  }

  public Precision precision() {
    return precision;
  }

  /** Where strategies count what bounds say about the blocks. */
  public DecisionTally decisions() {
    return decisions;
  }

  /** m. */
  public int rows() {
    return rows;
  }

  public int size() {
    return blocks.size();
  }

  public BlockSketch block(int position) {
    return blocks.get(position);
  }

  public List<BlockSketch> blocks() {
    return blocks;
  }

  @Override
  public void close() {
    blocks.forEach(each -> each.factor().close());
  }
}
