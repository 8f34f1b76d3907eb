package io.github.colonnade.jobs.weights;

import io.github.colonnade.connectors.format.SafetensorsHeader;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.connectors.io.Sha256;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.Layout;
import io.github.colonnade.connectors.view.Orientation;
import io.github.colonnade.jobs.manifest.WeightsEntry;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.core.fs.Path;

/**
 * A file with weights, by its header. Each of its tensors is the weight of the model's tensors of
 * the same name: a vector h for H = diag(h), or a square matrix H.
 *
 * <p>Of which dimension of the model's tensor the weight is, the entry {@code dimension} of the
 * file's metadata says: {@code last}, which holds where there is no entry, or {@code first}. The
 * weight can be used where that dimension runs along the columns of the blocks, since a weight of
 * the rows would be one of the basis, which belongs to all members of a cluster.
 */
public final class WeightsFile {
  /** The key in the metadata. */
  public static final String DIMENSION = "dimension";

  /** The largest side of a square matrix: more do not fit into one Java array. */
  private static final long MAX_SIDE = 46_340;

  /** A dimension of the model's tensors. */
  private enum Dimension {
    FIRST("first"),
    LAST("last");

    private final String key;

    Dimension(String key) {
      this.key = key;
    }
  }

  private final String source;
  private final Map<String, TensorInfo> weights;
  private final Dimension dimension;

  private WeightsFile(String source, Map<String, TensorInfo> weights, Dimension dimension) {
    this.source = source;
    this.weights = weights;
    this.dimension = dimension;
  }

  /**
   * Reads the header.
   *
   * @param location a path or a URI
   * @throws FormatException if it is no safetensors file, or one of its tensors cannot be a weight
   */
  public static WeightsFile open(String location) throws IOException {
    Path path = InputFiles.qualify(location);
    SafetensorsHeader header = SafetensorsHeader.read(path);
    Map<String, TensorInfo> weights = new LinkedHashMap<>();
    for (TensorInfo weight : header.tensors()) {
      checkWeight(weight);
      weights.put(weight.name(), weight);
    }
    if (weights.isEmpty()) {
      throw FormatException.of(path.toString(), "it has no tensors, so there are no weights in it");
    }
    return new WeightsFile(path.toString(), weights, dimension(path.toString(), header));
  }

  private static Dimension dimension(String source, SafetensorsHeader header) {
    String word = header.metadata().getOrDefault(DIMENSION, Dimension.LAST.key);
    for (Dimension dimension : Dimension.values()) {
      if (dimension.key.equals(word)) {
        return dimension;
      }
    }
    throw FormatException.of(
        source,
        "its metadata says "
            + DIMENSION
            + " "
            + FormatException.oneLine(word)
            + "; expected first or last");
  }

  private static void checkWeight(TensorInfo weight) {
    Shape shape = weight.shape();
    boolean vector = shape.rank() == 1;
    boolean square = shape.rank() == 2 && shape.dim(0) == shape.dim(1);
    if (!vector && !square) {
      throw wrong(weight, "its shape is " + shape + "; a weight is a vector or a square matrix");
    }
    if (!weight.dtype().isFloat()) {
      throw wrong(
          weight,
          "it is of type " + weight.dtype().label() + "; a weight is F64, F32, F16 or BF16");
    }
    if (shape.dim(0) > (square ? MAX_SIDE : Integer.MAX_VALUE - 8)) {
      throw wrong(weight, "its shape " + shape + " is too large; give its diagonal as a vector");
    }
  }

  private static FormatException wrong(TensorInfo weight, String reason) {
    return FormatException.of(weight.source(), weight.name(), reason);
  }

  /** The file's absolute URI. */
  public String source() {
    return source;
  }

  /** Which way round matrices have to be taken for the weights to be on their columns. */
  public Orientation orientation() {
    return dimension == Dimension.LAST ? Orientation.AS_STORED : Orientation.TRANSPOSED;
  }

  /** The names of the tensors that have a weight. */
  public Set<String> names() {
    return Set.copyOf(weights.keySet());
  }

  /** The weight of the tensors of this name, if they have one. */
  public Optional<TensorInfo> weight(String tensor) {
    return Optional.ofNullable(weights.get(tensor));
  }

  /**
   * Checks that a tensor of the model has the size that its weight asks for.
   *
   * @throws FormatException if not
   */
  public void check(TensorInfo tensor) {
    TensorInfo weight = weights.get(tensor.name());
    if (weight == null) {
      return;
    }
    Shape shape = tensor.shape();
    int rank = shape.rank();
    long size = rank == 0 ? 0 : shape.dim(dimension == Dimension.FIRST ? 0 : rank - 1);
    if (weight.shape().dim(0) != size) {
      throw wrong(
          weight,
          "its shape is "
              + weight.shape()
              + ", but the "
              + dimension.key
              + " dimension of the tensor of shape "
              + shape
              + " in "
              + tensor.source()
              + " is "
              + size);
    }
  }

  /**
   * How many neighbouring columns of the view of a block's tensor have the same index in the
   * dimension of the weights: column c has the index c / columnsPerIndex.
   *
   * @throws FormatException if that dimension does not run along the columns of the block
   */
  long columnsPerIndex(BlockRef block) {
    TensorInfo tensor = block.tensor();
    TensorInfo weight = weights.get(tensor.name());
    if (weight == null) {
      throw new IllegalArgumentException("tensor " + tensor.name() + " has no weight");
    }
    check(tensor);
    boolean rowMajor = block.layout() == Layout.ROW_MAJOR;
    if (dimension == Dimension.LAST) {
      if (!rowMajor) {
        throw wrong(
            weight,
            "it is for the last dimension, which --transpose or --rows puts along the rows of the"
                + " matrix, and only columns can have weights; leave out that option, or give"
                + " weights of the first dimension (metadata dimension = first)");
      }
      return 1;
    }
    long inner = tensor.elements() / tensor.shape().dim(0);
    if (rowMajor) {
      throw wrong(
          weight,
          "it is for the first dimension, which runs along the rows of the matrix, and only"
              + " columns can have weights; give --transpose always, or weights of the last"
              + " dimension");
    }
    if (inner % block.rows() != 0) {
      throw wrong(
          weight,
          "columns of "
              + block.rows()
              + " rows do not lie within one index of the first dimension of shape "
              + tensor.shape()
              + "; give --rows a divisor of "
              + inner);
    }
    long columns = inner / block.rows();
    if (columns > 1 && weight.shape().rank() == 2) {
      throw wrong(
          weight,
          "each index of the first dimension of shape "
              + tensor.shape()
              + " is "
              + columns
              + " columns of "
              + block.rows()
              + " rows; give the diagonal as a vector, or --rows "
              + inner);
    }
    return columns;
  }

  /**
   * Checks that the columns of a block can have the weight of its tensor.
   *
   * @throws FormatException if not
   */
  public void check(BlockRef block) {
    if (weights.containsKey(block.tensor().name())) {
      columnsPerIndex(block);
    }
  }

  /**
   * Reads a file of weights and tells what distinguishes it.
   *
   * @param location a path or a URI
   * @throws FormatException if it is not there
   */
  public static WeightsEntry fingerprint(String location) throws IOException {
    Path path = InputFiles.qualify(location);
    MessageDigest digest = Sha256.digest();
    long size = 0;
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = InputFiles.open(path)) {
      for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
        digest.update(buffer, 0, got);
        size += got;
      }
    }
    if (size == 0) {
      throw FormatException.of(path.toString(), "the file is empty; get the file again");
    }
    return new WeightsEntry(path.toString(), size, HexFormat.of().formatHex(digest.digest()));
  }
}
