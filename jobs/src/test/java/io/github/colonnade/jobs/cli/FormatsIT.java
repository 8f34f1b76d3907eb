package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorReader;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.ManifestReader;
import io.github.colonnade.jobs.manifest.Treatment;
import io.github.colonnade.jobs.testing.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of other programs, there and back; npz files beside them have the numbers. */
class FormatsIT {
  private static final double LIMIT = 0.4;

  @TempDir Path root;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gguf/tiny.gguf",
        "matlab/compressed.mat",
        "hdf5/tiny.h5",
        "hdf5/v73.mat",
        "tiff/tiles.tif",
        "matrixmarket/complex.mtx"
      })
  void isCompressedVerifiedAndReconstructed(String file) throws IOException {
    String input = resource(file).toString();
    String output = root.resolve("out").toString();
    Path dense = root.resolve("dense");

    run("plan", input, "--max-error", "" + LIMIT);
    run("compress", input, "--output", output, "--max-error", "" + LIMIT);
    run("verify", output);
    run("reconstruct", output, "--output", dense.toString());

    Map<String, Tensor> back = Tensor.read(onlyFile(dense));
    List<TensorInfo> expected =
        TensorLister.list(List.of(resource(file + ".npz").toString())).tensors();
    assertEquals(expected.size(), back.size());
    int changed = 0;
    for (TensorInfo original : expected) {
      Tensor tensor = Objects.requireNonNull(back.get(original.name()), original.name());
      assertEquals(
          LongStream.of(original.shape().dims()).boxed().toList(), tensor.shape(), tensor::name);
      byte[] bytes;
      try (InputStream in = TensorReader.open(original)) {
        bytes = in.readAllBytes();
      }
      if (Arrays.equals(bytes, tensor.bytes())) {
        continue;
      }
      assertTrue(DType.valueOf(tensor.dtype()).isFloat() && tensor.shape().size() == 2);
      changed++;
      double[] before = new Tensor("", tensor.dtype(), tensor.shape(), bytes).values();
      double[] after = tensor.values();
      double lost = 0;
      double energy = 0;
      for (int i = 0; i < before.length; i++) {
        lost += (before[i] - after[i]) * (before[i] - after[i]);
        energy += before[i] * before[i];
      }
      // Rounding to the original's format comes on top.
      assertTrue(Math.sqrt(lost / energy) <= LIMIT + 1e-3, tensor::name);
    }
    assertTrue(changed > 0, "nothing was compressed");
  }

  @Test
  void samplesOfPdeBenchAreBlocks() throws IOException {
    String input = resource("hdf5/1D_Advection_Sols_beta0.4.hdf5").toString();
    String output = root.resolve("out").toString();

    run(
        "compress",
        input,
        "--output",
        output,
        "--max-error",
        "0.01",
        "--include",
        "tensor",
        "--rows",
        "16",
        "--columns",
        "5");
    run("verify", output);

    Manifest manifest;
    try (InputStream in = Files.newInputStream(root.resolve("out").resolve("manifest.json"))) {
      manifest = ManifestReader.read(in);
    }
    assertEquals(
        List.of("tensor[0:5]", "tensor[5:10]", "tensor[10:15]", "tensor[15:20]"),
        manifest.blocks().stream()
            .filter(block -> block.treatment() == Treatment.SHARED)
            .map(BlockEntry::id)
            .toList());
    // Each sample is a sum of two travelling waves: four directions are all of them.
    assertEquals(4, manifest.clusters().get(0).rank());
  }

  private static Path onlyFile(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.reduce((one, other) -> Path.of("several")).orElseThrow();
    }
  }

  private static Path resource(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(FormatsIT.class.getResource("/foreign/" + name), name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void run(String... arguments) {
    Session session = Session.run(arguments);
    assertEquals(0, session.exitCode, () -> Arrays.toString(arguments) + session.err());
  }
}
