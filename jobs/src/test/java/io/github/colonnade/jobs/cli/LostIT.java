package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.LostEntry;
import io.github.colonnade.jobs.manifest.LostMode;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.manifest.Treatment;
import io.github.colonnade.jobs.testing.CheckedOutput;
import io.github.colonnade.jobs.testing.Tensor;
import io.github.colonnade.svd.lost.Activation;
import io.github.colonnade.svd.lost.ChannelRule;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Matrices by themselves as low rank and whole columns, through the program. */
class LostIT {
  private static final int OUT = 48;
  private static final int IN = 120;

  @TempDir private Path directory;
  private Path input = Path.of("");

  /** Low rank, noise, and some columns that are like no other, row after row. */
  private static double[] matrix(int m, int n, int rank, int[] outliers, long seed) {
    Random random = new Random(seed);
    double[] values = new double[m * n];
    for (int l = 0; l < rank; l++) {
      double[] u = random.doubles(m, -1, 1).toArray();
      double[] v = random.doubles(n, -1, 1).toArray();
      for (int k = 0; k < values.length; k++) {
        values[k] += u[k / n] * v[k % n];
      }
    }
    for (int k = 0; k < values.length; k++) {
      values[k] += 0.01 * random.nextGaussian();
    }
    for (int j : outliers) {
      for (int i = 0; i < m; i++) {
        values[i * n + j] = 3 * random.nextGaussian();
      }
    }
    return values;
  }

  @BeforeEach
  void write() throws IOException {
    double[] broken = matrix(OUT, IN, 2, new int[] {3}, 5);
    broken[77] = Double.NaN;
    double[] few = new double[500];
    few[7] = 5;
    few[401] = -4;
    few[8] = 0.01;
    List<Tensor> tensors = new ArrayList<>();
    tensors.add(
        Tensor.of("outliers", "F32", matrix(OUT, IN, 3, new int[] {2, 50, 119}, 1), OUT, IN));
    tensors.add(Tensor.of("plain", "F32", matrix(OUT, IN, 4, new int[0], 2), OUT, IN));
    tensors.add(Tensor.of("half", "BF16", matrix(OUT, IN, 3, new int[] {7, 8}, 3), OUT, IN));
    tensors.add(Tensor.of("tall", "F64", matrix(90, 30, 2, new int[] {0, 29}, 4), 90, 30));
    tensors.add(Tensor.of("noise", "F32", new Random(6).doubles(400).toArray(), 20, 20));
    tensors.add(Tensor.of("row", "F32", few, 1, 500));
    tensors.add(Tensor.of("zero", "F32", new double[OUT * 5], OUT, 5));
    tensors.add(Tensor.of("broken", "F32", broken, OUT, IN));
    tensors.add(Tensor.of("bias", "F32", new double[] {1, 2, 3}, 3));
    tensors.add(new Tensor("ids", "I64", List.of(1L, 2L), new byte[16]));
    input = directory.resolve("in.safetensors");
    Tensor.write(input, tensors);
  }

  private Session run(String name, String... options) {
    List<String> arguments = new ArrayList<>(List.of("lost", input.toString()));
    arguments.add("--output=" + directory.resolve(name));
    arguments.addAll(List.of(options));
    return Session.run(arguments.toArray(String[]::new));
  }

  private Manifest lost(String name, String... options) {
    Session session = run(name, options);
    assertEquals(0, session.exitCode, session.err().toString());
    return CheckedOutput.check(directory.resolve(name), input);
  }

  private Session verify(String name) {
    Session verified = Session.run("verify", directory.resolve(name).toString());
    assertEquals(0, verified.exitCode, verified.err().toString());
    return verified;
  }

  private static BlockEntry block(Manifest manifest, String tensor) {
    return manifest.blocks().stream()
        .filter(each -> each.tensor().equals(tensor))
        .findFirst()
        .orElseThrow();
  }

  private static ClusterEntry cluster(Manifest manifest, String tensor) {
    String id = block(manifest, tensor).cluster().orElseThrow();
    return manifest.clusters().stream()
        .filter(each -> each.id().equals(id))
        .findFirst()
        .orElseThrow();
  }

