package io.github.colonnade.jobs.reconstruct;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.FloatCodec;
import io.github.colonnade.jobs.manifest.Layout;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.SparseEntry;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.reconstruct.FilePlan.Product;
import io.github.colonnade.jobs.reconstruct.FilePlan.Use;
import io.github.colonnade.jobs.stored.StoredTensors;
import io.github.colonnade.svd.factor.KeptRows;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Precision;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Multiplies factors and writes the numbers of the product, some columns or rows at a time.
 *
 * <p>The product is formed in double and rounded once to the original type, which adds up to that
 * type's unit roundoff to the relative error of each number: the certificate is about the factors,
 * not about what is written here. What lies beyond the range of the type becomes its largest number
 * and not an infinity; the original was within the range, so that is only closer to it.
 *
 * <p>The stored rows of U and C are the columns of their transposes, which are used as they are:
 * U·C = (Uᵀ)ᵀ·C, and its rows are the columns of Cᵀ·Uᵀ.
 */
final class DenseWriter implements AutoCloseable {
  /** The numbers of the product that are formed at a time. */
  private static final int CHUNK = 1 << 19;

  private final LinearAlgebra la;
  private final StoredTensors stored;

  // The basis that was used last, as neighbours often share it: Uᵀ if blocks use all of it, and its
  // numbers row after row and the mask if they use some of it each.
  private @Nullable TensorLocation basisAt;
  private @Nullable Matrix transposedBasis;
  private double[] numbers = new double[0];
  private @Nullable TensorLocation maskAt;
  private @Nullable KeptRows keptRows;

  DenseWriter(LinearAlgebra la, StoredTensors stored) {
    this.la = la;
    this.stored = stored;
  }

  /** Writes all numbers of a product. */
  void write(Product product, DType dtype, OutputStream out) throws IOException {
    if (product.rank() == 0 && product.whole().isPresent()) {
      try (Matrix ut = la.zeros(0, (int) product.rows(), Precision.FLOAT64)) {
        write(product, ut, dtype, out);
      }
    } else if (product.rank() == 0) {
      writeZeros(product, dtype, out);
    } else if (product.use().isEmpty()) {
      write(product, transposedBasis(product), dtype, out);
    } else {
      int[] used = keptRows(product, product.use().get()).rows(product.use().get().number());
      if (used.length == 0 && product.coefficients().isEmpty()) {
        writeZeros(product, dtype, out);
        return;
      }
      double[] u = some(numbers, product.rank(), used);
      try (Matrix ut = la.fromColumns(u, used.length, (int) product.rows())) {
        write(product, ut, dtype, out);
      }
    }
  }

  private void write(Product product, Matrix ut, DType dtype, OutputStream out) throws IOException {
    Whole whole = whole(product);
    long others = product.columns() - whole.channels.length;
    double[] c = new double[0];
    if (product.coefficients().isPresent()) {
      TensorLocation at = product.coefficients().get();
      c = stored.coefficients(at, product.basis().orElse(at), ut.rows(), others);
    } else if (ut.rows() > 0) {
      throw FormatException.of(
          Manifest.FILE_NAME, "a block of " + ut.rows() + " directions has no coefficients");
    }
    c = whole.spread(c, ut.rows(), (int) product.columns());
    Sink sink = new Sink(product, dtype, whole, out);
    if (product.layout() == Layout.ROW_MAJOR) {
      writeRows(ut, c, (int) product.columns(), sink);
    } else {
      writeColumns(ut, c, (int) product.columns(), sink);
    }
  }

  private Whole whole(Product product) throws IOException {
    if (product.whole().isEmpty()) {
      return new Whole(new int[0], new double[0]);
    }
    SparseEntry entry = product.whole().get();
    int[] channels = stored.channels(entry.bitmap(), product.columns());
    return new Whole(channels, stored.rows(entry.columns(), product.rows(), channels.length));
  }

  /**
   * Columns that take the place of those of the product.
   *
   * @param channels which, ascending
   * @param numbers row after row
   */
  private record Whole(int[] channels, double[] numbers) {

    /** The coefficients of n columns, zero at the channels; both lie row after row. */
    double[] spread(double[] c, int r, int n) {
      if (channels.length == 0) {
        return c;
      }
      double[] all = new double[r * n];
      int others = n - channels.length;
      int channel = 0;
      for (int j = 0; j < n; j++) {
        if (channel < channels.length && channels[channel] == j) {
          channel++;
          continue;
        }
        for (int i = 0; i < r; i++) {
          all[i * n + j] = c[i * others + j - channel];
        }
      }
      return all;
    }

    /**
     * Puts the columns into some rows of the result.
     *
     * @param values rows of n numbers
     * @param from the first of these rows
     */
    void putIntoRows(double[] values, int n, int from) {
      int k = channels.length;
      for (int i = 0; i < values.length / n; i++) {
        for (int j = 0; j < k; j++) {
          values[i * n + channels[j]] = numbers[(from + i) * k + j];
        }
      }
    }

    /**
     * Puts those that are among some columns of the result into these.
     *
     * @param values columns of m numbers
     * @param from the first of these columns
     */
    void putIntoColumns(double[] values, int m, int from) {
      int k = channels.length;
      for (int j = 0; j < k; j++) {
        int at = channels[j] - from;
        if (at >= 0 && at < values.length / m) {
          for (int i = 0; i < m; i++) {
            values[at * m + i] = numbers[i * k + j];
          }
        }
      }
    }
  }

