package io.github.colonnade.jobs.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random collections with every kind of block that has broken a compressor before. */
public final class TestCollections {

  /** What a tensor is. */
  public enum Kind {
    SHARED,
    NOISY,
    RANDOM,
    SOME,
    DUPLICATE,
    DEFICIENT,
    ZERO,
    COLUMN,
    WIDE,
    TALL,
    TINY,
    HUGE,
    INTEGERS,
    VECTOR,
    SCALAR,
    EMPTY,
    CUBE,
    NAN,
    INFINITE
  }

  /** The rows of most matrices. */
  public static final int ROWS = 12;

  private static final int RANK = 3;

  private TestCollections() {}

  /**
   * A collection; the same arguments give the same bytes.
   *
   * @param dtypes taken in turn
   */
  public static List<Tensor> of(List<Kind> kinds, List<String> dtypes, long seed) {
    Random random = new Random(seed);
    double[] shared = gaussian(random, ROWS * RANK);
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < kinds.size(); i++) {
      String name = "layer." + i + "." + kinds.get(i);
      tensors.add(tensor(name, kinds.get(i), dtypes.get(i % dtypes.size()), shared, random));
    }
    return tensors;
  }

  private static Tensor tensor(
      String name, Kind kind, String dtype, double[] shared, Random random) {
    int n = 4 + random.nextInt(9);
    return switch (kind) {
      case SHARED -> matrix(name, dtype, low(shared, n, random), n);
      case NOISY -> matrix(name, dtype, plus(low(shared, n, random), random, 0.03), n);
      case RANDOM -> matrix(name, dtype, gaussian(random, ROWS * n), n);
      case SOME -> matrix(name, dtype, some(shared, n, random), n);
      case DUPLICATE -> matrix(name, dtype, low(shared, 6, new Random(7)), 6);
      case DEFICIENT -> matrix(name, dtype, low(gaussian(random, ROWS * RANK), n, random), n);
      case ZERO -> matrix(name, dtype, new double[ROWS * n], n);
      case COLUMN -> matrix(name, dtype, low(shared, 1, random), 1);
      case WIDE -> matrix(name, dtype, plus(low(shared, 50, random), random, 0.01), 50);
      case TALL -> Tensor.of(name, dtype, gaussian(random, 40 * 5), 40, 5);
      case TINY -> matrix(name, wide(dtype), times(low(shared, n, random), 1e-20), n);
      case HUGE -> matrix(name, wide(dtype), times(low(shared, n, random), 1e20), n);
      case INTEGERS -> new Tensor(name, "I32", List.of(3L, 2L), bytes(random, 24));
      case VECTOR -> Tensor.of(name, dtype, gaussian(random, 7), 7);
      case SCALAR -> Tensor.of(name, dtype, gaussian(random, 1));
      case EMPTY -> Tensor.of(name, dtype, new double[0], 0, 5);
      case CUBE -> Tensor.of(name, dtype, gaussian(random, 24), 2, 3, 4);
      case NAN -> matrix(name, dtype, last(gaussian(random, ROWS * n), Double.NaN), n);
      case INFINITE ->
          matrix(name, dtype, last(gaussian(random, ROWS * n), Double.NEGATIVE_INFINITY), n);
    };
  }

  /** What does not fit into 16 bits is kept in 32. */
  private static String wide(String dtype) {
    return dtype.equals("F16") ? "F32" : dtype;
  }

  private static Tensor matrix(String name, String dtype, double[] values, int n) {
    return Tensor.of(name, dtype, values, ROWS, n);
  }

  /** A matrix of ROWS×n, row after row, in the span of the basis. */
  private static double[] low(double[] basis, int n, Random random) {
    double[] values = new double[ROWS * n];
    for (int l = 0; l < RANK; l++) {
      for (int j = 0; j < n; j++) {
        double weight = random.nextGaussian();
        for (int i = 0; i < ROWS; i++) {
          values[i * n + j] += weight * basis[i * RANK + l];
        }
      }
    }
    return values;
  }

  /** As {@link #low}, with two of the directions of the basis. */
  private static double[] some(double[] basis, int n, Random random) {
    double[] two = basis.clone();
    int without = random.nextInt(RANK);
    for (int i = 0; i < ROWS; i++) {
      two[i * RANK + without] = 0;
    }
    return plus(low(two, n, random), random, 0.02);
  }

  private static double[] plus(double[] values, Random random, double noise) {
    for (int i = 0; i < values.length; i++) {
      values[i] += noise * random.nextGaussian();
    }
    return values;
  }

  private static double[] times(double[] values, double factor) {
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
    return values;
  }

  private static double[] last(double[] values, double value) {
    values[values.length - 1] = value;
    return values;
  }

  private static double[] gaussian(Random random, int length) {
    double[] values = new double[length];
    for (int i = 0; i < length; i++) {
      values[i] = random.nextGaussian();
    }
    return values;
  }

  private static byte[] bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}
