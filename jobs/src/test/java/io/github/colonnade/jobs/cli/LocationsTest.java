package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocationsTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"compress", "plan"})
  void anOutputInsideAnInputIsRefused(String command) throws IOException {
    Path input = Files.createDirectory(directory.resolve("in"));
    String output = input.resolve("below/out").toString();
    Session session = Session.run(command, input.toString(), "--output", output, "--max-error=.1");

    assertEquals(2, session.exitCode);
    assertEquals(1, session.err().size(), session.err().toString());
    assertTrue(session.err().get(0).contains("below/out lies inside the input "));
    assertTrue(session.err().get(0).endsWith("/in; choose another --output"));
    assertEquals(List.of(), Directories.names(input));
  }

  @Test
  void anOutputBesideAnInputIsNoneInsideIt() throws IOException {
    String input = Locations.absolute(directory.resolve("in").toString());
    Locations.mustNotLieInside(input + "-out", List.of(input));
  }
}
