package io.github.colonnade.jobs.manifest;

import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * The sums of a run. What passes through counts in every number and byte, so the ratios are those
 * of the whole collection.
 *
 * @param blocks the entries in the list of blocks
 * @param clusters the entries in the list of clusters
 * @param numbersIn the numbers of the input in all tensors that are in the output, so without those
 *     that were rejected
 * @param numbersStored the numbers in all tensors of the output
 * @param bytesIn the bytes of all input files
 * @param bytesStored the bytes of all output files
 * @param compressionRatio {@link #ratio} of the numbers
 * @param bytesRatio {@link #ratio} of the bytes
 * @param maxBlockError the largest error of a block, 0 if there is none
 * @param maxClusterError the largest error of a cluster, 0 if there is none
 * @param compressedBlocks the blocks that are in a cluster
 * @param maxWeightedBlockError the largest weighted error of a block; none if there is none
 * @param maxWeightedClusterError the largest weighted error of a cluster; none if there is none
 * @param collectionError the error of all blocks together that were to be compressed; only in scope
 *     collection
 * @param weightedCollectionError the same with weights; only if the run had some
 */
public record Totals(
    long blocks,
    long clusters,
    long numbersIn,
    long numbersStored,
    long bytesIn,
    long bytesStored,
    double compressionRatio,
    double bytesRatio,
    double maxBlockError,
    double maxClusterError,
    long compressedBlocks,
    OptionalDouble maxWeightedBlockError,
    OptionalDouble maxWeightedClusterError,
    OptionalDouble collectionError,
    OptionalDouble weightedCollectionError) {

  public Totals {
    Checks.atLeast("blocks", 0, blocks);
    Checks.atLeast("clusters", 0, clusters);
    Checks.atLeast("numbersIn", 0, numbersIn);
    Checks.atLeast("numbersStored", 0, numbersStored);
    Checks.atLeast("bytesIn", 0, bytesIn);
    Checks.atLeast("bytesStored", 0, bytesStored);
    Checks.measure("compressionRatio", compressionRatio);
    Checks.measure("bytesRatio", bytesRatio);
    Checks.measure("maxBlockError", maxBlockError);
    Checks.measure("maxClusterError", maxClusterError);
    Checks.atLeast("compressedBlocks", 0, compressedBlocks);
    Checks.measure("maxWeightedBlockError", maxWeightedBlockError);
    Checks.measure("maxWeightedClusterError", maxWeightedClusterError);
    Checks.measure("collectionError", collectionError);
    Checks.measure("weightedCollectionError", weightedCollectionError);
    if (compressedBlocks > blocks) {
      throw new IllegalArgumentException(
          "compressedBlocks: expected at most " + blocks + ", got " + compressedBlocks);
    }
  }

  /** The totals with both ratios worked out, without weighted errors. */
  public static Totals of(
      long blocks,
      long clusters,
      long numbersIn,
      long numbersStored,
      long bytesIn,
      long bytesStored,
      double maxBlockError,
      double maxClusterError,
      long compressedBlocks) {
    return new Totals(
        blocks,
        clusters,
        numbersIn,
        numbersStored,
        bytesIn,
        bytesStored,
        ratio(numbersIn, numbersStored),
        ratio(bytesIn, bytesStored),
        maxBlockError,
        maxClusterError,
        compressedBlocks,
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalDouble.empty());
  }

  /** The same totals with the largest weighted errors of these entries. */
  public Totals withWeightedErrors(List<BlockEntry> ofBlocks, List<ClusterEntry> ofClusters) {
    return new Totals(
        blocks,
        clusters,
        numbersIn,
        numbersStored,
        bytesIn,
        bytesStored,
        compressionRatio,
        bytesRatio,
        maxBlockError,
        maxClusterError,
        compressedBlocks,
        largest(ofBlocks.stream().map(BlockEntry::weightedError)),
        largest(ofClusters.stream().map(ClusterEntry::weightedError)),
        collectionError,
        weightedCollectionError);
  }

  /** The same totals with the error of all blocks together. */
  public Totals withCollectionError(double error, OptionalDouble weighted) {
    return new Totals(
        blocks,
        clusters,
        numbersIn,
        numbersStored,
        bytesIn,
        bytesStored,
        compressionRatio,
        bytesRatio,
        maxBlockError,
        maxClusterError,
        compressedBlocks,
        maxWeightedBlockError,
        maxWeightedClusterError,
        OptionalDouble.of(error),
        weighted);
  }

  /**
   * The totals of two parts of a collection together, without errors of all blocks.
   *
   * @throws ArithmeticException if a sum is more than can be counted
   */
  Totals plus(Totals other) {
    return sums(
        Math.addExact(blocks, other.blocks),
        Math.addExact(clusters, other.clusters),
        Math.addExact(numbersIn, other.numbersIn),
        Math.addExact(numbersStored, other.numbersStored),
        Math.addExact(bytesIn, other.bytesIn),
        Math.addExact(bytesStored, other.bytesStored),
        other);
  }

  /** The totals with more bytes stored, without errors of all blocks. */
  Totals withBytes(long more) {
    return sums(
        blocks,
        clusters,
        numbersIn,
        numbersStored,
        bytesIn,
        Math.addExact(bytesStored, more),
        of(0, 0, 0, 0, 0, 0, 0, 0, 0));
  }

  private Totals sums(
      long blocks,
      long clusters,
      long numbersIn,
      long numbersStored,
      long bytesIn,
      long bytesStored,
      Totals other) {
    return new Totals(
        blocks,
        clusters,
        numbersIn,
        numbersStored,
        bytesIn,
        bytesStored,
        ratio(numbersIn, numbersStored),
        ratio(bytesIn, bytesStored),
        Math.max(maxBlockError, other.maxBlockError),
        Math.max(maxClusterError, other.maxClusterError),
        Math.addExact(compressedBlocks, other.compressedBlocks),
        largest(Stream.of(maxWeightedBlockError, other.maxWeightedBlockError)),
        largest(Stream.of(maxWeightedClusterError, other.maxWeightedClusterError)),
        OptionalDouble.empty(),
        OptionalDouble.empty());
  }

  private static OptionalDouble largest(Stream<OptionalDouble> errors) {
    return errors.flatMapToDouble(OptionalDouble::stream).max();
  }

  /** What came in over what is stored, where storing nothing counts as storing one. */
  public static double ratio(long in, long stored) {
    return (double) Math.max(in, 1) / Math.max(stored, 1);
  }
}
