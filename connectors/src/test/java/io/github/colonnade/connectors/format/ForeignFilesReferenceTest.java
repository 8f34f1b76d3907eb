package io.github.colonnade.connectors.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorReader;
import io.github.colonnade.connectors.testing.TestFiles;
import io.github.colonnade.connectors.view.BlockReader;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.MatrixView;
import io.github.colonnade.connectors.view.TensorPlan;
import io.github.colonnade.connectors.view.ViewOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Files that other programs have written, each beside an npz file of what that program reads from
 * it; the READMEs tell how they were made.
 */
class ForeignFilesReferenceTest {

  private static Map<String, TensorInfo> list(Path file) throws IOException {
    Map<String, TensorInfo> byName = new TreeMap<>();
    for (TensorInfo tensor : TensorLister.list(List.of(file.toString())).tensors()) {
      byName.put(tensor.name(), tensor);
    }
    return byName;
  }

  private static Stream<String> files() {
    return Stream.of(
        "gguf/tiny.gguf",
        "matlab/tiny.mat",
        "matlab/compressed.mat",
        "hdf5/tiny.h5",
        "hdf5/latest.h5",
        "hdf5/ordered.h5",
        "hdf5/indexes.h5",
        "hdf5/v73.mat",
        "hdf5/1D_Advection_Sols_beta0.4.hdf5",
        "tiff/S2A_MSIL2A_B02.tif",
        "tiff/planes.tif",
        "tiff/tiles.tif",
        "tiff/pages.tif",
        "tiff/lzw.tif",
        "tiff/packbits.tif",
        "matrixmarket/dense.mtx",
        "matrixmarket/symmetric.mtx",
        "matrixmarket/skew.mtx",
        "matrixmarket/hermitian.mtx",
        "matrixmarket/complex.mtx",
        "matrixmarket/sparse.mtx",
        "matrixmarket/whole.mtx",
        "matrixmarket/pattern.mtx");
  }

  @ParameterizedTest
  @MethodSource("files")
  void readsWhatItsProgramReads(String file) throws IOException {
    Map<String, TensorInfo> expected = list(TestFiles.resource(file + ".npz"));
    Map<String, TensorInfo> tensors = list(TestFiles.resource(file));
    assertEquals(expected.keySet(), new TreeSet<>(tensors.keySet()));
    for (Map.Entry<String, TensorInfo> entry : expected.entrySet()) {
      TensorInfo tensor = Objects.requireNonNull(tensors.get(entry.getKey()));
      assertEquals(entry.getValue().shape(), tensor.shape(), tensor::name);
      byte[] payload = TestFiles.drain(TensorReader.open(entry.getValue()));
      assertArrayEquals(payload, TestFiles.drain(TensorReader.open(tensor)), tensor::name);
      for (int from : new int[] {0, payload.length / 7, payload.length / 2, payload.length}) {
        int length = (payload.length - from) / 2;
        assertArrayEquals(
            Arrays.copyOfRange(payload, from, from + length),
            TestFiles.drain(TensorReader.open(tensor, from, length)),
            () -> tensor.name() + " from byte " + from);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void readsRangesOfColumns(String file) throws IOException {
    ViewOptions pairs =
        new ViewOptions(
            ViewOptions.defaults().orientation(),
            OptionalLong.of(2),
            OptionalLong.of(2),
            List.of(),
            List.of());
    Map<String, TensorInfo> expected = list(TestFiles.resource(file + ".npz"));
    int blocks = 0;
    for (TensorInfo tensor : list(TestFiles.resource(file)).values()) {
      TensorInfo original = Objects.requireNonNull(expected.get(tensor.name()));
      if (!tensor.dtype().equals(original.dtype())
          || !(MatrixView.of(pairs).plan(tensor) instanceof TensorPlan.Blocks plan)) {
        continue;
      }
      for (BlockRef block : plan.blocks()) {
        BlockRef same =
            new BlockRef(
                original, block.rows(), block.columns(), block.fromColumn(), block.layout());
        try (InputStream wanted = BlockReader.open(same);
            InputStream in = BlockReader.open(block)) {
          assertArrayEquals(wanted.readAllBytes(), in.readAllBytes(), block::id);
        }
        blocks++;
      }
    }
    assertTrue(blocks > 1, () -> "no blocks in " + file);
  }

  @ParameterizedTest
  @MethodSource("files")
  void isKnownByItsContent(String file, @TempDir Path folder) throws IOException {
    Path nameless = folder.resolve("no-ending");
    Files.copy(TestFiles.resource(file), nameless);
    assertEquals(list(TestFiles.resource(file)).size(), list(nameless).size());
  }
}
