package io.github.colonnade.jobs.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.flink.LocalTarget;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.memory.PayloadLimit;
import io.github.colonnade.jobs.stored.CompressedDirectories;
import io.github.colonnade.jobs.stored.ManifestEdits;
import io.github.colonnade.jobs.stored.Samples;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifies in a Flink job. */
class VerificationIT {
  @TempDir Path root;

  private record Result(boolean ok, String out, List<String> differences) {}

  private static Result verify(Path directory) throws Exception {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    boolean ok =
        Verification.run(
            directory.toString(),
            Optional.empty(),
            new LocalTarget(2),
            PayloadLimit.NONE,
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            false);
    List<String> lines =
        err.toString().lines().filter(line -> line.startsWith("verify: ")).toList();
    return new Result(ok, out.toString().strip(), lines);
  }

  @Test
  void acceptsWhatIsRight() throws Exception {
    Result result = verify(Samples.everything(root).write(Samples.LIMIT, Scope.BLOCK).out());

    assertEquals(List.of(), result.differences());
    assertTrue(result.ok());
    assertEquals(
        "verified 15 blocks in 6 clusters: largest error of a block 0.8566, limit 0.9000",
        result.out());
  }

  @Test
  void addsUpAClusterThatSeveralSubtasksMeasure() throws Exception {
    CompressedDirectories many = Samples.manyBlocks(root, 9000).write(1, Scope.CLUSTER);

    Result result = verify(many.out());
    assertTrue(result.ok(), result.differences().toString());
    assertTrue(
        result.out().startsWith("verified 9,000 blocks in 1 cluster: largest error of a cluster 0"),
        result.out());
  }

  @Test
  void showsTwentyDifferencesAndCountsAll() throws Exception {
    CompressedDirectories many = Samples.manyBlocks(root, 9000).write(1, Scope.BLOCK);
    many.rewrite(m -> ManifestEdits.blocks(m, b -> ManifestEdits.error(b, 2)));

    Result result = verify(many.out());
    assertFalse(result.ok());
    assertEquals("", result.out());
    assertEquals(21, result.differences().size());
    assertTrue(
        result.differences().get(1).startsWith("verify: block m.safetensors#w[0:1]: error 0."));
    assertEquals(
        "verify: failed, 9,001 differences, 8,981 of them not shown", result.differences().get(20));
  }

  @Test
  void refusesADirectoryWithoutManifest() {
    UsageException failure = assertThrows(UsageException.class, () -> verify(root));
    assertEquals(root + ": there is no manifest.json of a finished run", failure.getMessage());
  }
}
