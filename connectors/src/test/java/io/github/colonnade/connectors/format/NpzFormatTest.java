package io.github.colonnade.connectors.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorReader;
import io.github.colonnade.connectors.testing.TestFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpzFormatTest {
  @TempDir Path folder;

  private static byte[] array(int elements) {
    return NpyFormatTest.npy(
        "{'descr': '|u1', 'fortran_order': False, 'shape': (" + elements + ",)}", elements);
  }

  private static byte[] zip(String member, byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry(member));
      zip.write(content);
    }
    return bytes.toByteArray();
  }

  private List<TensorInfo> list(byte[] file) throws IOException {
    return new NpzFormat().list(TestFiles.flink(TestFiles.write(folder.resolve("x.npz"), file)));
  }

  private void refuses(String reason, byte[] file) {
    FormatException e = assertThrows(FormatException.class, () -> list(file));
    assertTrue(e.getMessage().contains(reason), e.getMessage());
    assertTrue(e.getMessage().startsWith("x.npz: "), e.getMessage());
  }

  /** Index of the central directory's only record. */
  private static int directory(byte[] zip) {
    return new String(zip, StandardCharsets.ISO_8859_1).indexOf("PK\001\002");
  }

  private static byte[] withInt(byte[] file, int index, int value) {
    byte[] changed = file.clone();
    ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(index, value);
    return changed;
  }

  @Test
  void refusesMembersThatAreNoArrays() throws IOException {
    refuses("is no npy array", zip("readme.txt", new byte[10]));
    refuses("pickle", zip("archive/data.pkl", new byte[10]));
    refuses("does not begin as a numpy array", zip("a.npy", new byte[100]));
  }

  @Test
  void refusesWhatIsNoArchive() throws IOException {
    refuses("not a sound zip archive", TestFiles.random(3, 500));
    byte[] sound = zip("a.npy", array(50));
    refuses("not a sound zip archive", Arrays.copyOf(sound, sound.length - 30));
  }

  @Test
  void refusesSizesThatCannotBe() throws IOException {
    byte[] sound = zip("a.npy", array(50));
    int directory = directory(sound);
    // Compressed size at 20, size at 24 of the directory's record.
    refuses("which cannot be", withInt(sound, directory + 24, 0x7fffffff));
    refuses("get the file again", withInt(sound, directory + 20, 0x7fffffff));
    refuses(
        "takes 50 bytes, but there are 51", withInt(sound, directory + 24, array(50).length + 1));
    // Flag bit 0: encrypted. Method at 10.
    refuses("encrypted", withInt(sound, directory + 8, 0x80001));
    refuses("compression method 12", withInt(sound, directory + 8, 0xc0000));
  }

  @Test
  void refusesMembersThatOverlap() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (String member : List.of("a.npy", "b.npy")) {
        zip.putNextEntry(new ZipEntry(member));
        zip.write(array(50));
      }
    }
    byte[] file = bytes.toByteArray();
    int first = directory(file);
    int second = new String(file, StandardCharsets.ISO_8859_1).indexOf("PK\001\002", first + 1);
    // Both records point at the first local header, at 42 of the record.
    refuses("overlaps", withInt(file, second + 42, 0));
  }

  @Test
  void findsAlteredDataWhileReading() throws IOException {
    byte[] file = zip("a.npy", array(50));
    byte[] altered = withInt(file, directory(file) + 16, 12345);
    TensorInfo tensor = list(altered).get(0);
    FormatException e =
        assertThrows(FormatException.class, () -> TestFiles.drain(TensorReader.open(tensor)));
    assertTrue(e.getMessage().contains("checksum"), e.getMessage());
    assertEquals("a", e.tensor().orElseThrow());
    byte[] noise = array(3000);
    System.arraycopy(TestFiles.random(4, 3000), 0, noise, noise.length - 3000, 3000);
    byte[] cut = zip("a.npy", noise);
    Arrays.fill(cut, 2000, 2500, (byte) 0xff);
    FormatException broken =
        assertThrows(
            FormatException.class, () -> TestFiles.drain(TensorReader.open(list(cut).get(0))));
    assertTrue(broken.getMessage().startsWith("x.npz: tensor \"a\": "), broken.getMessage());
  }

  @Test
  void anArchiveOfNoMembersIsSound() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    new ZipOutputStream(bytes).close();
    assertEquals(List.of(), list(bytes.toByteArray()));
  }
}
