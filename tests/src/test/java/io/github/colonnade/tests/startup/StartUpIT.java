package io.github.colonnade.tests.startup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the launcher with the packaged program and reads which classes Java loaded. */
class StartUpIT {
  private static final Path JOBS = Path.of("../jobs").toAbsolutePath().normalize();
  private static final Path LAUNCHER = JOBS.resolve("bin/colonnade");
  private static final Path TARGET = JOBS.resolve("target");
  private static final String FROM_ARCHIVE = "shared objects file (top)";

  /** Part of Flink's core, whatever its name. */
  private static final String FILE_SYSTEMS = "org.apache.flink.runtime.fs.";

  @TempDir private Path directory;

  @Test
  void helpLoadsNeitherFlinkNorNd4jNorLogging() throws Exception {
    Map<String, String> loaded = loaded("--help");
    assertNone(loaded, "org.apache.flink.", "org.nd4j.", "org.bytedeco.", "org.apache.logging.");
    assertNone(loaded("compress", "--help"), "org.apache.flink.", "org.nd4j.");
  }

  @Test
  void planLoadsNeitherFlinksRuntimeNorNd4j() throws Exception {
    String input = matrices(8, 32, 16).toString();
    Map<String, String> loaded = loaded("plan", input, "--max-error", "0.05");
    assertNone(loaded, "org.apache.flink.runtime.", "org.apache.pekko.", "org.nd4j.");
    assertNone(loaded, "org.bytedeco.", "scala.");
    assertTrue(loaded.containsKey("org.apache.flink.core.fs.FileSystem"), "it reads a file");
  }

  @Test
  void smallMatricesDoNotStartNd4j() throws Exception {
    String output = directory.resolve("out").toString();
    String input = matrices(8, 32, 16).toString();
    assertNone(
        loaded("compress", input, "--max-error", "0.05", "--output", output), "org.nd4j.linalg.");
    assertNone(loaded("inspect", output), "org.apache.flink.", "org.nd4j.", "org.bytedeco.");
    assertNone(loaded("diff", output, output), "org.apache.flink.runtime.", "org.nd4j.");
    assertNone(loaded("report", output), "org.apache.flink.runtime.", "org.nd4j.");
  }

  /** A build goes on where Java cannot write one. */
  private static void requireArchive() {
    assumeTrue(Files.exists(TARGET.resolve("colonnade.jsa")), "the build made no archive");
  }

  @Test
  void classesComeFromTheArchive() throws Exception {
    requireArchive();
    String output = directory.resolve("out").toString();
    String input = matrices(8, 32, 16).toString();
    Map<String, String> loaded =
        loaded("compress", input, "--max-error", "0.05", "--output", output);
    assertEquals(FROM_ARCHIVE, loaded.get("io.github.colonnade.jobs.cli.Colonnade"));
    assertEquals(FROM_ARCHIVE, loaded.get("org.apache.flink.runtime.minicluster.MiniCluster"));
    assertEquals(FROM_ARCHIVE, loaded.get("org.apache.pekko.actor.ActorSystem"));
  }

