package io.github.colonnade.connectors.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorReader;
import io.github.colonnade.connectors.testing.TestFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  /** The entry of a tag in the first directory. */
  private static int entry(ByteBuffer bytes, int tag) {
    int directory = bytes.getInt(4);
    for (int i = 0; i < bytes.getShort(directory); i++) {
      int entry = directory + 2 + 12 * i;
      if ((bytes.getShort(entry) & 0xffff) == tag) {
        return entry;
      }
    }
    throw new AssertionError("no such entry");
  }

  @Test
  void refusesPartsWithoutDataThatAreNotZero() throws IOException {
    ByteBuffer bytes = band();
    int counts = entry(bytes, 279);
    int values = bytes.getInt(counts + 4) > 1 ? bytes.getInt(counts + 8) : counts + 8;
    bytes.putInt(values, 0);
    int text = entry(bytes, 282);
    bytes.putShort(text, (short) 42113).putShort(text + 2, (short) 2).putInt(text + 4, 3);
    bytes.put(text + 8, new byte[] {'-', '9', 0, 0});
    String message = refused(bytes).getMessage();
    assertTrue(message.contains("never written"), message);
  }

  @Test
  void refusesATagTwice() throws IOException {
    ByteBuffer bytes = band();
    bytes.putShort(entry(bytes, 282), (short) 258);
    String message = refused(bytes).getMessage();
    assertTrue(message.contains("two entries 258"), message);
  }

  @Test
  void refusesManyDirectoriesOfTheSameValues() throws IOException {
    int directories = 100;
    int values = 10_000;
    int bytesEach = 2 + 12 + 4;
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + directories * bytesEach + 4 * values)
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(new byte[] {'I', 'I', 42, 0}).putInt(8);
    for (int i = 0; i < directories; i++) {
      // Smaller copies, whose values are read although they are passed over.
      bytes.putShort((short) 1).putShort((short) 254).putShort((short) 4).putInt(values);
      bytes.putInt(8 + directories * bytesEach);
      bytes.putInt(i + 1 < directories ? bytes.position() + 4 : 0);
    }
    bytes.putInt(1);
    String message = refused(bytes).getMessage();
    assertTrue(message.contains("share their values"), message);
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

  /** 5×3 floats from 0 to 14, two rows to a strip, each strip after so many other bytes. */
  private static byte[] strips(int gap) {
    int[][] tags = {
      {256, 3}, {257, 5}, {258, 32}, {259, 1}, {262, 1}, {273, 0}, {278, 2}, {279, 0}, {339, 3}
    };
    int lists = 8 + 2 + 12 * tags.length + 4;
    int data = lists + 2 * 3 * 4;
    int[] counts = {24, 24, 12};
    ByteBuffer bytes = ByteBuffer.allocate(data + 60 + 3 * gap).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(new byte[] {'I', 'I', 42, 0}).putInt(8).putShort((short) tags.length);
    for (int[] tag : tags) {
      boolean list = tag[0] == 273 || tag[0] == 279;
      bytes.putShort((short) tag[0]).putShort((short) 4).putInt(list ? 3 : 1);
      bytes.putInt(tag[0] == 273 ? lists : tag[0] == 279 ? lists + 12 : tag[1]);
    }
    bytes.putInt(0);
    for (int i = 0; i < 3; i++) {
      bytes.putInt(data + gap + i * (24 + gap));
    }
    for (int count : counts) {
      bytes.putInt(count);
    }
    for (int i = 0; i < 15; i++) {
      bytes.position(bytes.position() + (i % 6 == 0 ? gap : 0)).putFloat(i);
    }
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 4})
  void stripsThatFollowEachOtherAreOneRangeOfTheFile(int gap) throws IOException {
    Path file = TestFiles.write(folder.resolve("strips.tif"), strips(gap));
    TensorInfo tensor = TensorLister.list(List.of(file.toString())).tensors().get(0);
    assertEquals(gap == 0, tensor.payload() instanceof Payload.ByteRange);
    assertEquals(Shape.of(5, 3), tensor.shape());
    ByteBuffer numbers =
        ByteBuffer.wrap(TestFiles.drain(TensorReader.open(tensor))).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 15; i++) {
      assertEquals(i, numbers.getFloat());
    }
  }

  @Test
  void stripsBeyondTheEndAreNoRange() throws IOException {
    byte[] bytes = strips(0);
    Path file =
        TestFiles.write(folder.resolve("short.tif"), Arrays.copyOf(bytes, bytes.length - 1));
    TensorInfo tensor = TensorLister.list(List.of(file.toString())).tensors().get(0);
    FormatException e =
        assertThrows(FormatException.class, () -> TestFiles.drain(TensorReader.open(tensor)));
    assertTrue(e.getMessage().contains("beyond its end"), e.getMessage());
  }

  /** Offset and length together are more than a long holds. */
  @Test
  void aStripAtTheEndOfAllNumbersIsNoRange() throws IOException {
    long[][] tags = {
      {256, 4, 1},
      {257, 4, 100},
      {258, 4, 32},
      {259, 4, 1},
      {262, 4, 1},
      {273, 16, Long.MAX_VALUE - 15},
      {278, 4, 100},
      {279, 4, 400},
      {339, 4, 3}
    };
    ByteBuffer bytes = ByteBuffer.allocate(1000).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(new byte[] {'I', 'I', 43, 0, 8, 0, 0, 0}).putLong(16).putLong(tags.length);
    for (long[] tag : tags) {
      bytes.putShort((short) tag[0]).putShort((short) tag[1]).putLong(1).putLong(tag[2]);
    }
    Path file = TestFiles.write(folder.resolve("far.tif"), bytes.array());
    TensorInfo tensor = TensorLister.list(List.of(file.toString())).tensors().get(0);
    FormatException e =
        assertThrows(FormatException.class, () -> TestFiles.drain(TensorReader.open(tensor)));
    assertTrue(e.getMessage().contains("beyond its end"), e.getMessage());
  }
}
