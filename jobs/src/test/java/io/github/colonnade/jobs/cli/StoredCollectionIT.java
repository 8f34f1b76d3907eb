package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.stored.CompressedDirectories;
import io.github.colonnade.jobs.stored.Samples;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code verify} and {@code reconstruct} on the command line, with their exit codes. */
class StoredCollectionIT {
  @TempDir Path root;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    Terminal terminal = new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), false);
    return Colonnade.run(terminal, arguments);
  }

  @Test
  void verifiesWhatItReconstructsAndFindsAChange() throws Exception {
    CompressedDirectories sample = Samples.everything(root).write(Samples.LIMIT, Scope.BLOCK);
    String directory = sample.out().toString();
    String dense = root.resolve("dense").toString();

    assertEquals(ExitCodes.OK, run("verify", directory, "--parallelism", "2"), err::toString);
    assertEquals(
        ExitCodes.OK,
        run("reconstruct", directory, "--output", dense, "--only", "rows"),
        err::toString);
    assertTrue(out.toString().contains("wrote 1 tensor ("), out::toString);

    CompressedDirectories.flip(sample.data(), Samples.SHARD_1 + "#ids", 0, 1);
    assertEquals(ExitCodes.VERIFICATION_FAILED, run("verify", directory));
    assertTrue(err.toString().contains("#ids: the copy differs"), err::toString);
  }

  @Test
  void refusesWhatIsNoCollection() {
    String missing = root.resolve("missing").toString();

    assertEquals(ExitCodes.USAGE, run("verify", missing));
    assertEquals(ExitCodes.USAGE, run("reconstruct", missing, "--output", missing));
    String line = "colonnade: " + missing + ": there is no manifest.json of a finished run";
    assertEquals((line + "\n").repeat(2), err.toString().replace(System.lineSeparator(), "\n"));
  }
}
