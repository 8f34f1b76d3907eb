package io.github.colonnade.jobs.manifest;

import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One block: where it came from, what became of it and where it is now.
 *
 * <p>A block in a cluster is {@code scale · U · C} with those columns U of the basis of its cluster
 * that it uses and its own coefficients C, or zero if it uses none. Any other block has its
 * original numbers in {@code data}.
 *
 * @param id its name, unique in the manifest
 * @param source the URI of the file
 * @param tensor the name of the tensor in that file
 * @param shape the shape of the tensor
 * @param dtype the number format of the tensor, as its file names it
 * @param treatment what became of it
 * @param view how the tensor became a matrix; none for what passes through
 * @param part the columns of the view that are this block; none if it is all of them
 * @param cluster the id of its cluster, if it is in one
 * @param transposed whether the matrix is the transpose of the (2-D) tensor
 * @param error the measured error of this block, of the factors as stored; 0 outside a cluster
 * @param coefficients where its coefficients are: a row for each column of the basis that it uses;
 *     nowhere if it uses none
 * @param scale a power of two that the stored coefficients are to be multiplied by, usually 1
 * @param data where its original numbers are, if it is in no cluster
 * @param sha256 the SHA-256 of its original bytes, in lower-case hexadecimal digits
 * @param note a remark for the reader, as why the block is raw
 * @param weightedError the measured error with the block's weight, on which the limit then is; none
 *     if it has no weight, or one that leaves nothing of it
 * @param sparse the columns that are stored as they are, if there are any; the coefficients then
 *     are for the others, but for factors that a layer is trained from, where they are for all
 */
public record BlockEntry(
    String id,
    String source,
    String tensor,
    List<Long> shape,
    String dtype,
    Treatment treatment,
    Optional<View> view,
    Optional<Part> part,
    Optional<String> cluster,
    boolean transposed,
    double error,
    Optional<TensorLocation> coefficients,
    double scale,
    Optional<TensorLocation> data,
    String sha256,
    Optional<String> note,
    OptionalDouble weightedError,
    Optional<SparseEntry> sparse) {

  public BlockEntry {
    Checks.text("id", id);
    Checks.text("source", source);
    Checks.length("tensor", tensor);
    shape = List.copyOf(shape);
    for (int i = 0; i < shape.size(); i++) {
      Checks.atLeast("shape[" + i + "]", 0, shape.get(i));
    }
    Checks.text("dtype", dtype);
    boolean inCluster = treatment.isInCluster();
    boolean matrix = treatment != Treatment.PASSTHROUGH;
    presence("view", matrix, view.isPresent(), treatment);
    presence("cluster", inCluster, cluster.isPresent(), treatment);
    presence("data", !inCluster, data.isPresent(), treatment);
    if (part.isPresent()) {
      presence("part", matrix, true, treatment);
    }
    checkView(shape, view, part);
    presence("sparse", treatment == Treatment.LOST, sparse.isPresent(), treatment);
    if (sparse.isPresent()) {
      List<Long> channels = sparse.get().channels();
      long columns = view.orElseThrow().columns();
      if (channels.get(channels.size() - 1) >= columns) {
        throw new IllegalArgumentException(
            "sparse.channels: expected numbers below the "
                + columns
                + " columns, got "
                + channels.get(channels.size() - 1));
      }
    }
    if (coefficients.isPresent()) {
      presence("coefficients", inCluster, true, treatment);
    }
    cluster.ifPresent(value -> Checks.text("cluster", value));
    Checks.measure("error", error);
    if (!inCluster && error != 0) {
      throw new IllegalArgumentException(
          "error: expected 0 with treatment " + treatment + ", got " + error);
    }
    if (!inCluster && scale != 1) {
      throw new IllegalArgumentException("scale: not allowed with treatment " + treatment);
    }
    if (!isPowerOfTwo(scale)) {
      throw new IllegalArgumentException("scale: expected a power of two, got " + scale);
    }
    Checks.sha256("sha256", sha256);
    note.ifPresent(value -> Checks.text("note", value));
    Checks.measure("weightedError", weightedError);
    if (weightedError.isPresent()) {
      presence("weightedError", inCluster, true, treatment);
    }
  }

  /** A block without a weight, none of whose columns is stored as it is. */
  public BlockEntry(
      String id,
      String source,
      String tensor,
      List<Long> shape,
      String dtype,
      Treatment treatment,
      Optional<View> view,
      Optional<Part> part,
      Optional<String> cluster,
      boolean transposed,
      double error,
      Optional<TensorLocation> coefficients,
      double scale,
      Optional<TensorLocation> data,
      String sha256,
      Optional<String> note) {
    this(
        id,
        source,
        tensor,
        shape,
        dtype,
        treatment,
        view,
        part,
        cluster,
        transposed,
        error,
        coefficients,
        scale,
        data,
        sha256,
        note,
        OptionalDouble.empty(),
        Optional.empty());
  }

  private static void presence(String key, boolean expected, boolean found, Treatment treatment) {
    if (expected != found) {
      throw new IllegalArgumentException(
          key + ": " + (expected ? "missing" : "not allowed") + " with treatment " + treatment);
    }
  }

  private static void checkView(List<Long> shape, Optional<View> view, Optional<Part> part) {
    long numbers = 1;
    for (long size : shape) {
      long next = numbers * size;
      if (Math.multiplyHigh(numbers, size) != 0 || next < 0) {
        throw new IllegalArgumentException("shape: more than 2^63 numbers in " + shape);
      }
      numbers = next;
    }
    if (view.isEmpty()) {
      return;
    }
    long rows = view.get().rows();
    long columns = view.get().columns();
    long allColumns = numbers / rows;
    long from = part.map(Part::from).orElse(0L);
    long to = part.map(Part::to).orElse(allColumns);
    if (numbers % rows != 0 || to - from != columns || to > allColumns) {
      throw new IllegalArgumentException(
          String.format(
              "view: %d × %d is not the matrix of a tensor of shape %s%s",
              rows, columns, shape, part.isPresent() ? ", columns " + from + " to " + to : ""));
    }
  }

  private static boolean isPowerOfTwo(double scale) {
    return scale >= Double.MIN_NORMAL
        && scale <= Double.MAX_VALUE
        && (Double.doubleToLongBits(scale) & 0xF_FFFF_FFFF_FFFFL) == 0;
  }
}
