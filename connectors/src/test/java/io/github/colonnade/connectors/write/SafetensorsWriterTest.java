package io.github.colonnade.connectors.write;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.testing.TestFiles;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
  private static final TensorHeader A = new TensorHeader("a", DType.F32, Shape.of(2, 2));
  private static final TensorHeader B = new TensorHeader("b\"\n\\", DType.U8, Shape.of(3));

  @TempDir Path folder;

  private org.apache.flink.core.fs.Path file() {
    return TestFiles.flink(folder.resolve("sub/out.safetensors"));
  }

  @Test
  void whatIsWrittenReadsBack() throws IOException {
    byte[] a = TestFiles.random(1, 16);
    byte[] b = TestFiles.random(2, 3);
    try (SafetensorsWriter writer =
        SafetensorsWriter.begin(file(), List.of(B, A), Map.of("z", "1", "k\"", "é"))) {
      writer.tensor(B.name(), new ByteArrayInputStream(b));
      try (OutputStream out = writer.tensor("a")) {
        out.write(a[0]);
        out.write(a, 1, 15);
      }
      writer.finish();
    }
    try (SafetensorsFile read = SafetensorsFile.open(file())) {
      assertEquals(Map.of("z", "1", "k\"", "é"), read.metadata());
      assertEquals(2, read.tensors().size());
      assertEquals(B.name(), read.tensors().get(0).name());
      assertArrayEquals(b, read.read(B.name(), 0, 3));
      assertArrayEquals(a, read.read("a", 0, 16));
    }
    byte[] bytes = Files.readAllBytes(folder.resolve("sub/out.safetensors"));
    int header = (bytes[0] & 0xff) + 256 * (bytes[1] & 0xff);
    assertEquals(0, header % 8);
    assertEquals(8 + header + 19, bytes.length);
  }

  @Test
  void givesTheBytesOfTheReferenceImplementation() throws IOException {
    Path reference = TestFiles.resource("safetensors/reference.safetensors");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (SafetensorsFile in = SafetensorsFile.open(TestFiles.flink(reference))) {
      List<TensorHeader> headers =
          in.tensors().stream()
              .map(t -> new TensorHeader(t.name(), t.dtype(), t.shape()))
              .sorted(TensorHeader.REFERENCE_ORDER)
              .toList();
      SafetensorsWriter writer = SafetensorsWriter.begin(out, headers, in.metadata());
      for (TensorHeader header : headers) {
        byte[] payload = in.read(header.name(), 0, (int) header.sizeBytes());
        writer.tensor(header.name(), new ByteArrayInputStream(payload));
      }
      writer.finish();
    }
    assertArrayEquals(Files.readAllBytes(reference), out.toByteArray());
  }

  @Test
  void misuseIsRefusedAndLeavesNoFile() throws IOException {
    try (SafetensorsWriter writer = SafetensorsWriter.begin(file(), List.of(A, B), Map.of())) {
      assertThrows(IllegalStateException.class, () -> writer.tensor(B.name()));
      assertThrows(IllegalStateException.class, writer::finish);
      OutputStream a = writer.tensor("a");
      assertThrows(IllegalStateException.class, () -> a.write(new byte[17]));
      a.write(new byte[15]);
      assertThrows(IllegalStateException.class, a::close);
      assertThrows(IllegalStateException.class, () -> writer.tensor(B.name()));
      assertThrows(IllegalStateException.class, writer::finish);
      a.write(1);
      a.close();
      IllegalStateException e =
          assertThrows(
              IllegalStateException.class,
              () -> writer.tensor(B.name(), new ByteArrayInputStream(new byte[2])));
      assertTrue(e.toString().contains("lacks 1 bytes"), e.toString());
      assertThrows(IllegalStateException.class, () -> a.write(1));
    }
    assertFalse(Files.exists(folder.resolve("sub/out.safetensors")));
  }

  @Test
  void refusesHeadersThatReadersWouldRefuse() {
    assertThrows(
        IllegalArgumentException.class,
        () -> SafetensorsWriter.begin(file(), List.of(A, A), Map.of()));
    assertThrows(
        IllegalArgumentException.class,
        () -> new TensorHeader("__metadata__", DType.F32, Shape.of()));
    assertThrows(
        IllegalArgumentException.class, () -> new TensorHeader("x", DType.F4, Shape.of(3)));
    assertFalse(Files.exists(folder.resolve("sub/out.safetensors")));
  }

  @Test
  void aFileOfNoTensorsIsSound() throws IOException {
    try (SafetensorsWriter writer = SafetensorsWriter.begin(file(), List.of(), Map.of())) {
      writer.finish();
    }
    try (SafetensorsFile read = SafetensorsFile.open(file())) {
      assertEquals(List.of(), read.tensors());
    }
  }
}
