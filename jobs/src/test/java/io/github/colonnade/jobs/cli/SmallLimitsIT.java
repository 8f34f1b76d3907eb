package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Treatment;
import io.github.colonnade.jobs.testing.CheckedOutput;
import io.github.colonnade.jobs.testing.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Error limits of about the rounding of double, there and back. */
class SmallLimitsIT {
  private static final int M = 30;
  private static final int N = 40;

  @TempDir Path root;

  /** Six matrices of rank 4 but for rounding, of a common span and of very different sizes. */
  private static List<Tensor> tensors() {
    Random random = new Random(8);
    double[] left = random.doubles(4 * M, -1, 1).toArray();
    List<Tensor> tensors = new ArrayList<>();
    for (int t = 0; t < 6; t++) {
      double[] right = random.doubles(4 * N, -1, 1).toArray();
      double[] a = new double[M * N];
      for (int at = 0; at < a.length; at++) {
        for (int k = 0; k < 4; k++) {
          a[at] += left[at / N * 4 + k] * right[at % N * 4 + k];
        }
        a[at] = Math.scalb(a[at], t == 5 ? -400 : t == 4 ? 400 : t);
      }
      tensors.add(Tensor.of("w" + t, "F64", a, M, N));
    }
    return tensors;
  }

  @ParameterizedTest
  @CsvSource({
    "1e-16, block",
    "1e-16, cluster",
    "1e-16, collection",
    "8e-16, block",
    "8e-16, cluster",
    "2e-13, block",
    "2e-13, cluster",
    "2e-13, collection"
  })
  void smallLimitsAreKeptAndFoundKept(String limit, String scope) {
    Path input = root.resolve("in.safetensors");
    Tensor.write(input, tensors());
    Path output = root.resolve("out");
    String[] compress = {
      "compress",
      input.toString(),
      "--output",
      output.toString(),
      "--max-error",
      limit,
      "--scope",
      scope,
      "--precision",
      "float64",
      "--store-dtype",
      "f64"
    };
    assertDone(Session.run(compress));
    Manifest manifest = CheckedOutput.check(output, input);
    assertDone(Session.run("verify", output.toString()));
    Path dense = root.resolve("dense");
    assertDone(Session.run("reconstruct", output.toString(), "--output", dense.toString()));

    double allowed = Double.parseDouble(limit);
    boolean some = manifest.blocks().stream().anyMatch(block -> block.treatment() != Treatment.RAW);
    // All but the largest are less than the limit of the whole collection.
    assertEquals(allowed > 1e-13 || scope.equals("collection"), some, "factors at " + limit);
    Map<String, Tensor> back = Tensor.read(dense.resolve("in.safetensors"));
    double[] joint = new double[2];
    for (Tensor tensor : tensors()) {
      double[] values = Objects.requireNonNull(back.get(tensor.name())).values();
      double[] own = lostAndEnergy(tensor.values(), values);
      joint[0] += own[0];
      joint[1] += own[1];
      if (scope.equals("block")) {
        assertWithin(allowed, own, tensor.name());
      }
    }
    assertWithin(allowed, joint, "all");
  }

  private static void assertWithin(double limit, double[] lostAndEnergy, String what) {
    double error = Math.sqrt(lostAndEnergy[0] / lostAndEnergy[1]);
    assertTrue(error <= limit, what + " is off by " + error);
  }

  private static void assertDone(Session session) {
    assertEquals(0, session.exitCode, String.join("\n", session.err()) + session.out());
  }

  private static double[] lostAndEnergy(double[] a, double[] b) {
    double[] sums = new double[2];
    for (int i = 0; i < a.length; i++) {
      sums[0] += (a[i] - b[i]) * (a[i] - b[i]);
      sums[1] += a[i] * a[i];
    }
    return sums;
  }
}
