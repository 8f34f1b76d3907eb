package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Transpose;
import io.github.colonnade.jobs.manifest.Treatment;
import io.github.colonnade.jobs.testing.CheckedOutput;
import io.github.colonnade.jobs.testing.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Which way round matrices are taken, and whether wide ones are cut, when the user does not say.
 */
class LayoutIT {
  private static final int LONG = 60;
  private static final int SHORT = 20;
  private static final int RANK = 3;

  @TempDir Path root;

  private final Random random = new Random(12);

  /** Row after row, m×r. */
  private double[] gaussian(int m, int r) {
    return random.doubles((long) m * r).map(x -> 2 * x - 1).toArray();
  }

  /** Row after row: the product of an m×r and an r×n matrix, and a little noise. */
  private double[] product(double[] left, double[] right, int m, int n) {
    int r = left.length / m;
    double[] a = new double[m * n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = 1e-3 * random.nextGaussian();
        for (int l = 0; l < r; l++) {
          sum += left[i * r + l] * right[l * n + j];
        }
        a[i * n + j] = sum;
      }
    }
    return a;
  }

  private static double[] transposed(double[] a, int m, int n) {
    double[] b = new double[a.length];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        b[j * m + i] = a[i * n + j];
      }
    }
    return b;
  }

  /** Matrices U·S with one U of the long side; every second transposed if they are mixed. */
  private List<Tensor> shareTheLongSide(int count, boolean wide, boolean mixed) {
    double[] u = gaussian(LONG, RANK);
    List<Tensor> tensors = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      double[] a = product(u, gaussian(RANK, SHORT), LONG, SHORT);
      boolean turn = wide || (mixed && k % 2 == 1);
      tensors.add(
          turn
              ? Tensor.of("w" + k, "F32", transposed(a, LONG, SHORT), SHORT, LONG)
              : Tensor.of("w" + k, "F32", a, LONG, SHORT));
    }
    return tensors;
  }

  private Manifest compress(Path input, String name, String... options) {
    List<String> arguments = new ArrayList<>(List.of("compress", input.toString()));
    arguments.addAll(List.of("--output", root.resolve(name).toString(), "--max-error", "0.02"));
    arguments.addAll(List.of(options));
    run(arguments.toArray(String[]::new));
    return CheckedOutput.check(root.resolve(name), input);
  }

  private static Session run(String... arguments) {
    Session session = Session.run(arguments);
    assertEquals(0, session.exitCode, () -> Arrays.toString(arguments) + session.err());
    return session;
  }

  private static double ratio(Manifest manifest) {
    return manifest.totals().compressionRatio();
  }

  /** Verifies and reconstructs, and compares names, shapes and number formats. */
  private void comesBack(String name, List<Tensor> originals) {
    run("verify", root.resolve(name).toString());
    Path dense = root.resolve(name + "-dense");
    run("reconstruct", root.resolve(name).toString(), "--output", dense.toString());
    Map<String, Tensor> back = Tensor.read(dense.resolve("in.safetensors"));
    assertEquals(originals.size(), back.size());
    for (Tensor original : originals) {
      Tensor tensor = back.getOrDefault(original.name(), original);
      assertEquals(original.shape(), tensor.shape());
      assertEquals(original.dtype(), tensor.dtype());
      double[] x = original.values();
      double[] y = tensor.values();
      double error = 0;
      double energy = 0;
      for (int i = 0; i < x.length; i++) {
        error += (x[i] - y[i]) * (x[i] - y[i]);
        energy += x[i] * x[i];
      }
      assertTrue(error > 0 && error <= 0.021 * 0.021 * energy, original.name());
    }
  }

  @Test
  void tallMatricesWithACommonLeftFactorStayAsTheyAre() {
    List<Tensor> tensors = shareTheLongSide(12, false, false);
    Path input = Tensor.write(root.resolve("in.safetensors"), tensors);

    Manifest chosen = compress(input, "auto");

    assertEquals(Transpose.AUTO, chosen.settings().transpose());
    assertTrue(chosen.blocks().stream().noneMatch(BlockEntry::transposed));
    assertTrue(chosen.blocks().stream().allMatch(b -> b.treatment() == Treatment.SHARED));
    assertTrue(ratio(chosen) > 2 * ratio(compress(input, "always", "--transpose", "always")));
    comesBack("auto", tensors);
  }

  @Test
  void wideMatricesWithACommonRightFactorAreTransposed() {
    List<Tensor> tensors = shareTheLongSide(12, true, false);
    Path input = Tensor.write(root.resolve("in.safetensors"), tensors);

    Manifest chosen = compress(input, "auto");

    assertTrue(chosen.blocks().stream().allMatch(BlockEntry::transposed));
    assertTrue(chosen.blocks().stream().allMatch(b -> b.treatment() == Treatment.SHARED));
    assertTrue(ratio(chosen) > 2 * ratio(compress(input, "never", "--transpose=never")));
    comesBack("auto", tensors);
  }

  /** Of more matrices than a sample has; every third has nothing in common with the others. */
  @Test
  void theOrientationOfALargeFamilyIsTheCheaperOne() {
    List<Tensor> tensors = new ArrayList<>(shareTheLongSide(150, true, false));
    for (int k = 0; k < tensors.size(); k += 3) {
      tensors.set(k, Tensor.of("w" + k, "F32", gaussian(SHORT, LONG), SHORT, LONG));
    }
    Path input = Tensor.write(root.resolve("in.safetensors"), tensors);

    Manifest chosen = compress(input, "auto");

    run("verify", root.resolve("auto").toString());
    long never = stored(compress(input, "never", "--transpose", "never"));
    long always = stored(compress(input, "always", "--transpose", "always"));
    assertTrue(always < 0.9 * never, always + " " + never);
    assertEquals(always, stored(chosen));
    assertTrue(chosen.blocks().stream().allMatch(BlockEntry::transposed));
  }

  private static long stored(Manifest manifest) {
    return manifest.totals().numbersStored();
  }

  @Test
  void matricesOfBothShapesMeetInOneFamily() {
    List<Tensor> tensors = shareTheLongSide(12, false, true);
    Path input = Tensor.write(root.resolve("in.safetensors"), tensors);

    Manifest chosen = compress(input, "auto");

    assertEquals(1, chosen.clusters().size());
    assertEquals(6, chosen.blocks().stream().filter(BlockEntry::transposed).count());
    assertTrue(ratio(chosen) > 1.5 * ratio(compress(input, "never", "--transpose", "never")));
    comesBack("auto", tensors);
  }

  @Test
  void aVeryWideMatrixOfManySubspacesIsCut() {
    int m = 32;
    int ranges = 8;
    int width = 256;
    double[] a = new double[m * ranges * width];
    for (int range = 0; range < ranges; range++) {
      double[] part = product(gaussian(m, 4), gaussian(4, width), m, width);
      for (int i = 0; i < m; i++) {
        System.arraycopy(part, i * width, a, (i * ranges + range) * width, width);
      }
    }
    List<Tensor> tensors = List.of(Tensor.of("w", "F32", a, m, (long) ranges * width));
    Path input = Tensor.write(root.resolve("in.safetensors"), tensors);

    Manifest chosen = compress(input, "auto");

    assertTrue(chosen.blocks().size() > ranges, chosen.totals().toString());
    Manifest whole = compress(input, "whole", "--columns", "2048", "--transpose", "never");
    assertEquals(1, whole.blocks().size());
    assertTrue(ratio(chosen) > 4 * ratio(whole), chosen.totals().toString());
    comesBack("auto", tensors);

    // The same matrix as it would lie in the columns of a table.
    Path tall =
        Tensor.write(
            root.resolve("tall.safetensors"),
            List.of(Tensor.of("w", "F32", transposed(a, m, ranges * width), 2048, m)));
    Manifest table = compress(tall, "table");
    assertTrue(table.blocks().stream().allMatch(BlockEntry::transposed));
    assertEquals(chosen.totals().numbersStored(), table.totals().numbersStored());
  }

  @Test
  void theChoiceDoesNotDependOnTheParallelism() {
    List<Tensor> tensors = new ArrayList<>(shareTheLongSide(9, true, false));
    tensors.add(Tensor.of("nan", "F32", new double[] {1, Double.NaN, 3, 4, 5, 6}, 2, 3));
    double[] broken = gaussian(SHORT, LONG);
    broken[7] = Double.NaN;
    tensors.add(Tensor.of("w9", "F32", broken, SHORT, LONG));
    Path input = Tensor.write(root.resolve("in.safetensors"), tensors);

    Manifest one = compress(input, "one", "--parallelism", "1");
    Manifest three = compress(input, "three", "--parallelism", "3");

    assertEquals(2, one.rejected().size());
    assertTrue(one.blocks().stream().allMatch(BlockEntry::transposed));
    assertEquals(one.blocks(), three.blocks());
    assertEquals(one.clusters(), three.clusters());
  }

  @Test
  void planSaysWhatWillBeChosen() {
    Path input = Tensor.write(root.resolve("in.safetensors"), shareTheLongSide(4, true, false));
    String open = "orientation, and columns of wide matrices: chosen by cost on a sample";
    assertTrue(run("plan", input.toString()).out().contains(open));
    assertTrue(
        run("plan", input.toString(), "--transpose", "never")
            .out()
            .contains("  columns of wide matrices: chosen by cost"));
    assertTrue(
        !run("plan", input.toString(), "--transpose", "always", "--columns", "9")
            .out()
            .contains("chosen"));
    assertTrue(!run("plan", input.toString(), "--strategy=max-norm").out().contains("chosen"));
  }
}
