package io.github.colonnade.connectors.format;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.testing.TestFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The band of BigEarthNet with another number in its directory. */
class TiffFormatTest {
  private static final String FILE = "tiff/S2A_MSIL2A_B02.tif";

  @TempDir private Path folder = Path.of("");

  private static ByteBuffer band() throws IOException {
    return ByteBuffer.wrap(Files.readAllBytes(TestFiles.resource(FILE)))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private FormatException refused(ByteBuffer bytes) {
    byte[] changed = new byte[bytes.limit()];
    bytes.get(0, changed);
    Path file = TestFiles.write(folder.resolve("changed.tif"), changed);
    return assertThrows(FormatException.class, () -> TensorLister.list(List.of(file.toString())));
  }

  @ParameterizedTest
  @CsvSource({
    "258, 12, of a kind that is not read",
    "259, 7, compression 7",
    "256, 60000, more than its parts can hold",
    "256, 0, a side of 0 pixels",
    "277, 0, has 0 bands",
    "278, 1, fewer parts than its size takes",
  })
  void refusesWhatItCannotRead(int tag, int value, String reason) throws IOException {
    ByteBuffer bytes = band();
    int directory = bytes.getInt(4);
    int entries = bytes.getShort(directory);
    int changed = 0;
    for (int i = 0; i < entries; i++) {
      int entry = directory + 2 + 12 * i;
      if ((bytes.getShort(entry) & 0xffff) == tag) {
        // One long, whatever it was.
        bytes.putShort(entry + 2, (short) 4).putInt(entry + 4, 1).putInt(entry + 8, value);
        changed++;
      }
    }
    assertTrue(changed == 1, "no such entry");
    String message = refused(bytes).getMessage();
    assertTrue(message.contains(reason), message);
  }

  @Test
  void refusesDirectoriesInACircle() throws IOException {
    ByteBuffer bytes = band();
    int directory = bytes.getInt(4);
    int next = directory + 2 + 12 * bytes.getShort(directory);
    bytes.putInt(next, directory);
    String message = refused(bytes).getMessage();
    assertTrue(message.contains("in a circle"), message);
  }
}
