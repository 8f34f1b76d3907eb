package io.github.colonnade.jobs.reconstruct;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.manifest.Layout;
import io.github.colonnade.jobs.manifest.SparseEntry;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.reconstruct.FilePlan.Copy;
import io.github.colonnade.jobs.reconstruct.FilePlan.Product;
import io.github.colonnade.jobs.reconstruct.FilePlan.Tensor;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutputPlanTest {
  private static final TensorLocation AT = new TensorLocation("d", "x");

  private static FilePlan file(String path, String... tensors) {
    return new FilePlan(
        path,
        List.of(tensors).stream()
            .map(
                name ->
                    new Tensor(
                        "file:/m",
                        name,
                        DType.F32,
                        Shape.of(2, 3),
                        List.of(new Copy(AT)),
                        List.of()))
            .toList());
  }

  /** A scheme would lead into another file system. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:/m/s3:evil.safetensors.index.json",
        "file:/m/..\\evil.safetensors.index.json",
        "file:/m/a\nb.safetensors.index.json"
      })
  void anIndexIsWrittenUnderAPlainNameOnly(String input) {
    List<FilePlan> files = List.of(file("a.safetensors", "a"));
    assertThrows(UsageException.class, () -> IndexFile.of(files, List.of(input)));
  }

  @Test
  void shardsHaveAnIndexInTheirFolder() {
    List<FilePlan> files =
        List.of(
            file("unet/model-00001-of-00002.safetensors", "a", "b"),
            file("unet/model-00002-of-00002.safetensors", "c"),
            file("vae/model.safetensors", "d"));

    assertEquals(
        List.of(
            new IndexFile(
                "unet/model.safetensors.index.json",
                Map.of(
                    "a", "model-00001-of-00002.safetensors",
                    "b", "model-00001-of-00002.safetensors",
                    "c", "model-00002-of-00002.safetensors"),
                72)),
        IndexFile.of(files, List.of("file:/in")));
  }

  @Test
  void anIndexThatWasGivenKeepsItsNameWhateverTheShardsAreCalled() {
    assertEquals(
        List.of(
            new IndexFile(
                "m.safetensors.index.json",
                Map.of("a", "x.safetensors", "b", "y/z.safetensors"),
                48)),
        IndexFile.of(
            List.of(file("x.safetensors", "a"), file("y/z.safetensors", "b")),
            List.of("file:/in/m.safetensors.index.json")));
  }

  @Test
  void plansComeBackAsTheyWere() throws IOException {
    FilePlan plan =
        new FilePlan(
            "a/b.safetensors",
            List.of(
                new Tensor(
                    "file:/m",
                    "重".repeat(40_000),
                    DType.BF16,
                    Shape.of(2, 3, 4),
                    List.of(
                        new Copy(AT),
                        new Product(
                            6,
                            4,
                            2,
                            Layout.COLUMN_MAJOR,
                            Optional.of(AT),
                            Optional.of(AT),
                            Optional.of(new FilePlan.Use(AT, 5, 3)),
                            0.5,
                            Optional.of(new SparseEntry(List.of(0L, 3L), AT, AT))),
                        new Product(
                            6,
                            4,
                            0,
                            Layout.ROW_MAJOR,
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            1,
                            Optional.empty())),
                    List.of(1L, 2L, 1L << 40)),
                new Tensor(
                    "file:/m", "", DType.I64, Shape.of(), List.of(new Copy(AT)), List.of())));
    FilePlanCodec codec = new FilePlanCodec();
    DataOutputSerializer out = new DataOutputSerializer(16);
    codec.write(plan, out);
    DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());

    assertEquals(plan, codec.read(codec.version(), in));
    assertEquals(0, in.available());
    assertEquals(24 * 2 + 8, plan.sizeBytes());
  }
}
