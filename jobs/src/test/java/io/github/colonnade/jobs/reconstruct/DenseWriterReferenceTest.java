package io.github.colonnade.jobs.reconstruct;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.FloatCodec;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.write.SafetensorsSpool;
import io.github.colonnade.connectors.write.TensorHeader;
import io.github.colonnade.jobs.manifest.Layout;
import io.github.colonnade.jobs.manifest.SparseEntry;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.reconstruct.FilePlan.Product;
import io.github.colonnade.jobs.stored.CompressedDirectories;
import io.github.colonnade.jobs.stored.StoredTensors;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.roaringbitmap.RoaringBitmap;

class DenseWriterReferenceTest {
  private static final Optional<TensorLocation> U = Optional.of(new TensorLocation("f", "u"));
  private static final Optional<TensorLocation> C = Optional.of(new TensorLocation("f", "c"));

  @TempDir Path root;

  /** Whole numbers, so that every sum is exact and every chunk must be in its place. */
  @ParameterizedTest
  @CsvSource({"700, 1900", "1900, 700", "1, 1200000", "1200000, 1", "3, 2", "1, 1"})
  void writesEveryNumberInItsPlace(int m, int n) throws IOException {
    double[] u = new Random(1).ints(2L * m, -9, 10).asDoubleStream().toArray();
    double[] c = new Random(2).ints(2L * n, -9, 10).asDoubleStream().toArray();
    double[] rows = new double[m * n];
    double[] columns = new double[m * n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = 4 * (u[2 * i] * c[j] + u[2 * i + 1] * c[n + j]);
        rows[i * n + j] = sum;
        columns[j * m + i] = sum;
      }
    }
    store(u, m, c, n, 2);

