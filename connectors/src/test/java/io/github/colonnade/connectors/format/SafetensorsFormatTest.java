package io.github.colonnade.connectors.format;

import static io.github.colonnade.connectors.testing.TestFiles.safetensors;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorReader;
import io.github.colonnade.connectors.testing.TestFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsFormatTest {
  @TempDir Path folder;

  private List<TensorInfo> list(byte[] file) throws IOException {
    return new SafetensorsFormat()
        .list(TestFiles.flink(TestFiles.write(folder.resolve("m.safetensors"), file)));
  }

  private static String entry(String name, String dtype, String shape, int begin, int end) {
    return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
        .formatted(name, dtype, shape, begin, end);
  }

  @Test
  void listsInTheOrderOfTheData() throws IOException {
    byte[] data = TestFiles.random(1, 30);
    String header =
        "{"
            + String.join(
                ",",
                entry("a", "F32", "[2,3]", 6, 30),
                "\"__metadata__\":{\"format\":\"pt\"}",
                entry("z", "BF16", "[3]", 0, 6),
                entry("nothing", "F64", "[0,7]", 6, 6))
            + "}   ";
    List<TensorInfo> tensors = list(safetensors(header, data));
    assertEquals(List.of("z", "nothing", "a"), tensors.stream().map(TensorInfo::name).toList());
    assertEquals(DType.F32, tensors.get(2).dtype());
    assertEquals(Shape.of(2, 3), tensors.get(2).shape());
    assertTrue(tensors.get(2).source().matches("file:/.*/m\\.safetensors"));
    assertArrayEquals(
        Arrays.copyOfRange(data, 6, 30), TestFiles.drain(TensorReader.open(tensors.get(2))));
    assertEquals(0, TestFiles.drain(TensorReader.open(tensors.get(1))).length);
  }

  @Test
  void readsWhatTheReferenceImplementationWrites() throws IOException {
    Path file = TestFiles.resource("safetensors/reference.safetensors");
    SafetensorsHeader header = SafetensorsHeader.read(TestFiles.flink(file));
    assertEquals(Map.of("format", "pt"), header.metadata());
    assertEquals(7, header.tensors().size());
    TensorInfo scalar =
        header.tensors().stream().filter(t -> t.name().equals("scalar")).findFirst().orElseThrow();
    assertEquals(Shape.of(), scalar.shape());
    assertEquals(
        2.5f,
        ByteBuffer.wrap(TestFiles.drain(TensorReader.open(scalar)))
            .order(ByteOrder.LITTLE_ENDIAN)
            .getFloat());
  }

  @Test
  void aFileOfNoTensorsIsSound() throws IOException {
    assertEquals(List.of(), list(safetensors("{}", 0)));
  }

  private static byte[] length(long length, int following) {
    return ByteBuffer.allocate(8 + following)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(length)
        .array();
  }

  static Stream<Arguments> unsound() {
    String good = entry("a", "F32", "[2]", 0, 8);
    return Stream.of(
        Arguments.of("is empty", new byte[0]),
        Arguments.of("only 7 bytes", new byte[7]),
        Arguments.of("but the file has only 12", length(5, 4)),
        Arguments.of("more than the 100000000 allowed", length(100_000_001, 4)),
        Arguments.of("of 18446744073709551615 bytes", length(-1, 4)),
        Arguments.of("is not valid JSON", safetensors("{\"a\":", 0)),
        Arguments.of("is no JSON object", safetensors("[]", 0)),
        Arguments.of("is no JSON object", safetensors("", 0)),
        Arguments.of("does not end with", safetensors("{}{}", 0)),
        Arguments.of("Duplicate field 'a'", safetensors("{" + good + "," + good + "}", 8)),
        Arguments.of("nesting depth", safetensors("{\"a\":{\"x\":" + "[".repeat(5000), 0)),
        Arguments.of("dtype \"F33\"", safetensors("{" + entry("a", "F33", "[2]", 0, 8) + "}", 8)),
        Arguments.of(
            "negative dimension", safetensors("{" + entry("a", "F32", "[-2]", 0, 8) + "}", 8)),
        Arguments.of(
            "more elements than a long",
            safetensors("{" + entry("a", "F32", "[4294967296,4294967296]", 0, 8) + "}", 8)),
        Arguments.of(
            "takes 12 bytes, but there are 8",
            safetensors("{" + entry("a", "F32", "[3]", 0, 8) + "}", 8)),
        Arguments.of(
            "do not fill whole bytes", safetensors("{" + entry("a", "F4", "[3]", 0, 2) + "}", 2)),
        Arguments.of(
            "begins at byte",
            safetensors("{" + good + "," + entry("b", "F32", "[2]", 4, 12) + "}", 12)),
        Arguments.of(
            "no gap", safetensors("{" + good + "," + entry("b", "F32", "[2]", 9, 17) + "}", 17)),
        Arguments.of("no gap", safetensors("{" + entry("a", "F32", "[2]", 1, 9) + "}", 9)),
        Arguments.of("download it again", safetensors("{" + good + "}", 7)),
        Arguments.of("no bytes after the data", safetensors("{" + good + "}", 9)),
        Arguments.of("[begin, end]", safetensors("{" + entry("a", "F32", "[2]", 8, 0) + "}", 8)),
        Arguments.of("[begin, end]", safetensors("{" + entry("a", "F32", "[2]", -8, 0) + "}", 8)),
        Arguments.of("lacks dtype", safetensors("{\"a\":{\"shape\":[]}}", 0)),
        Arguments.of("no JSON object", safetensors("{\"a\":3}", 0)),
        Arguments.of("holds no whole numbers", safetensors("{\"a\":{\"shape\":[1.5]}}", 0)),
        Arguments.of("is no list", safetensors("{\"a\":{\"shape\":3}}", 0)),
        Arguments.of(
            "more than 64 numbers",
            safetensors("{\"a\":{\"shape\":[" + "1,".repeat(65) + "1]}}", 0)),
        Arguments.of("not valid JSON", safetensors("{\"a\":{\"shape\":[9223372036854775808]}}", 0)),
        Arguments.of("half a character", safetensors("{\"a\\ud800\":{}}", 0)),
        Arguments.of("half a character", safetensors("{\"__metadata__\":{\"a\":\"\\udc00\"}}", 0)),
        Arguments.of("dtype is no text", safetensors("{\"a\":{\"dtype\":[]}}", 0)),
        Arguments.of("is no text", safetensors("{\"__metadata__\":{\"a\":1}}", 0)));
  }

  @ParameterizedTest
  @MethodSource("unsound")
  void refusesUnsoundFiles(String reason, byte[] file) {
    FormatException e = assertThrows(FormatException.class, () -> list(file));
    assertTrue(e.getMessage().startsWith("m.safetensors: "), e.getMessage());
    assertTrue(e.getMessage().contains(reason), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
    assertTrue(e.getMessage().contains(";"), "says what to do: " + e.getMessage());
  }

  @Test
  void refusesTextThatIsNotUtf8() {
    byte[] file = safetensors("{\"_\":{}}", 0);
    file[10] = (byte) 0xff;
    FormatException e = assertThrows(FormatException.class, () -> list(file));
    assertTrue(e.getMessage().contains("not valid UTF-8"), e.getMessage());
  }

  @Test
  void namesFileTensorReasonAndRemedy() {
    String header = "{" + entry("a.weight", "F32", "[300]", 0, 1200) + "}";
    FormatException e = assertThrows(FormatException.class, () -> list(safetensors(header, 900)));
    assertEquals(
        "m.safetensors: tensor \"a.weight\": data ends at byte 1200 after the header, but the file"
            + " has only 900 bytes there; the file is truncated, download it again",
        e.getMessage());
    assertEquals("a.weight", e.tensor().orElseThrow());
    assertTrue(e.source().endsWith("/m.safetensors"));
  }

  @Test
  void showsHostileNamesOnOneLine() {
    String name = "a\\nb\\u0007" + "x".repeat(5000);
    String header = "{" + entry(name, "F32", "[1]", 0, 8) + "}";
    FormatException e = assertThrows(FormatException.class, () -> list(safetensors(header, 8)));
    assertEquals(1, e.getMessage().lines().count());
    assertTrue(e.getMessage().length() < 500, e.getMessage());
  }
}
