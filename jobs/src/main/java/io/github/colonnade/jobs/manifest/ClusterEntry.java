package io.github.colonnade.jobs.manifest;

import io.github.colonnade.svd.factor.KeptRows;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A set of blocks that share a basis.
 *
 * @param id its name, unique in the manifest
 * @param rows the row count of the basis and of every member
 * @param rank the columns of the basis; 0 if all members are zero. More than the rows only if
 *     members use some of them each
 * @param columns the columns of all members together
 * @param blocks the number of members
 * @param bound the interval of the error when the cluster was formed
 * @param error the measured error of all members together, of the factors as stored
 * @param basis where the basis (rows × rank) is; nowhere if the rank is 0
 * @param mask where it is written which columns of the basis each member uses ({@link KeptRows}, in
 *     the order of the manifest); nowhere if each uses all
 * @param weightedError the error with the weights of those members that have one; none if nobody
 *     has
 * @param limit the cluster's own error limit in scope collection; none in other scopes
 */
public record ClusterEntry(
    String id,
    long rows,
    int rank,
    long columns,
    long blocks,
    BoundEntry bound,
    double error,
    Optional<TensorLocation> basis,
    Optional<TensorLocation> mask,
    OptionalDouble weightedError,
    OptionalDouble limit) {

  public ClusterEntry {
    Checks.text("id", id);
    Checks.atLeast("rows", 1, rows);
    Checks.atLeast("rank", 0, rank);
    if (mask.isPresent() && !KeptRows.fits(blocks, rank)) {
      throw new IllegalArgumentException(
          "mask: expected fewer than 2^31 numbers, got " + blocks + " blocks at rank " + rank);
    }
    if (rank > rows && mask.isEmpty()) {
      throw new IllegalArgumentException(
          "rank: expected at most the " + rows + " rows, got " + rank);
    }
    Checks.atLeast("columns", 1, columns);
    Checks.atLeast("blocks", 1, blocks);
    Checks.measure("error", error);
    Checks.measure("weightedError", weightedError);
    Checks.measure("limit", limit);
    if (basis.isPresent() != (rank > 0)) {
      throw new IllegalArgumentException(
          "basis: expected " + (rank > 0 ? "a location" : "none") + " at rank " + rank);
    }
    if (mask.isPresent() && rank == 0) {
      throw new IllegalArgumentException("mask: expected none at rank 0");
    }
  }

  /** A cluster of blocks without weights and without a limit of its own. */
  public ClusterEntry(
      String id,
      long rows,
      int rank,
      long columns,
      long blocks,
      BoundEntry bound,
      double error,
      Optional<TensorLocation> basis,
      Optional<TensorLocation> mask) {
    this(
        id,
        rows,
        rank,
        columns,
        blocks,
        bound,
        error,
        basis,
        mask,
        OptionalDouble.empty(),
        OptionalDouble.empty());
  }
}
