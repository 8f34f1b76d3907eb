package io.github.colonnade.connectors.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorReader;
import io.github.colonnade.connectors.testing.TestFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spellings that protobuf allows and generated classes never write. */
class OnnxUnpackedTest {
  private interface Fields {
    void write(CodedOutputStream out) throws IOException;
  }

  @TempDir Path folder;

  private static ByteString message(Fields fields) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    fields.write(out);
    out.flush();
    return ByteString.copyFrom(bytes.toByteArray());
  }

  private TensorInfo list(Fields tensor) throws IOException {
    ByteString initializer = message(tensor);
    ByteString graph = message(out -> out.writeBytes(5, initializer));
    byte[] model = message(out -> out.writeBytes(7, graph)).toByteArray();
    return new OnnxFormat()
        .list(TestFiles.flink(TestFiles.write(folder.resolve("m.onnx"), model)))
        .get(0);
  }

  private static ByteBuffer read(TensorInfo tensor) throws IOException {
    return ByteBuffer.wrap(TestFiles.drain(TensorReader.open(tensor)))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void floatsMayBeUnpackedOrInPieces() throws IOException {
    TensorInfo tensor =
        list(
            out -> {
              out.writeFloat(4, 1.5f);
              // Packed dimensions, after data, and a packed piece of two floats.
              out.writeBytes(1, message(dims -> dims.writeInt64NoTag(4)));
              out.writeBytes(
                  4,
                  message(
                      piece -> {
                        piece.writeFloatNoTag(2.5f);
                        piece.writeFloatNoTag(3.5f);
                      }));
              out.writeString(12, "a comment between");
              out.writeFloat(4, 4.5f);
              out.writeInt32(2, 1);
              out.writeString(8, "t");
            });
    ByteBuffer values = read(tensor);
    for (float expected = 1.5f; expected < 5; expected++) {
      assertEquals(expected, values.getFloat());
    }
  }

  @Test
  void variableLengthNumbersMayBeUnpacked() throws IOException {
    TensorInfo tensor =
        list(
            out -> {
              out.writeInt64(1, 2);
              out.writeInt32(2, 7);
              out.writeString(8, "t");
              out.writeInt64(7, -9);
              out.writeInt64(7, 1L << 50);
            });
    ByteBuffer values = read(tensor);
    assertEquals(-9, values.getLong());
    assertEquals(1L << 50, values.getLong());
  }

  @Test
  void groupsAndWrongKindsOfValuesAreRefused() {
    FormatException group =
        assertThrows(FormatException.class, () -> list(out -> out.writeTag(99, 3)));
    assertTrue(group.getMessage().contains("group"), group.getMessage());
    FormatException kind =
        assertThrows(FormatException.class, () -> list(out -> out.writeInt32(8, 3)));
    assertTrue(kind.getMessage().contains("wrong kind"), kind.getMessage());
  }
}
