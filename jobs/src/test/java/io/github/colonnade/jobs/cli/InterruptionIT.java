package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.testing.Tensor;
import io.github.colonnade.jobs.testing.TestCollections;
import io.github.colonnade.jobs.testing.TestCollections.Kind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A run that is asked to end, as by Ctrl-C, removes what it has written, wherever it is. */
class InterruptionIT {
  /** 128 and the number of SIGTERM. */
  private static final int TERMINATED = 143;

  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    // By the program, before there is a directory; by the source; by the sketcher.
    "--max-error=0.1, in.safetensors, 1",
    "--max-error=0.1, in.safetensors, 2",
    "--max-error=0.1, in.safetensors, 3",
    // By the sketcher, by the first try and between the first two.
    "--target-ratio=2, in.safetensors, 3",
    "--target-ratio=2, records-0, 1",
    "--target-ratio=2, result-1/manifest.json, 1",
    "--target-ratio=2, result-2/manifest.json, 1",
  })
  void compressLeavesNothing(String goal, String file, int time) throws Exception {
    Path input = input();
    Path output = directory.resolve("out");
    endWhilePaused(
        file,
        time,
        "compress",
        "hooked:" + input,
        "--output=hooked:" + output,
        "--transpose=never",
        "--parallelism=1",
        goal);
    assertEquals(List.of("in.safetensors"), Directories.names(directory));
  }

  /** By the sketcher, and by the encoder. */
  @ParameterizedTest
  @ValueSource(ints = {3, 4})
  void addLeavesTheCollectionAsItWas(int time) throws Exception {
    Path input = input();
    Path compressed = directory.resolve("compressed");
    Session session =
        Session.run("compress", input.toString(), "--output=" + compressed, "--max-error=0.1");
    assertEquals(0, session.exitCode, session.err().toString());
    List<String> before = Directories.names(compressed);
    String manifest = Files.readString(compressed.resolve(Manifest.FILE_NAME));
    Path more = directory.resolve("more.safetensors");
    Tensor.write(more, TestCollections.of(List.of(Kind.NOISY, Kind.NOISY), List.of("F32"), 12));
    endWhilePaused(
        "more.safetensors",
        time,
        "add",
        "hooked:" + more,
        "--to=hooked:" + compressed,
        "--parallelism=1");
    assertEquals(before, Directories.names(compressed));
    assertEquals(manifest, Files.readString(compressed.resolve(Manifest.FILE_NAME)));
  }

  @Test
  void reconstructLeavesNothing() throws Exception {
    Path input = input();
    Path compressed = directory.resolve("compressed");
    Session session =
        Session.run(
            "compress", input.toString(), "--output=" + compressed, "--max-error=0.1", "--strict");
    assertEquals(0, session.exitCode, session.err().toString());
    endWhilePaused(
        ".safetensors",
        2,
        "reconstruct",
        "hooked:" + compressed,
        "--output=hooked:" + directory.resolve("dense"));
    assertEquals(List.of("compressed", "in.safetensors"), Directories.names(directory));
  }

  private Path input() throws IOException {
    Path input = directory.resolve("in.safetensors");
    Tensor.write(input, TestCollections.of(List.of(Kind.NOISY, Kind.NOISY), List.of("F32"), 11));
    return input;
  }

  private static void endWhilePaused(String file, int time, String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of(file, String.valueOf(time)));
    all.addAll(List.of(arguments));
    Process process =
        ChildProgram.builder("512m", PausingProgram.class, all.toArray(String[]::new))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader told =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      assertEquals(PausingProgram.PAUSED, told.readLine());
      process.destroy();
      assertEquals(TERMINATED, process.waitFor());
    } finally {
      process.destroyForcibly();
    }
  }
}
