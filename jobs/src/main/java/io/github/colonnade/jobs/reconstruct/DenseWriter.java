package io.github.colonnade.jobs.reconstruct;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.FloatCodec;
import io.github.colonnade.jobs.manifest.Layout;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.reconstruct.FilePlan.Product;
import io.github.colonnade.jobs.reconstruct.FilePlan.Use;
import io.github.colonnade.jobs.stored.StoredTensors;
import io.github.colonnade.svd.factor.KeptRows;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
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
  private @Nullable KeptRows keptRows;

  DenseWriter(LinearAlgebra la, StoredTensors stored) {
    this.la = la;
    this.stored = stored;
  }

  /** Writes all numbers of a product. */
  void write(Product product, DType dtype, OutputStream out) throws IOException {
    if (product.rank() == 0) {
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
    if (product.coefficients().isEmpty()) {
      throw FormatException.of(
          Manifest.FILE_NAME, "a block of " + ut.rows() + " directions has no coefficients");
    }
    TensorLocation at = product.coefficients().get();
    double[] c = stored.rows(at, ut.rows(), product.columns());
    Sink sink = new Sink(product, dtype, at, out);
    if (product.layout() == Layout.ROW_MAJOR) {
      writeRows(ut, c, (int) product.columns(), sink);
    } else {
      writeColumns(ut, c, (int) product.columns(), sink);
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
          sink.accept(scope.own(la.product(ct, some)).toDoubles());
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
        sink.accept(scope.own(la.transposedProduct(ut, columns)).toDoubles());
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

  /** The mask of a product; reads the numbers of the basis with it. */
  private KeptRows keptRows(Product product, Use use) throws IOException {
    TensorLocation at = product.basis().orElseThrow();
    if (keptRows == null || !at.equals(basisAt)) {
      close();
      keptRows = stored.keptRows(use.mask(), use.blocks(), product.rank());
      numbers = stored.rows(at, product.rows(), product.rank());
      basisAt = at;
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

  /** Where products go: scaled, rounded and as bytes. */
  private record Sink(Product product, DType dtype, TensorLocation at, OutputStream out) {
    void accept(double[] values) throws IOException {
      double scale = product.scale();
      double largest = largest(dtype);
      for (int i = 0; i < values.length; i++) {
        if (!Double.isFinite(values[i])) {
          throw FormatException.of(
              at.file(), at.tensor(), "its factors give numbers that are not finite");
        }
        values[i] = Math.max(-largest, Math.min(largest, values[i] * scale));
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
