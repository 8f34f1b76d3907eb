package io.github.colonnade.connectors.write;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.testing.TestFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsSpoolTest {
  private static final List<TensorHeader> TENSORS =
      List.of(
          new TensorHeader("mask", DType.BOOL, Shape.of(3)),
          new TensorHeader("b", DType.F32, Shape.of(5)),
          new TensorHeader("a", DType.F32, Shape.of(2, 2)),
          new TensorHeader("wide", DType.F64, Shape.of(1)),
          new TensorHeader("none", DType.F64, Shape.of(0, 2)));

  @TempDir Path folder;
  @TempDir Path spoolFolder;

  private static byte[] payload(TensorHeader tensor) {
    return TestFiles.random(tensor.name().hashCode(), (int) tensor.sizeBytes());
  }

  private byte[] written(List<TensorHeader> order) throws IOException {
    Path out = folder.resolve("out.safetensors");
    try (SafetensorsSpool spool = SafetensorsSpool.create(TestFiles.flink(spoolFolder))) {
      for (TensorHeader tensor : order) {
        spool.add(tensor, payload(tensor));
      }
      assertEquals(order.size(), spool.size());
      assertEquals(3 + 20 + 16 + 8, spool.sizeBytes());
      spool.finish(TestFiles.flink(out), Map.of("format", "pt"));
    }
    assertEquals(0, filesIn(spoolFolder));
    return Files.readAllBytes(out);
  }

  private static long filesIn(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.count();
    }
  }

  @Test
  void theOrderOfAddingDoesNotMatter() throws IOException {
    byte[] bytes = written(TENSORS);
    List<TensorHeader> reversed = new ArrayList<>(TENSORS);
    Collections.reverse(reversed);
    assertArrayEquals(bytes, written(reversed));
    try (SafetensorsFile file =
        SafetensorsFile.open(TestFiles.flink(folder.resolve("out.safetensors")))) {
      assertEquals(
          List.of("none", "wide", "a", "b", "mask"),
          file.tensors().stream().map(TensorInfo::name).toList());
      for (TensorHeader tensor : TENSORS) {
        int size = (int) tensor.sizeBytes();
        assertArrayEquals(payload(tensor), file.read(tensor.name(), 0, size));
      }
    }
  }

  @Test
  void refusesWrongSizesAndNamesThatComeTwice() throws IOException {
    try (SafetensorsSpool spool = SafetensorsSpool.create(TestFiles.flink(spoolFolder))) {
      TensorHeader tensor = TENSORS.get(1);
      assertThrows(IllegalArgumentException.class, () -> spool.add(tensor, new byte[19]));
      spool.add(tensor, new ByteArrayInputStream(new byte[20]));
      assertThrows(IllegalArgumentException.class, () -> spool.add(tensor, new byte[20]));
      assertThrows(
          IllegalArgumentException.class,
          () -> spool.add(TENSORS.get(2), new ByteArrayInputStream(new byte[17])));
    }
    assertEquals(0, filesIn(spoolFolder));
  }

  @Test
  void partsOfTensorsReadInAnyOrder() throws IOException {
    written(TENSORS);
    try (SafetensorsFile file =
        SafetensorsFile.open(TestFiles.flink(folder.resolve("out.safetensors")))) {
      byte[] b = payload(TENSORS.get(1));
      assertArrayEquals(Arrays.copyOfRange(b, 4, 12), file.read("b", 4, 8));
      assertArrayEquals(Arrays.copyOfRange(b, 0, 4), file.read("b", 0, 4));
      assertArrayEquals(new byte[0], file.read("b", 20, 0));
      assertEquals(Shape.of(2, 2), file.tensor("a").orElseThrow().shape());
      assertTrue(file.tensor("x").isEmpty());
      assertThrows(FormatException.class, () -> file.read("x", 0, 1));
      assertThrows(IllegalArgumentException.class, () -> file.read("b", 13, 8));
      assertThrows(IllegalArgumentException.class, () -> file.read("b", -1, 1));
    }
  }
}
