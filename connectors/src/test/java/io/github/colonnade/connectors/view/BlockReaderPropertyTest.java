package io.github.colonnade.connectors.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.Arrangement;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.FloatCodec;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.testing.TestFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class BlockReaderPropertyTest {

  /** Finite numbers of a type, as payload bytes. */
  private static byte[] numbers(DType dtype, int count, long seed) {
    Random random = new Random(seed);
    double[] values = random.doubles(count, -100, 100).toArray();
    ByteBuffer bytes = ByteBuffer.allocate(count * dtype.sizeBytes());
    FloatCodec.encode(dtype, values, 0, count, bytes);
    return bytes.array();
  }

  private static double[] decoded(DType dtype, byte[] payload) {
    double[] values = new double[payload.length / dtype.sizeBytes()];
    FloatCodec.decode(dtype, ByteBuffer.wrap(payload), values, 0, values.length);
    return values;
  }

  private static String sha256(byte[] bytes, int from, int to) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes, from, to - from);
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static double number(BlockValues values, int index) {
    return values.elementType() == ElementType.FLOAT
        ? values.floats()[index]
        : values.doubles()[index];
  }

  private static TensorInfo described(DType dtype, long... dims) {
    Shape shape = Shape.of(dims);
    long size = dtype.payloadBytes(shape.elements());
    return new TensorInfo(
        "file:/m",
        "t",
        dtype,
        shape,
        new Payload.ByteRange("file:/m", 0, size, Arrangement.CANONICAL));
  }

  private static void checkMatrix(DType dtype, ElementType type, int m, int n, long seed)
      throws IOException {
    byte[] payload = numbers(dtype, m * n, seed);
    double[] expected = decoded(dtype, payload);
    BlockReader reader = new BlockReader(type);
    TensorInfo tensor = described(dtype, m, n);
    BlockValues asStored =
        reader.decode(
            new BlockRef(tensor, m, n, 0, Layout.ROW_MAJOR), new ByteArrayInputStream(payload));
    BlockValues transposed =
        reader.decode(
            new BlockRef(tensor, n, m, 0, Layout.COLUMN_MAJOR), new ByteArrayInputStream(payload));
    double maxAbs = 0;
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double value = expected[i * n + j];
        maxAbs = Math.max(maxAbs, Math.abs(value));
        double held = type == ElementType.FLOAT ? (float) value : value;
        if (number(asStored, i + j * m) != held || number(transposed, j + i * n) != held) {
          throw new AssertionError("element " + i + ", " + j + " of " + m + "×" + n);
        }
      }
    }
    for (BlockValues values : List.of(asStored, transposed)) {
      assertEquals(sha256(payload, 0, payload.length), values.sha256());
      assertEquals(type == ElementType.FLOAT ? (float) maxAbs : maxAbs, values.maxAbs());
      assertTrue(values.finite());
    }
  }

  @Property(tries = 100)
  void columnMajorWhateverTheShape(
      @ForAll @IntRange(min = 1, max = 90) int m,
      @ForAll @IntRange(min = 1, max = 90) int n,
      @ForAll long seed)
      throws IOException {
    for (DType dtype : List.of(DType.F64, DType.F32, DType.F16, DType.BF16)) {
      for (ElementType type : ElementType.values()) {
        checkMatrix(dtype, type, m, n, seed);
      }
    }
  }

  @Example
  void buffersEndAnywhereInARow() throws IOException {
    // 1 MiB is 131072 doubles: rows longer than that, just shorter, and many to a buffer.
    checkMatrix(DType.F64, ElementType.DOUBLE, 3, 200_001, 1);
    checkMatrix(DType.F64, ElementType.FLOAT, 5, 131_071, 2);
    checkMatrix(DType.F32, ElementType.FLOAT, 1301, 777, 3);
    checkMatrix(DType.BF16, ElementType.FLOAT, 700_001, 2, 4);
    checkMatrix(DType.F16, ElementType.DOUBLE, 1, 1_200_000, 5);
    checkMatrix(DType.F32, ElementType.FLOAT, 35, 40_001, 6);
  }

  /** Rows of which many, a few and not two are read together, and blocks with and without gaps. */
  @Property(tries = 3, generation = GenerationMode.RANDOMIZED)
  void columnsOfLongRows(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    for (int n : new int[] {30 + random.nextInt(300), 50_003, 400_001, 1_100_000}) {
      int m = n > 1_000_000 ? 2 : n > 100_000 ? 5 : 40;
      byte[] payload = numbers(DType.F32, m * n, seed);
      double[] expected = decoded(DType.F32, payload);
      Path folder = Files.createTempDirectory("blocks");
      try {
        TensorInfo tensor =
            TestFiles.tensor(folder, DType.F32, Arrangement.CANONICAL, payload, m, n);
        for (boolean gaps : new boolean[] {false, true}) {
          List<BlockRef> blocks = new ArrayList<>();
          for (int from = 0; from < n; ) {
            int width = Math.min(n - from, 1 + random.nextInt(n / 3));
            if (!gaps || random.nextBoolean()) {
              blocks.add(new BlockRef(tensor, m, width, from, Layout.ROW_MAJOR));
            }
            from += width;
          }
          int[] seen = {0};
          new BlockReader(ElementType.FLOAT)
              .readTensorBlocks(
                  tensor,
                  blocks,
                  values -> check(values, blocks.get(seen[0]++), payload, expected));
          assertEquals(blocks.size(), seen[0]);
        }
      } finally {
        Files.delete(folder.resolve("tensor.raw"));
        Files.delete(folder);
      }
    }
  }

  /** Files that have columns one after another give the same blocks and checksums. */
  @Property(tries = 30)
  void columnsThatAreStoredTogether(
      @ForAll @IntRange(min = 2, max = 90) int m,
      @ForAll @IntRange(min = 2, max = 90) int n,
      @ForAll @IntRange(min = 1, max = 50) int columns,
      @ForAll boolean bigEndian,
      @ForAll long seed)
      throws IOException {
    for (DType dtype : List.of(DType.F64, DType.F32, DType.F16)) {
      checkStoredTogether(dtype, m, n, columns, bigEndian, seed);
    }
  }

  @Example
  void longRowsThatAreStoredByColumns() throws IOException {
    checkStoredTogether(DType.F32, 40, 50_003, 50_003, false, 1);
    checkStoredTogether(DType.F32, 2, 1_100_000, 1_100_000, false, 2);
    checkStoredTogether(DType.F64, 700_000, 2, 1, false, 3);
  }

  private static void checkStoredTogether(
      DType dtype, int m, int n, int columns, boolean bigEndian, long seed) throws IOException {
    byte[] payload = numbers(dtype, m * n, seed);
    int size = dtype.sizeBytes();
    byte[] byColumns = new byte[payload.length];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        for (int b = 0; b < size; b++) {
          byColumns[(j * m + i) * size + (bigEndian ? size - 1 - b : b)] =
              payload[(i * n + j) * size + b];
        }
      }
    }
    Arrangement arrangement =
        bigEndian ? Arrangement.COLUMN_MAJOR_BIG_ENDIAN : Arrangement.COLUMN_MAJOR;
    Path folder = Files.createTempDirectory("blocks");
    Path other = Files.createTempDirectory("blocks");
    try {
      TensorInfo tensor = TestFiles.tensor(folder, dtype, arrangement, byColumns, m, n);
      TensorInfo rows = TestFiles.tensor(other, dtype, Arrangement.CANONICAL, payload, m, n);
      ViewOptions options = ranges(OptionalLong.empty(), columns);
      List<BlockRef> blocks = blocks(options, tensor);
      assertEquals(blocks.get(0).elements(), BlockReader.numbersTogether(blocks));
      // Every second block too: what lies between is passed over.
      for (int step : new int[] {1, 2}) {
        List<BlockRef> some = every(step, blocks);
        List<BlockValues> expected = new ArrayList<>();
        BlockReader reader = new BlockReader(ElementType.DOUBLE);
        reader.readTensorBlocks(rows, every(step, blocks(options, rows)), expected::add);
        List<BlockValues> read = new ArrayList<>();
        reader.readTensorBlocks(tensor, some, read::add);
        read.add(reader.read(some.get(some.size() - 1)));
        expected.add(expected.get(some.size() - 1));
        for (int i = 0; i < read.size(); i++) {
          assertEquals(some.get(Math.min(i, some.size() - 1)), read.get(i).block());
          assertEquals(expected.get(i).sha256(), read.get(i).sha256());
          assertEquals(expected.get(i).maxAbs(), read.get(i).maxAbs());
          assertTrue(Arrays.equals(expected.get(i).doubles(), read.get(i).doubles()));
        }
      }
    } finally {
      for (Path each : List.of(folder, other)) {
        Files.delete(each.resolve("tensor.raw"));
        Files.delete(each);
      }
    }
  }

  private static ViewOptions ranges(OptionalLong rows, int columns) {
    return new ViewOptions(
        Orientation.AS_STORED, rows, OptionalLong.of(columns), List.of(), List.of());
  }

  private static List<BlockRef> blocks(ViewOptions options, TensorInfo tensor) {
    return ((TensorPlan.Blocks) MatrixView.of(options).plan(tensor)).blocks();
  }

  private static List<BlockRef> every(int step, List<BlockRef> blocks) {
    return IntStream.range(0, blocks.size())
        .filter(i -> i % step == 0)
        .mapToObj(blocks::get)
        .toList();
  }

  private static void check(BlockValues values, BlockRef block, byte[] payload, double[] expected) {
    assertEquals(block, values.block());
    int m = (int) block.rows();
    int n = (int) block.allColumns();
    int from = (int) block.fromColumn();
    int width = (int) block.columns();
    byte[] bytes = new byte[4 * m * width];
    for (int i = 0; i < m; i++) {
      System.arraycopy(payload, 4 * (i * n + from), bytes, 4 * i * width, 4 * width);
      for (int j = 0; j < width; j++) {
        if (values.floats()[i + j * m] != expected[i * n + from + j]) {
          throw new AssertionError("element " + i + ", " + j + " of " + block.id());
        }
      }
    }
    assertEquals(sha256(bytes, 0, bytes.length), values.sha256());
  }

  @Property(tries = 50)
  void blocksOfATensorReadAloneAndTogether(
      @ForAll @IntRange(min = 1, max = 7) int rows,
      @ForAll @IntRange(min = 1, max = 9) int columns,
      @ForAll @IntRange(min = 1, max = 40) int total,
      @ForAll long seed)
      throws IOException {
    byte[] payload = numbers(DType.F32, rows * total, seed);
    double[] expected = decoded(DType.F32, payload);
    Path folder = Files.createTempDirectory("blocks");
    try {
      TensorInfo tensor =
          TestFiles.tensor(folder, DType.F32, Arrangement.CANONICAL, payload, total, rows);
      ViewOptions options = ranges(OptionalLong.of(rows), columns);
      List<BlockRef> blocks = blocks(options, tensor);
      BlockReader reader = new BlockReader(ElementType.DOUBLE);
      List<BlockValues> together = new ArrayList<>();
      reader.readTensorBlocks(tensor, blocks, together::add);
      assertEquals(blocks, together.stream().map(BlockValues::block).toList());
      for (BlockValues values : together) {
        BlockRef block = values.block();
        int from = (int) block.fromByte();
        int to = from + (int) block.sizeBytes();
        assertEquals(sha256(payload, from, to), values.sha256());
        double[] part = Arrays.copyOfRange(expected, from / 4, to / 4);
        assertTrue(Arrays.equals(part, values.doubles()));
        assertTrue(Arrays.equals(part, reader.read(block).doubles()));
      }
      // Every second block: what lies between is passed over.
      List<BlockRef> some = blocks.stream().filter(b -> b.fromColumn() / columns % 2 == 1).toList();
      List<BlockRef> seen = new ArrayList<>();
      reader.readTensorBlocks(tensor, some, values -> seen.add(values.block()));
      assertEquals(some, seen);
    } finally {
      Files.delete(folder.resolve("tensor.raw"));
      Files.delete(folder);
    }
  }

  @Property(tries = 50)
  void columnsOfARowMajorTensorReadAloneAndTogether(
      @ForAll @IntRange(min = 1, max = 40) int m,
      @ForAll @IntRange(min = 1, max = 40) int n,
      @ForAll @IntRange(min = 1, max = 9) int columns,
      @ForAll @IntRange(min = 1, max = 400) int passNumbers,
      @ForAll long seed)
      throws IOException {
    byte[] payload = numbers(DType.F16, m * n, seed);
    double[] expected = decoded(DType.F16, payload);
    Path folder = Files.createTempDirectory("blocks");
    try {
      TensorInfo tensor = TestFiles.tensor(folder, DType.F16, Arrangement.CANONICAL, payload, m, n);
      ViewOptions options = ranges(OptionalLong.empty(), columns);
      List<BlockRef> blocks = blocks(options, tensor);
      assertEquals((n - 1) / columns + 1, blocks.size());
      BlockReader reader = new BlockReader(ElementType.DOUBLE, passNumbers);
      List<BlockValues> together = new ArrayList<>();
      reader.readTensorBlocks(tensor, blocks, together::add);
      assertEquals(blocks, together.stream().map(BlockValues::block).toList());
      for (BlockValues values : together) {
        BlockRef block = values.block();
        int from = (int) block.fromColumn();
        int width = (int) block.columns();
        double[] part = new double[m * width];
        byte[] bytes = new byte[2 * m * width];
        for (int i = 0; i < m; i++) {
          System.arraycopy(payload, 2 * (i * n + from), bytes, 2 * i * width, 2 * width);
          for (int j = 0; j < width; j++) {
            part[i + j * m] = expected[i * n + from + j];
          }
        }
        assertEquals(sha256(bytes, 0, bytes.length), values.sha256());
        assertTrue(Arrays.equals(part, values.doubles()));
        assertTrue(Arrays.equals(part, reader.read(block).doubles()));
        try (InputStream in = BlockReader.open(block)) {
          assertTrue(Arrays.equals(bytes, in.readAllBytes()));
        }
      }
      // Every second block: what lies between is passed over.
      List<BlockRef> some = blocks.stream().filter(b -> b.fromColumn() / columns % 2 == 1).toList();
      List<String> seen = new ArrayList<>();
      reader.readTensorBlocks(tensor, some, values -> seen.add(values.sha256()));
      assertEquals(
          together.stream().filter(v -> some.contains(v.block())).map(BlockValues::sha256).toList(),
          seen);
    } finally {
      Files.delete(folder.resolve("tensor.raw"));
      Files.delete(folder);
    }
  }

  @Example
  void partsOfARowMajorTensorThatEndsEarlyAreAnError() throws IOException {
    Path folder = Files.createTempDirectory("blocks");
    try {
      TensorInfo tensor =
          TestFiles.tensor(folder, DType.F32, Arrangement.CANONICAL, new byte[96], 4, 6);
      Files.write(folder.resolve("tensor.raw"), new byte[80]);
      List<BlockRef> parts =
          List.of(
              new BlockRef(tensor, 4, 3, 0, Layout.ROW_MAJOR),
              new BlockRef(tensor, 4, 3, 3, Layout.ROW_MAJOR));
      BlockReader reader = new BlockReader(ElementType.FLOAT);
      assertThrows(
          FormatException.class, () -> reader.readTensorBlocks(tensor, parts, values -> {}));
      assertThrows(FormatException.class, () -> reader.read(parts.get(1)));
    } finally {
      Files.delete(folder.resolve("tensor.raw"));
      Files.delete(folder);
    }
  }

  @Example
  void blocksOutOfOrderOrOfAnotherTensorAreRefused() throws IOException {
    Path folder = Files.createTempDirectory("blocks");
    try {
      TensorInfo tensor =
          TestFiles.tensor(folder, DType.F32, Arrangement.CANONICAL, new byte[64], 8, 2);
      BlockRef first = new BlockRef(tensor, 2, 4, 0, Layout.COLUMN_MAJOR);
      BlockRef second = new BlockRef(tensor, 2, 4, 4, Layout.COLUMN_MAJOR);
      BlockRef other = new BlockRef(described(DType.F32, 8, 2), 2, 4, 4, Layout.COLUMN_MAJOR);
      BlockReader reader = new BlockReader(ElementType.FLOAT);
      for (List<BlockRef> bad :
          List.of(List.of(second, first), List.of(first, first), List.of(first, other))) {
        assertThrows(
            IllegalArgumentException.class,
            () -> reader.readTensorBlocks(tensor, bad, values -> {}));
      }
    } finally {
      Files.delete(folder.resolve("tensor.raw"));
      Files.delete(folder);
    }
  }

  @Example
  void numbersThatAreNotFiniteAreSeen() throws IOException {
    BlockReader floats = new BlockReader(ElementType.FLOAT);
    BlockReader doubles = new BlockReader(ElementType.DOUBLE);
    BlockRef block = new BlockRef(described(DType.F64, 2, 2), 2, 2, 0, Layout.ROW_MAJOR);
    for (double odd : new double[] {Double.NaN, Double.NEGATIVE_INFINITY, 1e300}) {
      ByteBuffer bytes = ByteBuffer.allocate(32);
      FloatCodec.encode(DType.F64, new double[] {1, odd, -5, 2}, 0, 4, bytes);
      BlockValues single = floats.decode(block, new ByteArrayInputStream(bytes.array()));
      assertFalse(single.finite());
      BlockValues full = doubles.decode(block, new ByteArrayInputStream(bytes.array()));
      assertEquals(odd == 1e300, full.finite());
      assertEquals(Math.abs(odd), full.maxAbs());
      assertThrows(IllegalStateException.class, single::doubles);
      assertThrows(IllegalStateException.class, full::floats);
    }
  }

  @Example
  void blocksTooLargeForAnArrayAreRefusedBeforeAnythingIsRead() {
    BlockRef block =
        new BlockRef(described(DType.F32, 100_000, 30_000), 100_000, 30_000, 0, Layout.ROW_MAJOR);
    BlockReader reader = new BlockReader(ElementType.FLOAT);
    FormatException e = assertThrows(FormatException.class, () -> reader.read(block));
    assertTrue(e.getMessage().contains("3000000000 numbers is too large"), e.getMessage());
    assertTrue(e.getMessage().contains("--columns"), e.getMessage());
  }

  @Example
  void aStreamThatEndsEarlyIsAnErrorBeforeTheArrayIsMade() {
    // 8 GB of numbers, of which none come: the test's heap could not hold them.
    BlockRef block =
        new BlockRef(described(DType.F32, 40_000, 50_000), 40_000, 50_000, 0, Layout.ROW_MAJOR);
    InputStream nothing = InputStream.nullInputStream();
    FormatException e =
        assertThrows(
            FormatException.class, () -> new BlockReader(ElementType.FLOAT).decode(block, nothing));
    assertTrue(e.getMessage().contains("ends early"), e.getMessage());
  }
}
