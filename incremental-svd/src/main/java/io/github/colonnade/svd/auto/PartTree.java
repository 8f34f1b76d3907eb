package io.github.colonnade.svd.auto;

/**
 * The tree in which the parts of a family are merged: at each level up to {@link #FAN_IN}
 * neighbours become one, until one is left.
 */
public final class PartTree {

  /** How many parts meet at a node. */
  public static final int FAN_IN = 4;

  private PartTree() {}

  /** The number of the node to which a part of the level below goes. */
  public static int parent(int part) {
    return part / FAN_IN;
  }

  /** How many nodes a level has whose level below has so many parts. */
  public static int parents(int parts) {
    return (parts + FAN_IN - 1) / FAN_IN;
  }

  /** How many levels of nodes it takes until one part is left. */
  public static int levels(int parts) {
    int levels = 0;
    for (int left = parts; left > 1; left = parents(left)) {
      levels++;
    }
    return levels;
  }
}
