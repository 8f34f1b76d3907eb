package io.github.colonnade.tests.benchmark;

import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockReader;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.ElementType;
import io.github.colonnade.connectors.view.Layout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * Weights of all-MiniLM-L6-v2, from the file that the build of {@code jobs} unpacks for the demo.
 *
 * <p>Its ONNX file holds every linear layer as inputs × outputs.
 */
final class MiniLm {

  /** The system property with the path of the model. */
  static final String PROPERTY = "colonnade.demo.model";

  private static final int WIDTH = 384;
  private static final int MATRICES_PER_LAYER = 4;

  private MiniLm() {}

  /**
   * The heads of query, key, value and output of every layer: 384×32 each, cut from the side that a
   * head has to itself.
   */
  static DataSet heads() {
    List<float[]> blocks = new ArrayList<>();
    List<TensorInfo> layers = tensors(each -> is(each, "onnx::", WIDTH, WIDTH));
    for (int i = 0; i < layers.size(); i++) {
      boolean output = i % MATRICES_PER_LAYER == MATRICES_PER_LAYER - 1;
      blocks.addAll(cut(read(layers.get(i), output ? Layout.COLUMN_MAJOR : Layout.ROW_MAJOR), 32));
    }
    return new DataSet(WIDTH, blocks);
  }

  /** The vectors of all words as columns of height 384, in slices of 64. */
  static DataSet embeddingSlices() {
    return new DataSet(WIDTH, cut(read(words(), Layout.COLUMN_MAJOR), 64));
  }

  /** The vectors of all words, each a block by itself. */
  static DataSet embeddingColumns() {
    return new DataSet(WIDTH, cut(read(words(), Layout.COLUMN_MAJOR), 1));
  }

  /** The feed-forward matrices of all layers, with the side of 384 as rows. */
  static DataSet feedForward() {
    List<float[]> blocks = new ArrayList<>();
    int inner = 4 * WIDTH;
    for (TensorInfo each :
        tensors(t -> is(t, "onnx::", WIDTH, inner) || is(t, "onnx::", inner, WIDTH))) {
      blocks.add(read(each, each.shape().dim(0) == WIDTH ? Layout.ROW_MAJOR : Layout.COLUMN_MAJOR));
    }
    return new DataSet(WIDTH, blocks);
  }

  private static TensorInfo words() {
    return tensors(each -> each.name().contains("word_embeddings")).get(0);
  }

  private static boolean is(TensorInfo tensor, String prefix, long outer, long inner) {
    return tensor.name().startsWith(prefix)
        && tensor.shape().rank() == 2
        && tensor.shape().dim(0) == outer
        && tensor.shape().dim(1) == inner;
  }

  /** In the order of the layers, which is that of the names. */
  private static List<TensorInfo> tensors(Predicate<TensorInfo> wanted) {
    String model = System.getProperty(PROPERTY, "");
    if (model.isEmpty() || !Files.exists(Path.of(model))) {
      throw new IllegalStateException(
          "the model is not at '"
              + model
              + "' ("
              + PROPERTY
              + "); start the benchmark with tests/bin/partition-benchmark, which fetches it");
    }
    try {
      return TensorLister.list(List.of(model)).tensors().stream()
          .filter(wanted)
          .sorted(Comparator.comparing(TensorInfo::name))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All numbers of a tensor, read as a matrix of 384 rows, column after column. */
  private static float[] read(TensorInfo tensor, Layout layout) {
    try {
      BlockRef all = new BlockRef(tensor, WIDTH, tensor.elements() / WIDTH, 0, layout);
      return new BlockReader(ElementType.FLOAT).read(all).floats();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<float[]> cut(float[] matrix, int columns) {
    List<float[]> blocks = new ArrayList<>();
    int length = WIDTH * columns;
    for (int from = 0; from < matrix.length; from += length) {
      blocks.add(Arrays.copyOfRange(matrix, from, Math.min(matrix.length, from + length)));
    }
    return blocks;
  }
}
