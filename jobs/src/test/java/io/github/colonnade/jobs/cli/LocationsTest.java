package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "verify URI",
        "verify no-such-dir --weights URI",
        "inspect URI",
        "reconstruct URI --output o",
        "reconstruct no-such-dir --output URI",
        "compress URI --output o --max-error .1",
        "compress in --output URI --max-error .1",
        "plan URI --max-error .1",
        "plan in --output URI --max-error .1",
        "lost URI --output o --max-error .1",
        "lost in --output URI --max-error .1",
        "estimate URI --rank 1",
        "demo --output URI"
      })
  void credentialsAreRefusedAndNotRepeated(String command) {
    for (String uri :
        List.of("s3a://KEYID:SECRET@b/x", "s3a://KEYID:SECRET/WORD@b/x", "s3://:SECRET@b")) {
      Session session = Session.run(command.replace("URI", uri).split(" "));
      assertEquals(2, session.exitCode);
      List<String> told =
          session.err().stream().filter(line -> line.contains("colonnade:")).toList();
      assertEquals(1, told.size(), session.err().toString());
      assertTrue(told.get(0).contains("://…@…: a URI with credentials"), told.get(0));
      assertFalse((session.out() + session.err()).contains("SECRET"), told.get(0));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a:b@c",
        "in/a@b:c@d.npy",
        "s3://bucket/a@b:c",
        "file:///data/a:b@c",
        "abfss://container@account.dfs.core.windows.net/a:b",
        "hdfs://host:8020/a@b"
      })
  void aNameWithTheSameCharactersIsNoCredential(String location) {
    Locations.mustHaveNoCredentials(location);
  }

  @Test
  void anOutputBesideAnInputIsNoneInsideIt() throws IOException {
    String input = Locations.absolute(directory.resolve("in").toString());
    Locations.mustNotLieInside(input + "-out", List.of(input));
  }
}
