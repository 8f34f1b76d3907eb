package io.github.colonnade.tests.performance;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.colonnade.connectors.format.Formats;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorReader;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The files of benchmarks hold the matrix. */
class SampleFilesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "safetensors",
        "npy",
        "npz",
        "deflated-npz",
        "onnx",
        "gguf",
        "h5",
        "gzip-h5",
        "tiff"
      })
  void rowsFollowEachOther(String format, @TempDir Path folder) throws Exception {
    SampleFiles files = new SampleFiles(64, 48);
    Path file = files.write(folder, format);
    org.apache.flink.core.fs.Path path = new org.apache.flink.core.fs.Path(file.toUri());
    List<TensorInfo> tensors = Formats.of(path).list(path);
    assertEquals(1, tensors.size());
    assertEquals(Shape.of(64, 48), tensors.get(0).shape());
    try (InputStream in = TensorReader.open(tensors.get(0))) {
      assertArrayEquals(files.payload(), in.readAllBytes());
    }
  }
}