  /** Some columns of a matrix of r columns; both lie row after row. */
  private static double[] some(double[] u, int r, int[] columns) {
    int k = columns.length;
    int m = u.length / r;
    double[] some = new double[m * k];
    for (int i = 0; i < m; i++) {
      for (int l = 0; l < k; l++) {
        some[i * k + l] = u[i * r + columns[l]];
      }
    }
    return some;
  }

  @Override
  public void close() {
    if (transposedBasis != null) {
      transposedBasis.close();
    }
    transposedBasis = null;
    numbers = new double[0];
    keptRows = null;
    maskAt = null;
    basisAt = null;
  }

  /**
   * @param ut Uᵀ: r×m
   * @param c row after row
   */
  private void writeRows(Matrix ut, double[] c, int n, Sink sink) throws IOException {
    int m = ut.columns();
    int step = Math.max(1, CHUNK / n);
    try (Matrix ct = la.fromColumns(c, n, ut.rows())) {
      int from = 0;
      while (from < m) {
        int count = Math.min(step, m - from);
        try (MatrixScope scope = new MatrixScope()) {
          Matrix some = scope.own(la.columns(ut, from, from + count));
          sink.accept(scope.own(la.product(ct, some)).toDoubles(), from);
        }
        from += count;
      }
    }
  }

  private void writeColumns(Matrix ut, double[] c, int n, Sink sink) throws IOException {
    int r = ut.rows();
    int step = Math.max(1, CHUNK / ut.columns());
    int from = 0;
    while (from < n) {
      int count = Math.min(step, n - from);
      double[] some = new double[r * count];
      for (int i = 0; i < r; i++) {
        for (int j = 0; j < count; j++) {
          some[i + j * r] = c[i * n + from + j];
        }
      }
      try (MatrixScope scope = new MatrixScope()) {
        Matrix columns = scope.own(la.fromColumns(some, r, count));
        sink.accept(scope.own(la.transposedProduct(ut, columns)).toDoubles(), from);
      }
      from += count;
    }
  }

  private Matrix transposedBasis(Product product) throws IOException {
    TensorLocation at = product.basis().orElseThrow();
    if (transposedBasis == null || !at.equals(basisAt)) {
      close();
      double[] u = stored.rows(at, product.rows(), product.rank());
      transposedBasis = la.fromColumns(u, product.rank(), (int) product.rows());
      basisAt = at;
    }
    return transposedBasis;
  }

  /** The mask of a product; reads the numbers of the basis with it. Clusters may share a basis. */
  private KeptRows keptRows(Product product, Use use) throws IOException {
    TensorLocation at = product.basis().orElseThrow();
    if (keptRows == null || !at.equals(basisAt)) {
      close();
      numbers = stored.rows(at, product.rows(), product.rank());
      basisAt = at;
    }
    if (keptRows == null || !use.mask().equals(maskAt)) {
      keptRows = stored.keptRows(use.mask(), use.blocks(), product.rank());
      maskAt = use.mask();
    }
    return keptRows;
  }

  private static void writeZeros(Product product, DType dtype, OutputStream out)
      throws IOException {
    long bytes = dtype.payloadBytes(product.rows() * product.columns());
    byte[] zeros = new byte[(int) Math.min(bytes, 1 << 16)];
    for (long left = bytes; left > 0; left -= zeros.length) {
      out.write(zeros, 0, (int) Math.min(left, zeros.length));
    }
  }

  /** Where products go: scaled, with whole columns in their place, rounded and as bytes. */
  private record Sink(Product product, DType dtype, Whole whole, OutputStream out) {

    /**
     * @param from the first row of the values or, in a column-major layout, the first column
     */
    void accept(double[] values, int from) throws IOException {
      double scale = product.scale();
      double largest = largest(dtype);
      for (int i = 0; i < values.length; i++) {
        if (!Double.isFinite(values[i])) {
          TensorLocation at = product.coefficients().or(product::basis).orElseThrow();
          throw FormatException.of(
              at.file(), at.tensor(), "its factors give numbers that are not finite");
        }
        values[i] = Math.max(-largest, Math.min(largest, values[i] * scale));
      }
      if (product.layout() == Layout.ROW_MAJOR) {
        whole.putIntoRows(values, (int) product.columns(), from);
      } else {
        whole.putIntoColumns(values, (int) product.rows(), from);
      }
      int size = dtype.sizeBytes();
      byte[] bytes = new byte[Math.min(CHUNK, values.length) * size];
      int done = 0;
      while (done < values.length) {
        int count = Math.min(CHUNK, values.length - done);
        FloatCodec.encode(dtype, values, done, count, ByteBuffer.wrap(bytes));
        out.write(bytes, 0, count * size);
        done += count;
      }
    }

    private static double largest(DType dtype) {
      return switch (dtype) {
        case F64 -> Double.MAX_VALUE;
        case F32 -> Float.MAX_VALUE;
        case F16 -> 65504;
        case BF16 -> 0x1.FEp127;
        default -> throw new IllegalArgumentException(dtype + " is no float type");
      };
    }
  }
}
