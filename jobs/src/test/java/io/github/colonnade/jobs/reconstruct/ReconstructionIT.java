package io.github.colonnade.jobs.reconstruct;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.colonnade.jobs.flink.LocalTarget;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.memory.PayloadLimit;
import io.github.colonnade.jobs.stored.CompressedDirectories;
import io.github.colonnade.jobs.stored.PlainSafetensors;
import io.github.colonnade.jobs.stored.PlainSafetensors.Tensor;
import io.github.colonnade.jobs.stored.Samples;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Reconstructs once, in a Flink job, and reads the result with {@link PlainSafetensors}. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReconstructionIT {
  private final CompressedDirectories sample;
  private final Path dense;
  private final String line;

  ReconstructionIT(@TempDir Path root) throws Exception {
    sample = Samples.everything(root).write(Samples.LIMIT, Scope.BLOCK);
    dense = root.resolve("dense");
    StringWriter out = new StringWriter();
    new Reconstruction(sample.out().toString(), dense.toString(), List.of())
        .run(
            new LocalTarget(2),
            PayloadLimit.NONE,
            new PrintWriter(out, true),
            new PrintWriter(new StringWriter(), true),
            false);
    line = out.toString().strip();
  }

  @Test
  void writesTheShardsWithTheirTensorsInOrder() throws Exception {
    assertTrue(line.startsWith("wrote 13 tensors ("), line);
    assertTrue(line.endsWith("; the 1 rejected when compressing are not there"), line);
    PlainSafetensors first = PlainSafetensors.read(dense.resolve(Samples.SHARD_1));
    PlainSafetensors second = PlainSafetensors.read(dense.resolve(Samples.SHARD_2));
    PlainSafetensors third = PlainSafetensors.read(dense.resolve("bias.safetensors"));
    assertEquals(List.of("ids", "b", "a", "half"), first.names());
    assertEquals(
        List.of("t", "rows", "zero", "tiny", "huge", "noise", "empty", "flags"), second.names());
    assertEquals(List.of("bias"), third.names());
    assertEquals(List.of(4L, 3L, 6L), second.tensor("rows").shape());
    assertEquals("BF16", second.tensor("rows").dtype());
    assertEquals(List.of(7L, 12L), second.tensor("t").shape());
    assertEquals(List.of(0L, 4L), second.tensor("empty").shape());
    try (Stream<Path> files = Files.list(dense)) {
      assertEquals(4, files.count());
    }
  }

  @Test
  void copiesBitForBit() throws Exception {
    for (String name : List.of("ids", "noise", "empty", "flags", "bias")) {
      String file = name.equals("ids") ? Samples.SHARD_1 : Samples.SHARD_2;
      Path written = dense.resolve(name.equals("bias") ? "bias.safetensors" : file);
      assertArrayEquals(
          sample.payload(name.equals("bias") ? Samples.NPY : file, name),
          PlainSafetensors.read(written).tensor(name).bytes(),
          name);
    }
    byte[] rows = PlainSafetensors.read(dense.resolve(Samples.SHARD_2)).tensor("rows").bytes();
    int from = 5 * 6 * 2;
    int to = 9 * 6 * 2;
    assertArrayEquals(
        Arrays.copyOfRange(sample.payload(Samples.SHARD_2, "rows"), from, to),
        Arrays.copyOfRange(rows, from, to),
        "the raw part");
  }

  @Test
  void multipliesFactorsInEveryLayoutAndFormat() throws Exception {
    PlainSafetensors factors = PlainSafetensors.read(sample.factors());
    PlainSafetensors first = PlainSafetensors.read(dense.resolve(Samples.SHARD_1));
    PlainSafetensors second = PlainSafetensors.read(dense.resolve(Samples.SHARD_2));

    Expected shared = new Expected(factors, "basis shared", 12, 3);
    shared.rowMajor("c " + Samples.SHARD_1 + "#a", 8, 1, first.tensor("a"), 0x1p-23);
    shared.rowMajor("c " + Samples.SHARD_1 + "#b", 10, 1, first.tensor("b"), 0x1p-23);
    shared.columnMajor("c " + Samples.SHARD_2 + "#t", 7, 1, second.tensor("t"), 0, 0x1p-23);
    Expected half = new Expected(factors, "basis half", 9, 2);
    half.rowMajor("c " + Samples.SHARD_1 + "#half", 7, 0.25, first.tensor("half"), 0x1p-10);
    Expected parts = new Expected(factors, "basis parts", 6, 2);
    parts.columnMajor(
        "c " + Samples.SHARD_2 + "#rows[0:5]", 5, 1, second.tensor("rows"), 0, 0x1p-7);
    parts.columnMajor(
        "c " + Samples.SHARD_2 + "#rows[9:12]", 3, 1, second.tensor("rows"), 9, 0x1p-7);
    double tinyScale = Math.scalb(1.0, -664);
    Expected tiny = new Expected(factors, "basis tiny", 6, 2);
    tiny.rowMajor("c " + Samples.SHARD_2 + "#tiny", 5, tinyScale, second.tensor("tiny"), 1e-14);
    Expected huge = new Expected(factors, "basis huge", 6, 2);
    huge.rowMajor("c " + Samples.SHARD_2 + "#huge", 5, 1, second.tensor("huge"), 1e-14);
    assertArrayEquals(new double[20], second.tensor("zero").values());
  }

  @Test
  void writesAnIndexForShards() throws Exception {
    JsonNode index =
        new ObjectMapper().readTree(dense.resolve("model.safetensors.index.json").toFile());
    long bytes = 0;
    for (String shard : List.of(Samples.SHARD_1, Samples.SHARD_2)) {
      PlainSafetensors file = PlainSafetensors.read(dense.resolve(shard));
      for (String name : file.names()) {
        bytes += file.tensor(name).bytes().length;
        assertEquals(shard, index.get("weight_map").get(name).asText());
      }
    }
    assertEquals(12, index.get("weight_map").size());
    assertEquals(bytes, index.get("metadata").get("total_size").asLong());
  }

  /** U·C·scale with plain loops, compared with what was written. */
  private record Expected(PlainSafetensors factors, double[] u, int m, int r) {
    Expected(PlainSafetensors factors, String basis, int m, int r) {
      this(factors, factors.tensor(basis).values(), m, r);
    }

    void rowMajor(String coefficients, int n, double scale, Tensor written, double ulp) {
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          check(coefficients, i, j, n, scale, written.values()[i * n + j], ulp);
        }
      }
      assertEquals(m * n, written.values().length);
    }

    void columnMajor(
        String coefficients, int n, double scale, Tensor written, int from, double ulp) {
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          check(coefficients, i, j, n, scale, written.values()[(from + j) * m + i], ulp);
        }
      }
    }

    /** An error in double may turn the rounding of a number that lies halfway: one ulp. */
    private void check(
        String coefficients, int i, int j, int n, double scale, double written, double ulp) {
      double[] c = factors.tensor(coefficients).values();
      double sum = 0;
      double size = 0;
      for (int k = 0; k < r; k++) {
        sum += u[i * r + k] * c[k * n + j] * scale;
        size += Math.abs(u[i * r + k] * c[k * n + j] * scale);
      }
      assertEquals(sum, written, ulp * Math.abs(sum) / 2 + 1e-15 * size);
    }
  }
}
