package io.github.colonnade.connectors.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
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
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Hdf5FormatTest {

  private static List<TensorInfo> list(Path file) throws IOException {
    return TensorLister.list(List.of(file.toString())).tensors();
  }

  private static TensorInfo tensor(String file, String name) throws IOException {
    return list(TestFiles.resource("hdf5/" + file)).stream()
        .filter(tensor -> tensor.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatLiesInOnePieceIsReadByItsRange() throws IOException {
    TensorInfo tensor = tensor("1D_Advection_Sols_beta0.4.hdf5", "tensor");
    assertEquals(Shape.of(4, 5, 16), tensor.shape());
    assertTrue(tensor.payload().isDirect());
    assertTrue(tensor.payload() instanceof Payload.ByteRange);
    assertTrue(tensor("tiny.h5", "packed/gzip").payload() instanceof Payload.Decoded);
  }

  @ParameterizedTest
  @CsvSource({
    "reference.h5, cells, no numbers",
    "record.h5, table, no numbers",
    "external.h5, outside, another file",
    "virtual.h5, assembled, virtual",
    "unwritten.h5, vast, never written",
    "filter.h5, scaled, filter 6",
    "object.mat, table, an object",
    "nonempty.mat, full, said to be empty",
    "shared.h5, other, shares a part",
  })
  void refusesWhatItCannotRead(String file, String name, String reason) {
    FormatException refusal =
        assertThrows(FormatException.class, () -> list(TestFiles.resource("hdf5/" + file)));
    String message = refusal.getMessage();
    assertTrue(message.contains(name) && message.contains(reason), message);
    assertTrue(message.startsWith(file) && message.contains(";"), message);
  }

  @Test
  void checksumsOfChunksAreChecked(@TempDir Path folder) throws IOException {
    byte[] bytes = Files.readAllBytes(TestFiles.resource("hdf5/tiny.h5"));
    TensorInfo checked = tensor("tiny.h5", "packed/checked");
    byte[] numbers = TestFiles.drain(TensorReader.open(checked));
    int at = indexOf(bytes, new byte[] {numbers[3], numbers[2], numbers[1], numbers[0]});
    bytes[at] ^= 1;
    Path changed = TestFiles.write(folder.resolve("changed.h5"), bytes);
    TensorInfo tensor =
        list(changed).stream()
            .filter(each -> each.name().equals("packed/checked"))
            .findFirst()
            .orElseThrow();
    FormatException refusal =
        assertThrows(FormatException.class, () -> TestFiles.drain(TensorReader.open(tensor)));
    assertTrue(refusal.getMessage().contains("checksum"), refusal.getMessage());
  }

  /** Where a big-endian number lies, the only one of its kind. */
  private static int indexOf(byte[] bytes, byte[] wanted) {
    for (int i = 0; i < bytes.length - 3; i++) {
      if (bytes[i] == wanted[0]
          && bytes[i + 1] == wanted[1]
          && bytes[i + 2] == wanted[2]
          && bytes[i + 3] == wanted[3]) {
        return i;
      }
    }
    throw new AssertionError("not there");
  }

  @Test
  void addressesCountFromWhereTheFileBegins(@TempDir Path folder) throws IOException {
    byte[] bytes = Files.readAllBytes(TestFiles.resource("hdf5/tiny.h5"));
    byte[] behind = new byte[512 + bytes.length];
    System.arraycopy(bytes, 0, behind, 512, bytes.length);
    List<TensorInfo> tensors = list(TestFiles.write(folder.resolve("behind.h5"), behind));
    List<TensorInfo> originals = list(TestFiles.resource("hdf5/tiny.h5"));
    assertEquals(originals.size(), tensors.size());
    for (int i = 0; i < tensors.size(); i++) {
      assertArrayEquals(
          TestFiles.drain(TensorReader.open(originals.get(i))),
          TestFiles.drain(TensorReader.open(tensors.get(i))));
    }
  }

  @Test
  void groupsThatHoldThemselvesEnd(@TempDir Path folder) throws IOException {
    // Every member of the root group is made the root group itself.
    byte[] bytes = Files.readAllBytes(TestFiles.resource("hdf5/reference.h5"));
    ByteBuffer file = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long root = file.getLong(64);
    int changed = 0;
    for (int at = 0; at < bytes.length - 8; at += 8) {
      if (bytes[at] == 'S' && bytes[at + 1] == 'N' && bytes[at + 2] == 'O') {
        int entries = file.getShort(at + 6);
        for (int i = 0; i < entries; i++) {
          file.putLong(at + 8 + 40 * i + 8, root);
          changed++;
        }
      }
    }
    assertEquals(2, changed);
    Path circular = TestFiles.write(folder.resolve("circular.h5"), bytes);
    assertEquals(List.of(), list(circular));
  }
}