  @Test
  void aRunChangesNothingInTheInstallation() throws Exception {
    Map<Path, FileTime> before = installed();
    loaded("plan", matrices(1, 32, 16).toString(), "--max-error", "0.05");
    assertEquals(before, installed());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "of a jar elsewhere",
        "of another Java",
        "cut, and the size too",
        "cut",
        "empty",
        "no archive at all",
        "missing"
      })
  void anArchiveThatDoesNotFitIsPassedOverInSilence(String kind) throws Exception {
    Path project = directory.resolve("project");
    Path target = Files.createDirectories(project.resolve("jobs/target"));
    Path launcher = project.resolve("jobs/bin/colonnade");
    Files.createDirectories(launcher.getParent());
    Files.copy(LAUNCHER, launcher);
    assertTrue(launcher.toFile().setExecutable(true));
    Files.createSymbolicLink(target.resolve("colonnade.jar"), TARGET.resolve("colonnade.jar"));
    requireArchive();
    byte[] whole = Files.readAllBytes(TARGET.resolve("colonnade.jsa"));
    byte[] archive =
        switch (kind) {
          case "of another Java" -> ofAnotherJava(whole);
          case "cut" -> Arrays.copyOf(whole, whole.length / 2);
          case "cut, and the size too" -> Arrays.copyOf(whole, 512);
          case "empty" -> new byte[0];
          case "no archive at all" -> "classes\n".repeat(1000).getBytes(StandardCharsets.UTF_8);
          default -> whole;
        };
    if (!kind.equals("missing")) {
      int size = kind.equals("cut") ? whole.length : archive.length;
      Files.write(target.resolve("colonnade.jsa"), archive);
      Files.writeString(target.resolve("colonnade.jsa.size"), size + "\n");
    }
    Told told = run(launcher, "", "--version");
    assertEquals(0, told.exitCode, told.err);
    assertEquals("", told.err);
    assertTrue(told.out.matches("colonnade \\S+\n"), told.out);
  }

  /** Java names itself in the header. */
  private static byte[] ofAnotherJava(byte[] archive) {
    String header = new String(archive, 0, 4096, StandardCharsets.ISO_8859_1);
    int at = header.indexOf(" VM (") + " VM (".length();
    assertTrue(at > 10, "the header names no Java");
    byte[] other = archive.clone();
    other[at] = '9';
    other[at + 1] = '9';
    return other;
  }

  private static Map<Path, FileTime> installed() throws IOException {
    Map<Path, FileTime> files = new HashMap<>();
    for (Path folder : List.of(TARGET, TARGET.resolve("plugins"), JOBS.resolve("bin"))) {
      files.put(folder, Files.getLastModifiedTime(folder));
      try (Stream<Path> children = Files.list(folder)) {
        for (Path child : children.toList()) {
          files.put(child, Files.getLastModifiedTime(child));
        }
      }
    }
    return files;
  }

  private static void assertNone(Map<String, String> loaded, String... prefixes) {
    for (String prefix : prefixes) {
      List<String> found =
          loaded.keySet().stream()
              .filter(name -> name.startsWith(prefix) && !name.startsWith(FILE_SYSTEMS))
              .toList();
      assertEquals(List.of(), found, "of " + loaded.size() + " classes");
    }
  }

  /** The classes that a command loads, and where each came from. */
  private Map<String, String> loaded(String... arguments) throws Exception {
    Path log = directory.resolve("classes.log");
    Files.deleteIfExists(log);
    Told told = run(LAUNCHER, "-Xlog:class+load:file=" + log + ":none:filecount=0", arguments);
    assertEquals(0, told.exitCode, told.out + told.err);
    Map<String, String> loaded = new HashMap<>();
    for (String line : Files.readAllLines(log)) {
      String[] parts = line.split(" source: ", 2);
      if (parts.length == 2) {
        loaded.put(parts[0], parts[1]);
      }
    }
    assertTrue(loaded.containsKey("io.github.colonnade.jobs.cli.Colonnade"), "no log of classes");
    return loaded;
  }

  private Told run(Path launcher, String javaOptions, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    Path out = directory.resolve("out.txt");
    Path err = directory.resolve("err.txt");
    ProcessBuilder builder = new ProcessBuilder(command);
    builder
        .environment()
        .put("JAVA_OPTS", javaOptions + " -Dcolonnade.log=" + directory.resolve("colonnade.log"));
    builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process =
        builder
            .directory(directory.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    int exitCode = process.waitFor();
    return new Told(exitCode, Files.readString(out), Files.readString(err));
  }

  /** A file of matrices that differ. */
  private Path matrices(int count, int rows, int columns) throws IOException {
    List<String> entries = new ArrayList<>();
    int size = rows * columns * Float.BYTES;
    ByteBuffer data = ByteBuffer.allocate(count * size).order(ByteOrder.LITTLE_ENDIAN);
    for (int n = 0; n < count; n++) {
      entries.add(
          "\"m%d\":{\"dtype\":\"F32\",\"shape\":[%d,%d],\"data_offsets\":[%d,%d]}"
              .formatted(n, rows, columns, n * size, (n + 1) * size));
      for (int i = 0; i < rows * columns; i++) {
        int row = i / columns;
        data.putFloat((float) (Math.sin(row) * Math.cos(i % columns + n)));
      }
    }
    byte[] header = ("{" + String.join(",", entries) + "}").getBytes(StandardCharsets.UTF_8);
    ByteBuffer file =
        ByteBuffer.allocate(Long.BYTES + header.length + data.capacity())
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .put(header)
            .put(data.array());
    return Files.write(directory.resolve("in.safetensors"), file.array());
  }

  private record Told(int exitCode, String out, String err) {}
}
