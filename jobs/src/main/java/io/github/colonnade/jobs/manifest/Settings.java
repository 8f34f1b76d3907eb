package io.github.colonnade.jobs.manifest;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What was asked of the run.
 *
 * @param tool the name and version of the program, as {@code colonnade 0.1.0}
 * @param inputs the inputs as absolute URIs, in the order given
 * @param maxError the error limit, a fraction from 0 to 1; none if a rank was asked for
 * @param scope what the limit holds for
 * @param rankLimit the largest rank allowed, if there was a limit
 * @param strategy the name of the partitioning strategy
 * @param precision the precision of the matrix products
 * @param storeDtype the number format of the factors
 * @param rows the row count that tensors were reshaped to, if they were
 * @param columns the columns of the blocks that matrices were cut into, if the user said so
 * @param transpose whether 2-D tensors were to be taken transposed
 * @param include the patterns of the tensor names to compress; none means all
 * @param exclude the patterns of the tensor names to leave as they are
 * @param strict whether a tensor that is not finite ended the run
 * @param weights the file with weights, if there was one
 * @param rank the rank of all clusters, if it was asked for
 * @param targetRatio the compression ratio that the limit was to reach, if it was asked for
 * @param targetBytes the bytes that the limit was to reach, if they were asked for
 * @param partitions how families were divided, if one was or a number was asked for
 * @param lost how each matrix was factored by itself, if it was
 */
public record Settings(
    String tool,
    List<String> inputs,
    OptionalDouble maxError,
    Scope scope,
    OptionalInt rankLimit,
    String strategy,
    Precision precision,
    StoreDtype storeDtype,
    OptionalInt rows,
    OptionalInt columns,
    Transpose transpose,
    List<String> include,
    List<String> exclude,
    boolean strict,
    Optional<WeightsEntry> weights,
    OptionalInt rank,
    OptionalDouble targetRatio,
    OptionalLong targetBytes,
    Optional<PartitionsEntry> partitions,
    Optional<LostEntry> lost) {

  public Settings {
    Checks.text("tool", tool);
    inputs = texts("inputs", inputs);
    Checks.measure("maxError", maxError);
    if (maxError.isPresent() && maxError.getAsDouble() > 1) {
      throw new IllegalArgumentException(
          "maxError: expected a fraction from 0 to 1, got " + maxError.getAsDouble());
    }
    rank.ifPresent(value -> Checks.atLeast("rank", 1, value));
    if (maxError.isPresent() == rank.isPresent()) {
      throw new IllegalArgumentException(
          "maxError: " + (rank.isPresent() ? "expected none beside a rank" : "missing"));
    }
    if (lost.isPresent() && lost.get().sparsity().isPresent() != rank.isPresent()) {
      throw new IllegalArgumentException(
          "rank: " + (rank.isPresent() ? "not allowed without" : "missing beside") + " a sparsity");
    }
    Checks.measure("targetRatio", targetRatio);
    targetBytes.ifPresent(value -> Checks.atLeast("targetBytes", 1, value));
    rankLimit.ifPresent(value -> Checks.atLeast("rankLimit", 1, value));
    Checks.text("strategy", strategy);
    rows.ifPresent(value -> Checks.atLeast("rows", 1, value));
    columns.ifPresent(value -> Checks.atLeast("columns", 1, value));
    include = texts("include", include);
    exclude = texts("exclude", exclude);
  }

  /** Whether the factors approximate the matrices; those that a layer is trained from do not. */
  public boolean isApproximation() {
    return lost.isEmpty() || lost.get().mode() == LostMode.COMPRESS;
  }

  /** These settings with other inputs and no target. */
  public Settings withInputs(List<String> others) {
    return ofSegments(tool, others, partitions);
  }

  /** These settings for a collection in segments, which has no target. */
  Settings ofSegments(String tool, List<String> inputs, Optional<PartitionsEntry> partitions) {
    return new Settings(
        tool,
        inputs,
        maxError,
        scope,
        rankLimit,
        strategy,
        precision,
        storeDtype,
        rows,
        columns,
        transpose,
        include,
        exclude,
        strict,
        weights,
        rank,
        OptionalDouble.empty(),
        OptionalLong.empty(),
        partitions,
        lost);
  }

  /** Settings with an error limit, without weights. */
  public Settings(
      String tool,
      List<String> inputs,
      double maxError,
      Scope scope,
      OptionalInt rankLimit,
      String strategy,
      Precision precision,
      StoreDtype storeDtype,
      OptionalInt rows,
      OptionalInt columns,
      Transpose transpose,
      List<String> include,
      List<String> exclude,
      boolean strict) {
    this(
        tool,
        inputs,
        OptionalDouble.of(maxError),
        scope,
        rankLimit,
        strategy,
        precision,
        storeDtype,
        rows,
        columns,
        transpose,
        include,
        exclude,
        strict,
        Optional.empty(),
        OptionalInt.empty(),
        OptionalDouble.empty(),
        OptionalLong.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static List<String> texts(String key, List<String> values) {
    for (int i = 0; i < values.size(); i++) {
      Checks.text(key + "[" + i + "]", values.get(i));
    }
    return List.copyOf(values);
  }
}
