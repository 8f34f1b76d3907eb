package io.github.colonnade.jobs.manifest;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A set of blocks that share a basis.
 *
 * @param id its name, unique in the manifest
 * @param rows the row count of the basis and of every member
 * @param rank the columns of the basis; 0 if all members are zero
 * @param columns the columns of all members together
 * @param blocks the number of members
 * @param bound the interval of the error when the cluster was formed
 * @param error the measured error of all members together, of the factors as stored
 * @param basis where the basis (rows × rank) is; nowhere if the rank is 0
 * @param weightedError the error with the weights of those members that have one; none if nobody
 *     has
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
    OptionalDouble weightedError) {

  public ClusterEntry {
    Checks.text("id", id);
    Checks.atLeast("rows", 1, rows);
    Checks.atLeast("rank", 0, rank);
    if (rank > rows) {
      throw new IllegalArgumentException(
          "rank: expected at most the " + rows + " rows, got " + rank);
    }
    Checks.atLeast("columns", 1, columns);
    Checks.atLeast("blocks", 1, blocks);
    Checks.measure("error", error);
    Checks.measure("weightedError", weightedError);
    if (basis.isPresent() != (rank > 0)) {
      throw new IllegalArgumentException(
          "basis: expected " + (rank > 0 ? "a location" : "none") + " at rank " + rank);
    }
  }

  /** A cluster of blocks without weights. */
  public ClusterEntry(
      String id,
      long rows,
      int rank,
      long columns,
      long blocks,
      BoundEntry bound,
      double error,
      Optional<TensorLocation> basis) {
    this(id, rows, rank, columns, blocks, bound, error, basis, OptionalDouble.empty());
  }
}