    assertArrayEquals(rows, written(m, n, 2, Layout.ROW_MAJOR, DType.F32, 4), 1e-9);
    assertArrayEquals(columns, written(m, n, 2, Layout.COLUMN_MAJOR, DType.F32, 4), 1e-9);
  }

  @Test
  void usesTheDirectionsThatTheMaskNames() throws IOException {
    double[] u = new Random(1).ints(5 * 3, -9, 10).asDoubleStream().toArray();
    double[] c = new Random(2).ints(2 * 4, -9, 10).asDoubleStream().toArray();
    RoaringBitmap mask = RoaringBitmap.bitmapOf(1, 3, 5);
    byte[] bytes = new byte[mask.serializedSizeInBytes()];
    mask.serialize(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    org.apache.flink.core.fs.Path directory = CompressedDirectories.flink(root);
    try (SafetensorsSpool spool = SafetensorsSpool.create(directory)) {
      spool.add(new TensorHeader("u", DType.F64, Shape.of(5, 3)), bytes(u));
      spool.add(new TensorHeader("c", DType.F64, Shape.of(2, 4)), bytes(c));
      spool.add(new TensorHeader("mask", DType.U8, Shape.of(bytes.length)), bytes);
      spool.finish(new org.apache.flink.core.fs.Path(directory, "f"), Map.of());
    }
    double[] second = new double[20];
    for (int i = 0; i < 5; i++) {
      for (int j = 0; j < 4; j++) {
        second[i * 4 + j] = u[i * 3] * c[j] + u[i * 3 + 2] * c[4 + j];
      }
    }
    // Block 1 uses the directions 0 and 2, block 2 none, and block 0 has no fitting coefficients.
    assertArrayEquals(second, written(5, 4, 3, 1, C));
    assertArrayEquals(new double[20], written(5, 4, 3, 2, Optional.empty()));
    FormatException missing =
        assertThrows(FormatException.class, () -> written(5, 4, 3, 1, Optional.empty()));
    assertEquals(
        "manifest.json: a block of 2 directions has no coefficients", missing.getMessage());
    FormatException other = assertThrows(FormatException.class, () -> written(5, 4, 3, 0, C));
    assertEquals(
        "f: tensor \"c\": expected floats of shape [1, 4], found F64 of shape [2, 4]",
        other.getMessage());
  }

  /** Also where a product of no directions is zero beside them. */
  @ParameterizedTest
  @CsvSource({"700, 1900, 2", "1900, 700, 2", "3, 8, 0"})
  void putsWholeColumnsInTheirPlace(int m, int n, int r) throws IOException {
    int[] channels = {0, 3, n / 2 + 1, n - 1};
    int others = n - channels.length;
    double[] u = new Random(1).ints((long) r * m, -9, 10).asDoubleStream().toArray();
    double[] c = new Random(2).ints((long) r * others, -9, 10).asDoubleStream().toArray();
    double[] s = new Random(3).ints(4L * m, 1000, 2000).asDoubleStream().toArray();
    double[] rows = new double[m * n];
    double[] columns = new double[m * n];
    for (int i = 0; i < m; i++) {
      int next = 0;
      for (int j = 0; j < n; j++) {
        int channel = Arrays.binarySearch(channels, j);
        double value = channel >= 0 ? s[i * 4 + channel] : 0;
        for (int l = 0; l < r && channel < 0; l++) {
          value += 4 * u[i * r + l] * c[l * others + next];
        }
        next += channel < 0 ? 1 : 0;
        rows[i * n + j] = value;
        columns[j * m + i] = value;
      }
    }
    byte[] bitmap = StoredTensors.bitmap(channels);
    org.apache.flink.core.fs.Path directory = CompressedDirectories.flink(root);
    try (SafetensorsSpool spool = SafetensorsSpool.create(directory)) {
      spool.add(new TensorHeader("u", DType.F64, Shape.of(m, r)), bytes(u));
      spool.add(new TensorHeader("c", DType.F64, Shape.of(r, others)), bytes(c));
      spool.add(new TensorHeader("s", DType.F64, Shape.of(m, 4)), bytes(s));
      spool.add(new TensorHeader("i", DType.U8, Shape.of(bitmap.length)), bitmap);
      spool.finish(new org.apache.flink.core.fs.Path(directory, "f"), Map.of());
    }
    Optional<SparseEntry> whole =
        Optional.of(
            new SparseEntry(
                Arrays.stream(channels).asLongStream().boxed().toList(),
                new TensorLocation("f", "s"),
                new TensorLocation("f", "i")));
    Optional<TensorLocation> basis = r == 0 ? Optional.empty() : U;
    Optional<TensorLocation> coefficients = r == 0 ? Optional.empty() : C;
    for (Layout layout : Layout.values()) {
      Product product =
          new Product(m, n, r, layout, basis, coefficients, Optional.empty(), 4, whole);
      assertArrayEquals(
          layout == Layout.ROW_MAJOR ? rows : columns, written(product, DType.F32), 1e-9);
    }
  }

  private double[] written(int m, int n, int r, int block, Optional<TensorLocation> c)
      throws IOException {
    Optional<FilePlan.Use> use =
        Optional.of(new FilePlan.Use(new TensorLocation("f", "mask"), 3, block));
    return written(
        new Product(m, n, r, Layout.ROW_MAJOR, U, c, use, 1, Optional.empty()), DType.F64);
  }

  @Test
  void roundsOnceAndStaysWithinTheRange() throws IOException {
    store(new double[] {1}, 1, new double[] {70000, -70000, 1 + 0x1p-11 + 0x1p-30, 65519}, 4, 1);
    assertArrayEquals(
        new double[] {65504, -65504, 1 + 0x1p-10, 65504},
        written(1, 4, 1, Layout.ROW_MAJOR, DType.F16, 1));

    store(new double[] {1}, 1, new double[] {1e39, -1e300, 3, 0x1.FFp127}, 4, 1);
    assertArrayEquals(
        new double[] {0x1.FEp127, -0x1.FEp127, 3, 0x1.FEp127},
        written(1, 4, 1, Layout.COLUMN_MAJOR, DType.BF16, 1));
    assertEquals(Float.MAX_VALUE, written(1, 4, 1, Layout.ROW_MAJOR, DType.F32, 1)[0]);
    assertEquals(-1.0e300 * 0x1p20, written(1, 4, 1, Layout.ROW_MAJOR, DType.F64, 0x1p20)[1]);
    assertEquals(-Double.MAX_VALUE, written(1, 4, 1, Layout.ROW_MAJOR, DType.F64, 0x1p100)[1]);
  }

  @Test
  void writesZerosAtRankZero() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (StoredTensors none = new StoredTensors(CompressedDirectories.flink(root));
        DenseWriter writer = new DenseWriter(new Nd4jLinearAlgebra(), none)) {
      writer.write(
          new Product(
              300,
              500,
              0,
              Layout.ROW_MAJOR,
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              1,
              Optional.empty()),
          DType.BF16,
          out);
    }
    assertArrayEquals(new byte[300 * 500 * 2], out.toByteArray());
  }

  @Test
  void refusesFactorsThatAreNotFinite() throws IOException {
    store(new double[] {1}, 1, new double[] {1, Double.NaN}, 2, 1);
    FormatException failure =
        assertThrows(FormatException.class, () -> written(1, 2, 1, Layout.ROW_MAJOR, DType.F32, 1));
    assertEquals(
        "f: tensor \"c\": its factors give numbers that are not finite", failure.getMessage());
  }

  private double[] written(int m, int n, int r, Layout layout, DType dtype, double scale)
      throws IOException {
    return written(
        new Product(m, n, r, layout, U, C, Optional.empty(), scale, Optional.empty()), dtype);
  }

  private double[] written(Product product, DType dtype) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (StoredTensors stored = new StoredTensors(CompressedDirectories.flink(root));
        DenseWriter writer = new DenseWriter(new Nd4jLinearAlgebra(), stored)) {
      writer.write(product, dtype, out);
    }
    double[] values = new double[(int) (product.rows() * product.columns())];
    assertEquals(values.length * dtype.sizeBytes(), out.size());
    FloatCodec.decode(dtype, ByteBuffer.wrap(out.toByteArray()), values, 0, values.length);
    return values;
  }

  private void store(double[] u, int m, double[] c, int n, int r) throws IOException {
    org.apache.flink.core.fs.Path directory = CompressedDirectories.flink(root);
    try (SafetensorsSpool spool = SafetensorsSpool.create(directory)) {
      spool.add(new TensorHeader("u", DType.F64, Shape.of(m, r)), bytes(u));
      spool.add(new TensorHeader("c", DType.F64, Shape.of(r, n)), bytes(c));
      spool.finish(new org.apache.flink.core.fs.Path(directory, "f"), Map.of());
    }
  }

  private static byte[] bytes(double[] values) {
    byte[] bytes = new byte[values.length * 8];
    FloatCodec.encode(DType.F64, values, 0, values.length, ByteBuffer.wrap(bytes));
    return bytes;
  }
}
