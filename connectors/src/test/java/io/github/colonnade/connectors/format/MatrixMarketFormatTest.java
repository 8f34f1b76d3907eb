package io.github.colonnade.connectors.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorReader;
import io.github.colonnade.connectors.testing.TestFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Matrix Market files as scipy does not write them; a slash stands for the end of a line. */
class MatrixMarketFormatTest {
  @TempDir private Path folder = Path.of("");

  private double[] read(String kind, String lines) throws IOException {
    String text = "%%MatrixMarket matrix " + kind + "/" + lines;
    Path file =
        TestFiles.write(
            folder.resolve("a.mtx"), text.replace('/', '\n').getBytes(StandardCharsets.US_ASCII));
    TensorInfo tensor = TensorLister.list(List.of(file.toString())).tensors().get(0);
    double[] values = new double[Math.toIntExact(tensor.shape().elements())];
    ByteBuffer.wrap(TestFiles.drain(TensorReader.open(tensor)))
        .order(ByteOrder.LITTLE_ENDIAN)
        .asDoubleBuffer()
        .get(values);
    return values;
  }

  @Test
  void readsBlankLinesAndComments() throws IOException {
    assertArrayEquals(
        new double[] {0, 3, -9007199254740991.0, 0},
        read("coordinate integer general", "2 2 2//  1 2\t3 \r/% note/2 1 -9007199254740991//%"));
  }

  @ParameterizedTest
  @CsvSource({
    "coordinate pattern general, 3 3 3/1 2 1/2 3 1/3 1 1/, goes on after its number",
    "coordinate real general, 2 2 2/1 2/3 1 1 4/, a line ends before",
    "coordinate real general, 2 2 2/1 2 3/, ends before its last number",
    "coordinate real general, 2 2 1/1 2 3/2 1 4/, goes on after its last",
    "array real general, 2 1/1 2/, goes on after its number",
    "array real general, 2 1/1/2/3, goes on after its last",
    "array complex general, 1 1/1/2/, a line ends before",
    "array integer general, 1 1/9007199254740993, 2^53",
    "array real general, 1 1/1.5f, is no number",
  })
  void refusesLinesOfAnotherKind(String kind, String lines, String reason) {
    FormatException refusal = assertThrows(FormatException.class, () -> read(kind, lines));
    assertTrue(refusal.getMessage().contains(reason), refusal.getMessage());
  }
}