  private Tensor stored(String name, TensorLocation location) {
    Map<String, Tensor> file = Tensor.read(directory.resolve(name).resolve(location.file()));
    return Objects.requireNonNull(file.get(location.tensor()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"source", "f16", "f64"})
  void everyMatrixKeepsToTheLimitInTheFewestNumbers(String dtype) {
    Manifest manifest = lost("out", "--max-error=0.05", "--store-dtype=" + dtype);

    verify("out");
    BlockEntry outliers = block(manifest, "outliers");
    assertEquals(Treatment.LOST, outliers.treatment());
    assertEquals(List.of(2L, 50L, 119L), outliers.sparse().orElseThrow().channels());
    assertEquals(3, cluster(manifest, "outliers").rank());
    assertEquals(Treatment.ALONE, block(manifest, "plain").treatment());
    assertEquals(List.of(7L, 8L), block(manifest, "half").sparse().orElseThrow().channels());
    assertEquals(List.of(0L, 29L), block(manifest, "tall").sparse().orElseThrow().channels());
    assertEquals(Treatment.RAW, block(manifest, "noise").treatment());
    BlockEntry row = block(manifest, "row");
    assertEquals(List.of(7L, 401L), row.sparse().orElseThrow().channels());
    assertTrue(row.coefficients().isEmpty());
    assertEquals(0, cluster(manifest, "row").rank());
    assertEquals("broken", manifest.rejected().get(0).tensor());
    assertEquals(Treatment.PASSTHROUGH, block(manifest, "bias").treatment());
    assertEquals("lost", manifest.settings().strategy());
    assertEquals(LostMode.COMPRESS, manifest.settings().lost().orElseThrow().mode());
  }

  @Test
  void wholeColumnsComeBackBitForBit() {
    Manifest manifest = lost("out", "--max-error=0.05", "--store-dtype=bf16");
    Path dense = directory.resolve("dense");
    Session session =
        Session.run("reconstruct", directory.resolve("out").toString(), "--output=" + dense);
    assertEquals(0, session.exitCode, session.err().toString());

    Map<String, Tensor> found = Tensor.read(dense.resolve("in.safetensors"));
    Map<String, Tensor> originals = Tensor.read(input);
    for (BlockEntry block : manifest.blocks()) {
      if (block.treatment() == Treatment.PASSTHROUGH) {
        continue;
      }
      Tensor original = Objects.requireNonNull(originals.get(block.tensor()));
      Tensor result = Objects.requireNonNull(found.get(block.tensor()));
      double[] a = original.values();
      double[] b = result.values();
      double lost = 0;
      double energy = 0;
      for (int i = 0; i < a.length; i++) {
        lost += (a[i] - b[i]) * (a[i] - b[i]);
        energy += a[i] * a[i];
      }
      assertTrue(lost <= 0.0501 * 0.0501 * energy, block.id());
      if (block.sparse().isPresent()) {
        int n = original.shape().get(1).intValue();
        for (long channel : block.sparse().get().channels()) {
          for (int at = (int) channel; at < a.length; at += n) {
            assertEquals(a[at], b[at], block.id());
          }
        }
      }
    }
  }

  @Test
  void transposedMatricesKeepRows() {
    double[] values = matrix(OUT, IN, 3, new int[] {2, 50, 119}, 1);
    double[] turned = new double[values.length];
    for (int k = 0; k < values.length; k++) {
      turned[k % IN * OUT + k / IN] = values[k];
    }
    input = directory.resolve("turned.safetensors");
    write(input, Tensor.of("w", "F32", turned, IN, OUT));

    Manifest manifest = lost("out", "--max-error=0.05", "--transpose=always");

    verify("out");
    assertEquals(List.of(2L, 50L, 119L), block(manifest, "w").sparse().orElseThrow().channels());
    Path dense = directory.resolve("dense");
    assertEquals(
        0,
        Session.run("reconstruct", directory.resolve("out").toString(), "--output=" + dense)
            .exitCode);
    double[] found =
        Objects.requireNonNull(Tensor.read(dense.resolve("turned.safetensors")).get("w")).values();
    for (int i = 0; i < OUT; i++) {
      assertEquals((float) values[i * IN + 50], (float) found[50 * OUT + i]);
    }
  }

  private static void write(Path file, Tensor... tensors) {
    Tensor.write(file, List.of(tensors));
  }

  @Test
  void partsOfColumnsAreFactoredByThemselves() {
    Manifest manifest = lost("out", "--max-error=0.05", "--columns=50", "--include=outliers");

    verify("out");
    List<BlockEntry> parts =
        manifest.blocks().stream().filter(each -> each.tensor().equals("outliers")).toList();
    assertEquals(3, parts.size());
    assertEquals(List.of(2L), parts.get(0).sparse().orElseThrow().channels());
    assertEquals(List.of(0L), parts.get(1).sparse().orElseThrow().channels());
    assertEquals(List.of(19L), parts.get(2).sparse().orElseThrow().channels());
    Path dense = directory.resolve("dense");
    assertEquals(
        0,
        Session.run("reconstruct", directory.resolve("out").toString(), "--output=" + dense)
            .exitCode);
  }

  @Test
  void sizesCanBeAskedFor() {
    Manifest manifest =
        lost("out", "--rank=4", "--sparsity=0.05", "--include=outliers", "--include=plain");

    assertTrue(verify("out").out().contains("no limit"));
    assertEquals(6, block(manifest, "outliers").sparse().orElseThrow().channels().size());
    assertEquals(4, cluster(manifest, "plain").rank());
    assertTrue(block(manifest, "outliers").error() < 0.02);
    assertTrue(manifest.settings().maxError().isEmpty());
    assertEquals(4, manifest.settings().rank().orElseThrow());
    String shown = Session.run("inspect", directory.resolve("out").toString()).out();
    assertTrue(shown.contains("low rank and"), shown);
  }

  @Test
  void theLeastLimitOfARatioIsFound() {
    Manifest manifest = lost("out", "--target-ratio=1.5", "--exclude=noise");

    verify("out");
    assertTrue(manifest.totals().compressionRatio() >= 1.5);
    assertEquals(1.5, manifest.settings().targetRatio().orElseThrow());
  }

  @Test
  void theLeastLimitOfASizeIsFound() {
    Manifest manifest = lost("out", "--target-bytes=60000");

    verify("out");
    assertTrue(manifest.totals().bytesStored() <= 60_000);
    assertEquals(60_000, manifest.settings().targetBytes().orElseThrow());
    // A limit that is 2 % less takes more.
    double less = 0.98 * manifest.settings().maxError().orElseThrow();
    assertTrue(lost("less", "--max-error=" + less).totals().bytesStored() > 60_000);
  }

  @Test
  void columnsSaveNumbersOfWhatCompressFinds() {
    Manifest columns = lost("columns", "--max-error=0.05", "--include=outliers");
    Session session =
        Session.run(
            "compress",
            input.toString(),
            "--include=outliers",
            "--max-error=0.05",
            "--output=" + directory.resolve("compressed"));
    assertEquals(0, session.exitCode, session.err().toString());
    Manifest compressed = CheckedOutput.check(directory.resolve("compressed"), input);

    // A block by itself is encoded in the same way, or single coefficients are left out.
    assertTrue(compressed.totals().numbersStored() <= columns.totals().numbersStored());
    verify("compressed");
    session =
        Session.run(
            "compress",
            input.toString(),
            "--include=outliers",
            "--max-error=0.05",
            "--scope=cluster",
            "--output=" + directory.resolve("plain"));
    assertEquals(0, session.exitCode, session.err().toString());
    Manifest joint = CheckedOutput.check(directory.resolve("plain"), input);
    assertEquals(Treatment.ALONE, block(joint, "outliers").treatment());
    long passedThrough =
        columns.blocks().stream()
            .filter(each -> each.treatment() == Treatment.PASSTHROUGH)
            .mapToLong(each -> each.shape().stream().reduce(1L, (a, b) -> a * b))
            .sum();
    // Three columns and rank 3 for the others; a direction for each would take rank 6.
    long expected = 3 * (OUT + IN - 3) + 3 * OUT + (8 + 8 + 6 + 3) / 4;
    assertEquals(expected, columns.totals().numbersStored() - passedThrough);
    long plain = joint.totals().numbersStored() - passedThrough;
    assertTrue(plain <= 6 * (OUT + IN), plain + " numbers");
  }

  @ParameterizedTest
  @CsvSource({
    "complement-l2, none, source",
    "complement-l1, silu, f16",
    "smallest, none, bf16",
    "weight-l2, silu, f64",
    "random, none, source"
  })
  void layersAreMadeToBeTrained(String rule, String activation, String dtype) throws IOException {
    String[] options = {
      "--mode=pretrain",
      "--rank=6",
      "--sparsity=0.1",
      "--gamma=0.7",
      "--channels=" + rule,
      "--activation=" + activation,
      "--store-dtype=" + dtype,
      "--exclude=row",
      "--exclude=zero"
    };
    Manifest manifest = lost("out", options);
    Manifest again = lost("again", options);

    Session verified = verify("out");
    assertTrue(verified.out().contains("not an approximation"), verified.out());
    LostEntry entry = manifest.settings().lost().orElseThrow();
    assertEquals(LostMode.PRETRAIN, entry.mode());
    LostEntry.Layer layer = entry.layer().orElseThrow();
    assertEquals(0.7, layer.gamma());
    assertEquals(activation, layer.activation().toString());
    assertEquals(rule, layer.channels().toString());
    for (String tensor : List.of("outliers", "plain", "half", "tall", "noise")) {
      BlockEntry block = block(manifest, tensor);
      int in = block.shape().get(1).intValue();
      assertEquals(Treatment.LOST, block.treatment());
      assertEquals(Math.max(1, in / 10), block.sparse().orElseThrow().channels().size());
      assertEquals(
          List.of(6L, (long) in), stored("out", block.coefficients().orElseThrow()).shape());
      assertEquals(block.sparse(), block(again, tensor).sparse());
    }
    if (layer.channels() == ChannelRule.WEIGHT_L2) {
      assertTrue(
          block(manifest, "outliers")
              .sparse()
              .orElseThrow()
              .channels()
              .containsAll(List.of(2L, 50L, 119L)));
    }
    assertEquals(layer.activation(), activation.equals("silu") ? Activation.SILU : Activation.NONE);
    String header = header("out", cluster(manifest, "plain").basis().orElseThrow().file());
    assertTrue(header.contains("\"lost.gamma\":\"0.7\""), header);
    assertTrue(header.contains("\"lost.activation\":\"" + activation + "\""), header);

    Session refused =
        Session.run(
            "reconstruct",
            directory.resolve("out").toString(),
            "--output=" + directory.resolve("dense"));
    assertEquals(2, refused.exitCode);
    assertEquals(1, refused.err().size());
    assertTrue(refused.err().get(0).contains("do not approximate"), refused.err().get(0));
    assertFalse(Files.exists(directory.resolve("dense")));
  }

  private String header(String name, String file) throws IOException {
    byte[] bytes = Files.readAllBytes(directory.resolve(name).resolve(file));
    long length = ByteBuffer.wrap(bytes).order(java.nio.ByteOrder.LITTLE_ENDIAN).getLong();
    return new String(bytes, 8, (int) length, StandardCharsets.UTF_8);
  }

  @Test
  void factorsAreBalancedAndTheBestOfTheirRank() {
    Manifest manifest =
        lost("out", "--mode=pretrain", "--rank=4", "--sparsity=0", "--gamma=1", "--include=plain");

    BlockEntry block = block(manifest, "plain");
    double[] b = stored("out", cluster(manifest, "plain").basis().orElseThrow()).values();
    double[] a = stored("out", block.coefficients().orElseThrow()).values();
    assertTrue(block.error() < 0.02);
    for (int l = 0; l < 4; l++) {
      int at = l;
      double ofB = IntStream.range(0, OUT).mapToDouble(i -> b[i * 4 + at]).map(x -> x * x).sum();
      double ofA = Arrays.stream(a, l * IN, (l + 1) * IN).map(x -> x * x).sum();
      assertEquals(1, ofA / ofB, 1e-5);
    }
    assertEquals(1, block.sparse().orElseThrow().channels().size());
  }

  @Test
  void changedColumnsAreFound() throws IOException {
    Manifest manifest = lost("out", "--max-error=0.05", "--include=outliers");
    TensorLocation columns = block(manifest, "outliers").sparse().orElseThrow().columns();
    change("out", columns, 5);

    Session verified = Session.run("verify", directory.resolve("out").toString());

    assertEquals(1, verified.exitCode);
    assertTrue(
        verified.err().toString().contains("whole column 50 differs from the original")
            || verified.err().toString().contains("differs from the original"),
        verified.err().toString());
  }

  @Test
  void changedChannelsAreFound() throws IOException {
    for (String mode : List.of("compress", "pretrain")) {
      String[] options =
          mode.equals("compress")
              ? new String[] {"--max-error=0.05", "--include=outliers"}
              : new String[] {
                "--mode=pretrain",
                "--rank=3",
                "--sparsity=0.02",
                "--gamma=0.5",
                "--include=outliers"
              };
      Manifest manifest = lost(mode, options);
      TensorLocation bitmap = block(manifest, "outliers").sparse().orElseThrow().bitmap();
      change(mode, bitmap, 16);

      Session verified = Session.run("verify", directory.resolve(mode).toString());

      assertEquals(1, verified.exitCode);
      assertTrue(
          verified.err().toString().contains("its bitmap has other channels"),
          verified.err().toString());
    }
  }

  /** Changes a byte of a tensor. */
  private void change(String name, TensorLocation location, int at) throws IOException {
    Path file = directory.resolve(name).resolve(location.file());
    byte[] bytes = Files.readAllBytes(file);
    byte[] tensor = stored(name, location).bytes();
    int from =
        IntStream.range(0, bytes.length - tensor.length + 1)
            .filter(i -> Arrays.equals(bytes, i, i + tensor.length, tensor, 0, tensor.length))
            .findFirst()
            .orElseThrow();
    bytes[from + at] ^= 1;
    Files.write(file, bytes);
  }

  @Test
  void badSettingsAreToldInOneLine() {
    Session tooLarge = run("out", "--rank=21", "--sparsity=0.1", "--include=noise");
    assertEquals(2, tooLarge.exitCode);
    assertEquals(
        List.of(
            "colonnade: --rank: 21 is more than noise of "
                + "file:"
                + input
                + " has, which is 20×20; see --exclude"),
        tooLarge.err());
    assertFalse(Files.exists(directory.resolve("out")));
  }
}
