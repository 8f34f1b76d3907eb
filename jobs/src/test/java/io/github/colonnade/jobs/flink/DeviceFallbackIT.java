package io.github.colonnade.jobs.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebras;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/**
 * What becomes of work for a device on a machine that has none, in processes of its own: ND4J is
 * started once in a process.
 */
@EnabledIf("cudaIsNotHere")
class DeviceFallbackIT {

  private static final Path CUDA = Path.of(System.getProperty("colonnade.cuda"));

  @TempDir private Path directory;

  static boolean cudaIsNotHere() {
    return !System.getProperty("java.class.path").contains("nd4j-cuda");
  }

  /** Opens two devices and none, and multiplies with each. */
  static final class Program {
    public static void main(String[] arguments) {
      for (OptionalInt device :
          List.of(OptionalInt.of(0), OptionalInt.of(1), OptionalInt.empty())) {
        LinearAlgebra la = LinearAlgebras.open(device);
        try (MatrixScope scope = new MatrixScope()) {
          Matrix a = scope.own(la.fromColumns(new double[] {1, 2, 3, 4}, 2, 2));
          Matrix product = scope.own(la.product(a, a));
          System.out.println(la.name() + " " + Arrays.toString(product.toDoubles()));
        }
      }
    }
  }

  private record Told(String out, String err, List<String> warnings) {}

  private Told run(String classPath) throws IOException, InterruptedException {
    Path log = directory.resolve("log");
    Path out = directory.resolve("out");
    Path err = directory.resolve("err");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Dcolonnade.log=" + log,
                "-Djava.io.tmpdir=" + directory,
                "-cp",
                classPath,
                Program.class.getName())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    assertTrue(process.waitFor(3, TimeUnit.MINUTES), "it still runs");
    assertEquals(0, process.exitValue(), Files.readString(err));
    return new Told(
        Files.readString(out),
        Files.readString(err),
        Files.readAllLines(log).stream().filter(line -> line.contains("WARN")).toList());
  }

  private static void assertOneWarning(Told told, String expected) {
    assertEquals(1, told.warnings().size(), told.warnings().toString());
    String warning = told.warnings().get(0);
    assertTrue(warning.contains("The CPU multiplies in place of device 0: " + expected), warning);
    assertFalse(told.err().contains("\tat "), told.err());
  }

  @Test
  void withoutTheBackendTheHostMultiplies() throws Exception {
    Told told = run(System.getProperty("java.class.path"));
    assertEquals("nd4j-CpuBackend [7.0, 10.0, 15.0, 22.0]\n".repeat(3), told.out());
    assertOneWarning(told, "ND4J's CUDA backend is not on the class path");
  }

  @Test
  void aBackendThatFindsNoCudaIsNotStarted() throws Exception {
    Told told = run(System.getProperty("java.class.path") + File.pathSeparator + CUDA.resolve("*"));
    assertEquals("openblas [7.0, 10.0, 15.0, 22.0]\n".repeat(3), told.out());
    assertOneWarning(told, "ND4J's CUDA backend does not start: Could not find jnicudart");
  }

  /** As a package of the profile cuda, where nothing of ND4J's backend for processors is there. */
  @Test
  void theHostNeedsNoBackendOfNd4j() throws Exception {
    String others =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(each -> !Path.of(each).getFileName().toString().startsWith("nd4j-native-1"))
            .reduce((left, right) -> left + File.pathSeparator + right)
            .orElseThrow();
    Told told = run(others + File.pathSeparator + CUDA.resolve("*"));
    assertEquals("openblas [7.0, 10.0, 15.0, 22.0]\n".repeat(3), told.out());
    assertOneWarning(told, "ND4J's CUDA backend does not start: ");
  }
}
