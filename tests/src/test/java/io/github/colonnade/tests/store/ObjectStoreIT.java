package io.github.colonnade.tests.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ObjectStoreIT {
  private static final String BUCKET = "data";
  private static final Path FILES = Path.of("..", "connectors", "src", "test", "resources");

  /** One file of each way to read: by range, decoded, and inflated. */
  private static final List<String> INPUTS =
      List.of("gguf/tiny.gguf", "hdf5/v73.mat", "numpy/deflated.npz", "numpy/c_f4.npy");

  @TempDir private static Path folder = Path.of("");

  private S3Proxy store;
  private Program program;

  @BeforeAll
  void startStore() throws IOException {
    store = S3Proxy.start(folder);
    store.makeBucket(BUCKET);
    for (String input : INPUTS) {
      Path file = FILES.resolve(input);
      store.put(BUCKET, "in/" + file.getFileName(), Files.readAllBytes(file));
    }
    program = new Program(folder, store.endpoint());
  }

  @AfterAll
  void endStore() throws InterruptedException {
    store.end();
  }

  private String run(String... arguments) throws Exception {
    Program.Result result = program.run(arguments);
    assertEquals(0, result.exitCode(), () -> String.join(" ", arguments) + "\n" + result.err());
    String all = result.out() + result.err() + Files.readString(program.log());
    assertFalse(all.contains(Program.SECRET) || all.contains(Program.KEY_ID), "credentials shown");
    return result.out();
  }

  private static Set<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }

  @Test
  void everyCommandTakesAndGivesWhatIsInTheStore() throws Exception {
    Path input = Files.createDirectory(folder.resolve("in"));
    for (String each : INPUTS) {
      Path file = FILES.resolve(each);
      Files.copy(file, input.resolve(file.getFileName().toString()));
    }
    Path local = folder.resolve("local");
    run("compress", input.toString(), "--output", local.toString(), "--max-error", "0.3");

    assertTrue(run("plan", "s3://data/in", "--max-error", "0.3").contains("in 4 files"));
    run("compress", "s3://data/in", "--output", "s3://data/out", "--max-error", "0.3");
    assertTrue(run("verify", "s3://data/out").startsWith("verified "));
    assertTrue(run("inspect", "s3://data/out").contains("s3://data/in"));
    run("reconstruct", "s3://data/out", "--output", "s3://data/dense");

    // The same files as on a local disk, byte for byte, and nothing else.
    assertEquals(
        names(local).stream().map(name -> "out/" + name).toList(), store.keys(BUCKET, "out/"));
    for (String name : names(local)) {
      if (!name.equals("manifest.json")) {
        assertArrayEquals(
            Files.readAllBytes(local.resolve(name)), store.get(BUCKET, "out/" + name), name);
      }
    }
    String manifest = new String(store.get(BUCKET, "out/manifest.json"), StandardCharsets.UTF_8);
    assertFalse(manifest.contains("127.0.0.1") || manifest.contains("-that-nobody-may-see"));
    assertEquals(
        List.of("c_f4", "deflated", "tiny", "v73").stream()
            .map(name -> "dense/" + name + ".safetensors")
            .toList(),
        store.keys(BUCKET, "dense/"));
  }

  /**
   * One that is long enough to be read ahead, with blocks that lie together and blocks that do not.
   */
  @ParameterizedTest
  @ValueSource(strings = {"always", "never"})
  void aLargeMatrixIsReadAsFromADisk(String transpose) throws Exception {
    String name = "large-" + transpose;
    Path file = Files.write(folder.resolve(name + ".npy"), matrix(3000, 500));
    store.put(BUCKET, name + "/" + file.getFileName(), Files.readAllBytes(file));
    List<String> options =
        List.of(
            "--max-error=0.2", "--strategy=max-norm", "--columns=250", "--transpose", transpose);
    Path local = folder.resolve(name);
    run(arguments("compress", file.toString(), "--output=" + local, options));
    run(arguments("compress", "s3://data/" + name, "--output=s3://data/" + name + "-out", options));
    assertTrue(run("verify", "s3://data/" + name + "-out").startsWith("verified "));
    for (String each : names(local)) {
      if (!each.equals("manifest.json")) {
        assertArrayEquals(
            Files.readAllBytes(local.resolve(each)),
            store.get(BUCKET, name + "-out/" + each),
            each);
      }
    }
  }

  private static String[] arguments(
      String command, String input, String output, List<String> options) {
    return Stream.concat(Stream.of(command, input, output), options.stream())
        .toArray(String[]::new);
  }

  /** An .npy file of floats: waves along the rows, another number of them in each. */
  private static byte[] matrix(int rows, int columns) {
    String header =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (" + rows + ", " + columns + "), }";
    ByteBuffer bytes = ByteBuffer.allocate(128 + rows * columns * Float.BYTES);
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0});
    bytes.put((header + " ".repeat(117 - header.length()) + "\n").getBytes(StandardCharsets.UTF_8));
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        bytes.putFloat((float) Math.sin((1 + i % 20) * 0.01 * j + i));
      }
    }
    return bytes.array();
  }

  @Test
  void aTargetIsReached() throws Exception {
    run("compress", "s3://data/in/c_f4.npy", "--output", "s3://data/aimed", "--target-ratio", "1");
    assertTrue(store.keys(BUCKET, "aimed/").contains("aimed/manifest.json"));
    assertTrue(store.keys(BUCKET, "aimed/").stream().noneMatch(key -> key.contains("incomplete")));
    assertTrue(run("verify", "s3://data/aimed").startsWith("verified "));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRunThatIsEndedLeavesNoResult(boolean killed) throws Exception {
    String output = killed ? "killed" : "ended";
    Process process =
        program.start(
            "compress", "s3://data/in", "--output", "s3://data/" + output, "--max-error", "0.3");
    while (process.isAlive() && store.keys(BUCKET, output + "/").isEmpty()) {
      Thread.onSpinWait();
    }
    if (killed) {
      process.destroyForcibly();
    } else {
      process.destroy();
    }
    int exitCode = process.waitFor();

    assertTrue(exitCode != 0, "it came to its end");
    List<String> left = store.keys(BUCKET, output + "/");
    assertFalse(left.contains(output + "/manifest.json"), left::toString);
    if (!killed) {
      assertEquals(List.of(), left);
      return;
    }
    Program.Result verified = program.run("verify", "s3://data/killed");
    assertEquals(2, verified.exitCode());
    assertTrue(verified.err().contains("no manifest.json of a finished run"), verified.err());
    refused(
        "s3://data/killed: there are files of an unfinished run",
        "compress",
        "s3://data/in",
        "--output",
        "s3://data/killed",
        "--max-error",
        "0.3");
  }

  @Test
  void mistakesAreToldInOneLine() throws Exception {
    refused("there is no such file", "plan", "s3://data/other", "--max-error", "0.3");
    refused("bucket does not exist", "plan", "s3://elsewhere/in", "--max-error", "0.3");
    refused(
        "credentials on the command line",
        "plan",
        "s3://data/in",
        "--max-error=0.3",
        "--fs=s3.secret-key=s");
    refused("a URI with credentials", "plan", "s3://name:password@data/in", "--max-error", "0.3");
    refused("no file system is installed", "plan", "gs://data/in", "--max-error", "0.3");
  }

  private void refused(String reason, String... arguments) throws Exception {
    Program.Result result = program.run(arguments);
    assertEquals(2, result.exitCode(), result.err());
    assertEquals(1, result.err().lines().count(), result.err());
    assertTrue(result.err().contains(reason), result.err());
    assertFalse(result.err().contains("password"), result.err());
  }
}
