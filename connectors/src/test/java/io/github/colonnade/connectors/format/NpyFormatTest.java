package io.github.colonnade.connectors.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.testing.TestFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NpyFormatTest {
  @TempDir Path folder;

  static byte[] npy(String header, int dataBytes) {
    byte[] text = header.getBytes(StandardCharsets.ISO_8859_1);
    return ByteBuffer.allocate(10 + text.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put((byte) 0x93)
        .put("NUMPY".getBytes(StandardCharsets.ISO_8859_1))
        .put((byte) 1)
        .put((byte) 0)
        .putShort((short) text.length)
        .put(text)
        .array();
  }

  private TensorInfo list(byte[] bytes) throws IOException {
    return new NpyFormat()
        .list(TestFiles.flink(TestFiles.write(folder.resolve("x.npy"), bytes)))
        .get(0);
  }

  @Test
  void acceptsTheSpellingsThatNumpyHasUsed() throws IOException {
    assertEquals(
        Shape.of(3, 4),
        list(npy("{\"shape\": (3L, 4L), 'fortran_order' :False,'descr':'|u1'}", 12)).shape());
    assertEquals(
        Shape.of(3),
        list(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (3,), }  \n", 12)).shape());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      quoteCharacter = '`',
      value = {
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)} # takes 12 bytes",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} # but there are 8",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)} # than a long",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)} # numpy writes",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)} # numpy writes",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x # numpy writes",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2 3)} # numpy writes",
        "{'descr': '<f4', 'fortran_order': 1, 'shape': (2,)} # numpy writes",
        "{'descr': '<f4', 'fortran_order': False} # numpy writes",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)} # numpy writes",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1} # numpy writes",
        "{'descr': '\\x3cf4', 'fortran_order': False, 'shape': (2,)} # numpy writes",
        "{'descr': __import__('os'), 'fortran_order': False, 'shape': (2,)} # numpy writes",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)} # records",
        "{'descr': '<U2', 'fortran_order': False, 'shape': (1,)} # <U2 is not supported",
        "{'descr': '|f4', 'fortran_order': False, 'shape': (2,)} # |f4 is not supported",
        "{'descr': '|O', 'fortran_order': False, 'shape': (1,)} # pickle",
        "{'descr': '', 'fortran_order': False, 'shape': (2,)} # is not supported",
        "{'descr': '<f4' # numpy writes",
      })
  void refusesUnsoundHeaders(String header, String reason) {
    FormatException e = assertThrows(FormatException.class, () -> list(npy(header, 8)));
    assertTrue(e.getMessage().contains(reason), e.getMessage());
    assertTrue(e.getMessage().startsWith("x.npy: tensor \"x\": "), e.getMessage());
  }

  @Test
  void refusesCutOffAndOverlongHeaders() {
    byte[] sound = npy("{'descr': '|u1', 'fortran_order': False, 'shape': ()}", 1);
    for (int length = 1; length < sound.length; length++) {
      byte[] cut = Arrays.copyOf(sound, length);
      assertThrows(FormatException.class, () -> list(cut));
    }
    byte[] version2 = sound.clone();
    version2[6] = 2;
    FormatException e = assertThrows(FormatException.class, () -> list(version2));
    assertTrue(e.getMessage().contains("cut off or too long"), e.getMessage());
    byte[] version9 = sound.clone();
    version9[6] = 9;
    FormatException v = assertThrows(FormatException.class, () -> list(version9));
    assertTrue(v.getMessage().contains("version 9.0"), v.getMessage());
  }
}
