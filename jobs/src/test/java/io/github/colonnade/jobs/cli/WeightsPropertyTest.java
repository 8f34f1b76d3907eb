package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.colonnade.jobs.manifest.Precision;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.StoreDtype;
import io.github.colonnade.jobs.testing.CheckedOutput;
import io.github.colonnade.jobs.testing.Tensor;
import io.github.colonnade.jobs.testing.TestCollections;
import io.github.colonnade.jobs.testing.TestCollections.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/** Whatever weights come with whatever input, what comes out keeps every promise. */
class WeightsPropertyTest {

  @Property(tries = 15, shrinking = ShrinkingMode.OFF)
  void everyPromiseIsKeptWithWeights(
      @ForAll("kinds") List<Kind> kinds,
      @ForAll("dtypes") String dtype,
      @ForAll Scope scope,
      @ForAll Precision precision,
      @ForAll StoreDtype store,
      @ForAll("strategies") String strategy,
      @ForAll("limits") String limit,
      @ForAll long seed)
      throws IOException {
    Path directory = Files.createTempDirectory("weights");
    try {
      Path input = directory.resolve("in.safetensors");
      List<Kind> all = new ArrayList<>(List.of(Kind.NOISY, Kind.SHARED));
      all.addAll(kinds);
      List<Tensor> tensors = TestCollections.of(all, List.of(dtype), seed);
      Tensor.write(input, tensors);
      Path weights = directory.resolve("weights.safetensors");
      Tensor.write(weights, weights(tensors, new Random(seed)));
      Path output = directory.resolve("out");
      Session session =
          Session.run(
              "compress",
              input.toString(),
              "--output=" + output,
              "--max-error=" + limit,
              "--parallelism=2",
              "--scope=" + scope,
              "--precision=" + precision,
              "--store-dtype=" + store,
              "--strategy=" + strategy,
              "--weights=" + weights);
      assertEquals(0, session.exitCode, session.err().toString());
      CheckedOutput.check(output, input);
      Session verified = Session.run("verify", output.toString(), "--parallelism=2");
      assertEquals(0, verified.exitCode, verified.err().toString());
    } finally {
      Directories.delete(directory);
    }
  }

  /** Weights of every kind for two of three matrices, and always for the first. */
  private static List<Tensor> weights(List<Tensor> tensors, Random random) {
    List<Tensor> weights = new ArrayList<>();
    for (Tensor tensor : tensors) {
      if (tensor.shape().size() != 2 || (!weights.isEmpty() && random.nextInt(3) == 0)) {
        continue;
      }
      int n = tensor.shape().get(1).intValue();
      String dtype = random.nextBoolean() ? "F64" : "F32";
      double size = random.nextBoolean() ? 1 : 1e30;
      if (random.nextBoolean()) {
        double[] h = new double[n];
        for (int j = 0; j < n; j++) {
          h[j] = random.nextInt(4) == 0 ? 0 : size * Math.pow(10, -3 * random.nextDouble());
        }
        weights.add(Tensor.of(tensor.name(), dtype, h, n));
      } else {
        // Rank-deficient more often than not, with zero rows now and then.
        double[] h = new double[n * n];
        boolean zeroRows = random.nextBoolean();
        for (int l = 1 + random.nextInt(2 * n); l > 0; l--) {
          double[] x = random.doubles(n, -1, 1).toArray();
          for (int i = 0; i < h.length; i++) {
            boolean zero = zeroRows && (i / n % 3 == 1 || i % n % 3 == 1);
            h[i] += zero ? 0 : size * x[i / n] * x[i % n];
          }
        }
        // Rounding to float32 makes a singular matrix indefinite, which is another test's subject.
        weights.add(Tensor.of(tensor.name(), "F64", h, n, n));
      }
    }
    return weights;
  }

  @Provide
  Arbitrary<List<Kind>> kinds() {
    return Arbitraries.of(Kind.values()).list().ofMinSize(3).ofMaxSize(12);
  }

  @Provide
  Arbitrary<String> dtypes() {
    return Arbitraries.of("F64", "F32", "F16", "BF16");
  }

  @Provide
  Arbitrary<String> strategies() {
    return Arbitraries.of("incremental-residual", "max-norm", "auto");
  }

  @Provide
  Arbitrary<String> limits() {
    return Arbitraries.of("0", "1e-7", "1e-4", "0.003", "0.02", "0.1", "0.3", "0.6");
  }
}
