package io.github.colonnade.svd.auto;

import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.svd.partition.BlockSketch;
import io.github.colonnade.svd.partition.PlannedCluster;
import io.github.colonnade.svd.sketch.Sketch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.roaringbitmap.RoaringBitmap;

/**
 * A partition of some consecutive blocks of a family, with what it takes to merge it with that of
 * their neighbours: a {@link PartPlanner} makes parts and merges them in a tree.
 *
 * <p>Positions count from the first block of the part. Every position is in one cluster or alone.
 * The matrices belong to the scope in which the part was made.
 *
 * @param size how many blocks it has
 * @param clusters of at least two blocks
 * @param lone the other blocks, ascending
 */
public record Part(int size, List<Cluster> clusters, List<Lone> lone) {

  /**
   * Blocks that share a basis.
   *
   * @param sharedDirections as in {@link PlannedCluster}
   * @param spectrum of a sketch of all members
   * @param inside what merging needs; empty where the cluster is final
   */
  public record Cluster(
      RoaringBitmap members,
      OptionalInt sharedDirections,
      Spectrum spectrum,
      Optional<Inside> inside) {}

  /**
   * A cluster without its blocks.
   *
   * @param sketch of all members side by side
   * @param samples some of the members, or all
   */
  public record Inside(Sketch sketch, List<Sample> samples) {

    /** How many numbers its matrices have. */
    long numbers() {
      long numbers = numbers(sketch.rank(), sketch.rows());
      for (Sample sample : samples) {
        numbers += numbers(sample.block.factor().columns(), sketch.rows());
      }
      return numbers;
    }

    private static long numbers(int columns, int rows) {
      return (long) rows * columns;
    }
  }

  /**
   * A member that stands for others.
   *
   * @param weight how many members it stands for, itself included; not always a whole number
   */
  public record Sample(BlockSketch block, double weight) {}

  /**
   * A block that found no company.
   *
   * @param spectrum of its sketch
   * @param block its sketch; empty where it stays alone
   */
  public record Lone(int position, Spectrum spectrum, Optional<BlockSketch> block) {}

  /** The clusters, then the other blocks. */
  public List<PlannedCluster> plan() {
    List<PlannedCluster> plan = new ArrayList<>();
    clusters.forEach(each -> plan.add(new PlannedCluster(each.members, each.sharedDirections)));
    lone.forEach(each -> plan.add(PlannedCluster.of(RoaringBitmap.bitmapOf(each.position))));
    return plan;
  }
}
