package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Treatment;
import io.github.colonnade.jobs.testing.CheckedOutput;
import io.github.colonnade.jobs.testing.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Matrices that are cut into ranges of their columns, there and back. */
class ColumnsIT {
  private static final int M = 24;
  private static final int N = 90;
  private static final double LIMIT = 0.05;

  @TempDir Path root;

  /** Row after row: 24×90, the first 60 columns near rank 3 and the others without structure. */
  private static double[] values(Random random) {
    double[] a = new double[M * N];
    double[] left = random.doubles(3 * M, -1, 1).toArray();
    double[] right = random.doubles(3 * N, -1, 1).toArray();
    for (int i = 0; i < M; i++) {
      for (int j = 0; j < N; j++) {
        double sum = random.nextGaussian() * (j < 60 ? 1e-3 : 1);
        for (int l = 0; l < 3 && j < 60; l++) {
          sum += left[3 * i + l] * right[3 * j + l];
        }
        a[i * N + j] = sum;
      }
    }
    return a;
  }

  private static double[] transposed(double[] a) {
    double[] b = new double[a.length];
    for (int i = 0; i < M; i++) {
      for (int j = 0; j < N; j++) {
        b[j * M + i] = a[i * N + j];
      }
    }
    return b;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void partsAreCompressedVerifiedAndPutTogetherAgain(boolean tall) {
    double[] a = values(new Random(4));
    Path input = root.resolve("in.safetensors");
    Tensor.write(
        input,
        List.of(
            tall ? Tensor.of("w", "F32", transposed(a), N, M) : Tensor.of("w", "F32", a, M, N),
            Tensor.of("bias", "F32", new double[] {1, 2}, 2)));
    String output = root.resolve("out").toString();
    String dense = root.resolve("dense").toString();
    List<String> arguments =
        Stream.of(
                "compress",
                input.toString(),
                "--output",
                output,
                "--max-error",
                "" + LIMIT,
                "--columns",
                "20",
                tall ? "--transpose=always" : "--strict")
            .toList();

    run(arguments.toArray(String[]::new));
    run("verify", output);
    run("reconstruct", output, "--output", dense);

    Manifest manifest = CheckedOutput.check(root.resolve("out"), input);
    List<BlockEntry> parts =
        manifest.blocks().stream().filter(block -> block.part().isPresent()).toList();
    assertEquals(
        List.of("w[0:20]", "w[20:40]", "w[40:60]", "w[60:80]", "w[80:90]"),
        parts.stream().map(BlockEntry::id).toList());
    assertTrue(parts.stream().allMatch(block -> block.transposed() == tall));
    assertEquals(
        Set.of(Treatment.SHARED, Treatment.RAW),
        parts.stream().map(BlockEntry::treatment).collect(Collectors.toSet()));
    Tensor back =
        Objects.requireNonNull(Tensor.read(root.resolve("dense/in.safetensors")).get("w"));
    Tensor original = Objects.requireNonNull(Tensor.read(input).get("w"));
    assertEquals(original.shape(), back.shape());
    assertEquals("F32", back.dtype());
    double[] before = original.values();
    double[] after = back.values();
    for (int part = 0; part < 5; part++) {
      double[] x = part(before, part, tall);
      double[] y = part(after, part, tall);
      if (part < 3) {
        double error = 0;
        double energy = 0;
        for (int i = 0; i < x.length; i++) {
          error += (x[i] - y[i]) * (x[i] - y[i]);
          energy += x[i] * x[i];
        }
        assertTrue(error > 0 && Math.sqrt(error / energy) <= LIMIT + 1e-6, "part " + part);
      } else {
        assertArrayEquals(x, y);
      }
    }
  }

  private static double[] part(double[] values, int part, boolean tall) {
    int from = 20 * part;
    int to = Math.min(N, from + 20);
    double[] numbers = new double[M * (to - from)];
    for (int i = 0; i < M; i++) {
      for (int j = from; j < to; j++) {
        numbers[i * (to - from) + j - from] = values[tall ? j * M + i : i * N + j];
      }
    }
    return numbers;
  }

  private static void run(String... arguments) {
    Session session = Session.run(arguments);
    assertEquals(0, session.exitCode, () -> Arrays.toString(arguments) + session.err());
  }
}
