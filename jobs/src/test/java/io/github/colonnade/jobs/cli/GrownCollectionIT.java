package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.manifest.RejectionCause;
import io.github.colonnade.jobs.stored.CompressedCollection;
import io.github.colonnade.jobs.stored.Grown;
import io.github.colonnade.jobs.testing.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two runs over inputs of their own, put into one collection, and every command that reads it. */
class GrownCollectionIT {
  @TempDir private Path directory;

  private Path compressed(String name, int seed) throws IOException {
    Random random = new Random(seed);
    double[] shared = random.doubles(12 * 3, -1, 1).toArray();
    List<Tensor> tensors = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      double[] mix = random.doubles(3 * 16, -1, 1).toArray();
      double[] values = new double[12 * 16];
      for (int i = 0; i < values.length; i++) {
        values[i] = 0.01 * random.nextGaussian();
        for (int l = 0; l < 3; l++) {
          values[i] += shared[i / 16 * 3 + l] * mix[l * 16 + i % 16];
        }
      }
      tensors.add(Tensor.of("w" + t, "F32", values, 12, 16));
    }
    tensors.add(Tensor.of("bias", "F32", new double[] {seed, 2, 3}, 3));
    tensors.add(Tensor.of("nan", "F32", new double[] {1, Double.NaN, 3, 4}, 2, 2));
    Path input = Files.createDirectories(directory.resolve("in")).resolve(name + ".safetensors");
    Tensor.write(input, tensors);
    Path output = directory.resolve(name);
    run("compress", input.toString(), "--output=" + output, "--max-error=0.1");
    return output;
  }

  private static Session run(String... arguments) {
    Session session = Session.run(arguments);
    assertEquals(0, session.exitCode, session.err().toString());
    return session;
  }

  @Test
  void everyCommandReadsSegmentsAsOneCollection() throws IOException {
    Path first = compressed("first", 1);
    Path second = compressed("second", 2);
    Path grown = directory.resolve("grown");
    Grown.of(grown, first, second);

    String verified = run("verify", grown.toString()).out();
    assertTrue(verified.startsWith("verified 10 blocks in "), verified);

    String inspected = run("inspect", grown.toString()).out();
    assertTrue(inspected.contains("  grows     in 2 segments, complete\n"), inspected);
    assertTrue(inspected.contains("in/first.safetensors and 1 more\n"), inspected);

    run("reconstruct", grown.toString(), "--output=" + directory.resolve("dense"));
    for (Path alone : List.of(first, second)) {
      Path dense = directory.resolve("dense-" + alone.getFileName());
      run("reconstruct", alone.toString(), "--output=" + dense);
      String file = alone.getFileName() + ".safetensors";
      Map<String, Tensor> expected = Tensor.read(dense.resolve(file));
      Map<String, Tensor> found = Tensor.read(directory.resolve("dense").resolve(file));
      assertEquals(expected.keySet(), found.keySet());
      assertEquals(5, found.size());
      expected.forEach(
          (name, tensor) ->
              assertArrayEquals(tensor.bytes(), found.getOrDefault(name, tensor("")).bytes()));
    }

    long bytes =
        CompressedCollection.open(first.toString()).manifest().totals().bytesIn()
            + CompressedCollection.open(second.toString()).manifest().totals().bytesIn();
    assertEquals(bytes, CompressedCollection.open(grown.toString()).manifest().totals().bytesIn());

    Grown.reject(
        grown,
        true,
        new RejectedEntry("file:/elsewhere/x.npy", "", RejectionCause.UNREADABLE, "no header"));
    String open = run("inspect", grown.toString()).out();
    assertTrue(open.contains("  grows     in 3 segments, open: more is to come\n"), open);
    assertTrue(open.contains("(file)"), open);
  }

  private static Tensor tensor(String name) {
    return Tensor.of(name, "F32", new double[0], 0);
  }

  @Test
  void aBrokenRootIsOneLine() throws IOException {
    Path broken = Files.createDirectories(directory.resolve("broken"));
    Files.writeString(
        broken.resolve("manifest.json"),
        "{\"schemaVersion\": 1, \"segments\":"
            + " {\"directory\": \"segments-00000000\", \"count\": 7, \"open\": false}}");
    for (String[] command :
        List.of(
            new String[] {"verify", broken.toString()},
            new String[] {"inspect", broken.toString()},
            new String[] {"reconstruct", broken.toString(), "--output=" + broken + "-dense"})) {
      Session session = Session.run(command);

      assertEquals(ExitCodes.USAGE, session.exitCode);
      assertEquals(
          List.of(
              "colonnade: segments-00000000/000001.json: this segment is not there, though"
                  + " manifest.json counts 7"),
          session.err());
    }
  }
}
