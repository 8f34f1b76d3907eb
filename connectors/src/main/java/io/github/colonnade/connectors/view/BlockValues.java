package io.github.colonnade.connectors.view;

/**
 * The numbers of a block, column-major, with what was seen of them while they were read. The array
 * belongs to whoever receives this; nothing else refers to it.
 */
public final class BlockValues {
  private final BlockRef block;
  private final Object values;
  private final String sha256;
  private final double maxAbs;

  BlockValues(BlockRef block, Object values, String sha256, double maxAbs) {
    this.block = block;
    this.values = values;
    this.sha256 = sha256;
    this.maxAbs = maxAbs;
  }

  /** The block that was read. */
  public BlockRef block() {
    return block;
  }

  /** Which of {@link #floats()} and {@link #doubles()} there is. */
  public ElementType elementType() {
    return values instanceof float[] ? ElementType.FLOAT : ElementType.DOUBLE;
  }

  /**
   * The numbers; element (i, j) at i + j·rows. Not a copy.
   *
   * @throws IllegalStateException if they were read as double
   */
  public float[] floats() {
    if (values instanceof float[] floats) {
      return floats;
    }
    throw new IllegalStateException("block " + block.id() + " was read as double, not float");
  }

  /**
   * The numbers; element (i, j) at i + j·rows. Not a copy.
   *
   * @throws IllegalStateException if they were read as float
   */
  public double[] doubles() {
    if (values instanceof double[] doubles) {
      return doubles;
    }
    throw new IllegalStateException("block " + block.id() + " was read as float, not double");
  }

  /** SHA-256 of the block's bytes in the canonical payload, 64 lower-case hexadecimal digits. */
  public String sha256() {
    return sha256;
  }

  /**
   * Whether every number, as decoded, is finite: an F64 beyond float range is not, read as float.
   */
  public boolean finite() {
    return Double.isFinite(maxAbs);
  }

  /** Largest magnitude of the decoded numbers; NaN if one of them is. */
  public double maxAbs() {
    return maxAbs;
  }
}
