package io.github.colonnade.jobs.stored;

import static io.github.colonnade.jobs.stored.CompressedDirectories.Of.columnMajor;
import static io.github.colonnade.jobs.stored.CompressedDirectories.Of.rowMajor;

import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.jobs.stored.CompressedDirectories.Of;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Collections for tests. */
public final class Samples {
  public static final String SHARD_1 = "model-00001-of-00002.safetensors";
  public static final String SHARD_2 = "model-00002-of-00002.safetensors";
  public static final String NPY = "vectors/bias.npy";

  /** No block of the sample has a larger error. */
  public static final double LIMIT = 0.9;

  private Samples() {}

  /**
   * One of everything: two shards with an index and an npy file; a shared basis for row-major and
   * transposed blocks, a tensor in parts of which one is raw, blocks alone in each float type, of
   * zeros, and of numbers like 1e±200; raw, passed through, empty and rejected tensors.
   */
  public static CompressedDirectories everything(Path root) {
    Random random = new Random(42);
    CompressedDirectories sample =
        new CompressedDirectories(root)
            .tensor(SHARD_1, "ids", DType.I64, dims(3), bytes(random, 24))
            .tensor(SHARD_1, "b", DType.F32, dims(12, 10), matrix(random, 12, 10, 1))
            .tensor(SHARD_1, "a", DType.F32, dims(12, 8), matrix(random, 12, 8, 3))
            .tensor(SHARD_1, "half", DType.F16, dims(9, 7), matrix(random, 9, 7, 1))
            .tensor(SHARD_2, "t", DType.F32, dims(7, 12), matrix(random, 7, 12, 0.5))
            .tensor(SHARD_2, "rows", DType.BF16, dims(4, 3, 6), matrix(random, 12, 6, 1))
            .tensor(SHARD_2, "zero", DType.F32, dims(5, 4), new double[20])
            .tensor(SHARD_2, "tiny", DType.F64, dims(6, 5), matrix(random, 6, 5, 1e-200))
            .tensor(SHARD_2, "huge", DType.F64, dims(6, 5), matrix(random, 6, 5, 1e200))
            .tensor(SHARD_2, "noise", DType.F32, dims(3, 3), matrix(random, 3, 3, 1))
            .tensor(SHARD_2, "nan", DType.F32, dims(2, 2), 1, Double.NaN, 3, 4)
            .tensor(SHARD_2, "empty", DType.F32, dims(0, 4), new byte[0])
            .tensor(SHARD_2, "flags", DType.BOOL, dims(5), bytes(random, 5))
            .file("model.safetensors.index.json", index())
            .npy(NPY, "bias", 1, -2.5, 1e-300, Math.PI, 0)
            .input("")
            .input(NPY);
    Of rows = columnMajor(SHARD_2, "rows", 6);
    return sample
        .cluster(
            "shared",
            3,
            DType.F32,
            1,
            rowMajor(SHARD_1, "a", 12),
            rowMajor(SHARD_1, "b", 12),
            columnMajor(SHARD_2, "t", 12))
        .cluster("parts", 2, DType.BF16, 1, rows.columns(9, 12), rows.columns(0, 5))
        .cluster("zero", 0, DType.F32, 1, rowMajor(SHARD_2, "zero", 5))
        .cluster("half", 2, DType.F16, 0.25, rowMajor(SHARD_1, "half", 9))
        .cluster("tiny", 2, DType.F32, Math.scalb(1.0, -664), rowMajor(SHARD_2, "tiny", 6))
        .cluster("huge", 2, DType.F64, 1, rowMajor(SHARD_2, "huge", 6))
        .raw(rows.columns(5, 9))
        .raw(rowMajor(SHARD_2, "noise", 3))
        .pass(SHARD_1, "ids")
        .pass(SHARD_2, "empty")
        .pass(SHARD_2, "flags")
        .pass(NPY, "bias")
        .reject(SHARD_2, "nan");
  }

  /** One shared cluster of so many blocks of one column that its work is cut into pieces. */
  public static CompressedDirectories manyBlocks(Path root, int blocks) throws IOException {
    Random random = new Random(1);
    Of rows = columnMajor("m.safetensors", "w", 3);
    Of[] members = new Of[blocks];
    Arrays.setAll(members, j -> rows.columns(j, j + 1));
    return new CompressedDirectories(root)
        .tensor("m.safetensors", "w", DType.F32, dims(blocks, 3), matrix(random, blocks, 3, 1))
        .input("m.safetensors")
        .cluster("many", 2, DType.F32, 1, members);
  }

  /**
   * Four blocks that use some of three directions each: both layouts, one that uses none, and a
   * cluster beside them.
   */
  public static CompressedDirectories someDirections(Path root) {
    Random random = new Random(8);
    String file = "m.safetensors";
    return new CompressedDirectories(root)
        .tensor(file, "x", DType.F64, dims(6, 4), matrix(random, 6, 4, 1))
        .tensor(file, "y", DType.F64, dims(5, 6), matrix(random, 5, 6, 1))
        .tensor(file, "z", DType.F64, dims(6, 3), new double[18])
        .tensor(file, "w", DType.F64, dims(6, 5), matrix(random, 6, 5, 1))
        .input(file)
        .ragged(
            "c",
            3,
            DType.F64,
            0.5,
            List.of(new int[] {0, 1, 2}, new int[] {0, 1, 2}, new int[0], new int[] {2}),
            rowMajor(file, "x", 6),
            columnMajor(file, "y", 6),
            rowMajor(file, "z", 6),
            rowMajor(file, "w", 6));
  }

  /** m·n numbers, row after row, of a matrix near rank 2. */
  public static double[] matrix(Random random, int m, int n, double size) {
    double[] left = random.doubles(2L * m, -1, 1).toArray();
    double[] right = random.doubles(2L * n, -1, 1).toArray();
    double[] a = new double[m * n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = left[2 * i] * right[2 * j] + left[2 * i + 1] * right[2 * j + 1];
        a[i * n + j] = size * (sum + 0.1 * random.nextGaussian());
      }
    }
    return a;
  }

  private static byte[] index() {
    StringBuilder map = new StringBuilder();
    for (String name : new String[] {"ids", "b", "a", "half"}) {
      map.append(String.format("\"%s\": \"%s\", ", name, SHARD_1));
    }
    for (String name :
        new String[] {"t", "rows", "zero", "tiny", "huge", "noise", "nan", "empty", "flags"}) {
      map.append(String.format("\"%s\": \"%s\", ", name, SHARD_2));
    }
    map.setLength(map.length() - 2);
    return ("{\"metadata\": {}, \"weight_map\": {" + map + "}}").getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] bytes(Random random, int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  private static long[] dims(long... dims) {
    return dims;
  }
}
