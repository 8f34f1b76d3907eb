package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TargetOptionsTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--target elsewhere | --target: expected local or remote, got elsewhere",
        "--target remote | --target remote: expected --jobmanager HOST:PORT too",
        "--jobmanager localhost:8081 | --jobmanager: only with --target remote",
        "--detached | --detached: only with --target remote; flink run has -d for it",
        "--parallelism 0 | --parallelism: expected at least 1, got 0",
        "--slot commit=cpu:1,heap:1g | --slot commit=cpu:1,heap:1g: expected one of sketch,",
        "--slot encode=cpu:1,heap:1g | --slot: only with --target remote or flink run",
        "--slot encode=cpu:1,heap:1g,gpu:1 | --slot encode=cpu:1,heap:1g,gpu:1: expected",
        "--slot sketch=cpu:1,heap:1g,gpu:2 | --slot sketch=cpu:1,heap:1g,gpu:2: expected",
        "--slot encode=cpu:1 | --slot encode=cpu:1: expected resources as cpu:2,heap:2g",
        "--slot encode=cpu:0,heap:1g | --slot encode=cpu:0,heap:1g: expected resources as",
        "--slot encode=cpu:1,heap:much | --slot encode=cpu:1,heap:much: expected resources",
        "--slot encode=cpu:1,heap:1g,disk:1g | --slot encode=cpu:1,heap:1g,disk:1g: expected"
      })
  void mistakesAreTold(String options, String message) {
    Session session = compress(options.split(" ", -1));

    assertEquals(2, session.exitCode);
    assertEquals(1, session.err().size(), session.err().toString());
    assertTrue(session.err().get(0).startsWith("colonnade: " + message), session.err().get(0));
  }

  @ParameterizedTest
  @CsvSource({"localhost:http", ":8081", "localhost:0", "localhost:70000"})
  void anAddressIsAHostAndAPort(String address, @TempDir Path folder) throws IOException {
    Session session = remote(address, jar(folder));

    assertEquals(2, session.exitCode);
    assertEquals(
        List.of("colonnade: --jobmanager: expected HOST:PORT, as localhost:8081, got " + address),
        session.err());
  }

  @Test
  void aClusterThatDoesNotAnswerIsNamed(@TempDir Path folder) throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }

    Session session = remote("127.0.0.1:" + port, jar(folder));

    assertEquals(2, session.exitCode);
    assertEquals(1, session.err().size(), session.err().toString());
    assertTrue(
        session
            .err()
            .get(0)
            .startsWith("colonnade: 127.0.0.1:" + port + ": no JobManager answers there: "),
        session.err().get(0));
  }

  @Test
  void theJarOfTheJobMustBeThere(@TempDir Path folder) {
    Session session = remote("localhost:8081", folder.resolve("none.jar"));

    assertEquals(2, session.exitCode);
    assertTrue(
        session
            .err()
            .get(0)
            .contains("none.jar: the jar that a cluster loads the job from is not there"),
        session.err().get(0));
  }

  private static Path jar(Path folder) throws IOException {
    return Files.createFile(folder.resolve("job.jar"));
  }

  private static Session remote(String address, Path jar) {
    System.setProperty("colonnade.job.jar", jar.toString());
    try {
      return compress("--target", "remote", "--jobmanager", address);
    } finally {
      System.clearProperty("colonnade.job.jar");
    }
  }

  private static Session compress(String... options) {
    List<String> arguments =
        new ArrayList<>(List.of("compress", "in", "--output", "no-such-output", "--max-error=.1"));
    arguments.addAll(List.of(options));
    return Session.run(arguments.toArray(new String[0]));
  }
}
