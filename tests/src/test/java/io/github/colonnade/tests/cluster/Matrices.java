package io.github.colonnade.tests.cluster;

import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.write.SafetensorsSpool;
import io.github.colonnade.connectors.write.TensorHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;

/** Input for jobs: matrices of which some share a basis, with noise, and vectors. */
public final class Matrices {
  private static final int DIRECTIONS = 3;
  private static final double NOISE = 0.02;

  private Matrices() {}

  /**
   * A safetensors file.
   *
   * @param folder for what is written on the way
   * @param count of matrices, each rows×columns
   * @param seed of all numbers
   */
  public static byte[] file(Path folder, int count, int rows, int columns, long seed)
      throws IOException {
    Random random = new Random(seed);
    Path file = folder.resolve("matrices.safetensors");
    try (SafetensorsSpool spool =
        SafetensorsSpool.create(new org.apache.flink.core.fs.Path(folder.toUri()))) {
      double[] basis = gaussian(random, rows * DIRECTIONS);
      for (int i = 0; i < count; i++) {
        if (i % 4 == 0) {
          basis = gaussian(random, rows * DIRECTIONS);
        }
        spool.add(
            new TensorHeader("matrix." + i, DType.F32, Shape.of(rows, columns)),
            matrix(random, basis, rows, columns));
      }
      spool.add(
          new TensorHeader("vector", DType.F32, Shape.of(rows)), bytes(gaussian(random, rows)));
      spool.finish(new org.apache.flink.core.fs.Path(file.toUri()), Map.of());
    }
    byte[] bytes = Files.readAllBytes(file);
    Files.delete(file);
    return bytes;
  }

  private static byte[] matrix(Random random, double[] basis, int rows, int columns) {
    double[] coefficients = gaussian(random, DIRECTIONS * columns);
    double[] noise = gaussian(random, rows * columns);
    double[] values = new double[rows * columns];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        double sum = NOISE * noise[i * columns + j];
        for (int k = 0; k < DIRECTIONS; k++) {
          sum += basis[i * DIRECTIONS + k] * coefficients[k * columns + j];
        }
        values[i * columns + j] = sum;
      }
    }
    return bytes(values);
  }

  private static double[] gaussian(Random random, int length) {
    return random.doubles(length).map(any -> random.nextGaussian()).toArray();
  }

  private static byte[] bytes(double[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (double each : values) {
      bytes.putFloat((float) each);
    }
    return bytes.array();
  }
}
