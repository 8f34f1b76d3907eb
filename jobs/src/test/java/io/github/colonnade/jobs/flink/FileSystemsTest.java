package io.github.colonnade.jobs.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileSystemsTest {
  @TempDir private Path directory;

  @Test
  void theConfigurationOfFlinkIsRead() throws IOException {
    Files.writeString(directory.resolve("config.yaml"), "s3:\n  endpoint: here\n");
    assertEquals("here", FileSystems.ofFlink(directory.toString()).toMap().get("s3.endpoint"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3: [SECRET", "s3:\n\tkey: SECRET", "key: SECRET: c"})
  void aFaultInTheConfigurationIsToldInOneLine(String yaml) throws IOException {
    Files.writeString(directory.resolve("config.yaml"), yaml);
    assertOneLine(directory.toString());
  }

  @Test
  void aDirectoryWithoutConfigurationIsToldInOneLine() {
    assertOneLine(directory.resolve("none").toString());
  }

  private static void assertOneLine(String directory) {
    String message =
        String.valueOf(
            assertThrows(UsageException.class, () -> FileSystems.ofFlink(directory)).getMessage());
    assertTrue(
        message.startsWith("FLINK_CONF_DIR: Flink's configuration cannot be read: "), message);
    assertEquals(1, message.lines().count(), message);
    assertFalse(message.contains("SECRET"), message);
  }
}
