package io.github.colonnade.tests.training;

import java.util.Map;
import java.util.Random;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.TrainingConfig;
import org.nd4j.autodiff.samediff.VariableType;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/**
 * Tells the next character from those before it. Each of these is embedded; a first layer takes all
 * of them to a vector h; and each block adds W₂·silu(W₁·h) to it, as the feed-forward part of a
 * transformer does. All matrices but the embedding and the last one are of a {@link LayerKind}.
 *
 * <p>With the same seed and width every kind begins with the same W.
 */
final class CharacterModel {

  static final int CONTEXT = 16;
  private static final int EMBEDDING = 16;
  private static final int BLOCKS = 2;

  private final SameDiff graph = SameDiff.create();
  private final Random random;

  CharacterModel(LayerKind kind, int width, double learningRate, long seed) {
    random = new Random(seed);
    int characters = CharacterText.CHARACTERS;
    SDVariable text = graph.placeHolder("text", DataType.INT32, -1, CONTEXT);
    SDVariable next = graph.placeHolder("next", DataType.INT32, -1);
    SDVariable embedding = weights("embedding", characters, EMBEDDING, 1);
    SDVariable letters =
        graph.oneHot(null, graph.reshape(text, -1), characters, -1, 1, 0, DataType.FLOAT);
    SDVariable inputs = graph.reshape(graph.mmul(letters, embedding), -1, CONTEXT * EMBEDDING);

    SDVariable h = linear(kind, "first", inputs, width, CONTEXT * EMBEDDING);
    for (int i = 0; i < BLOCKS; i++) {
      SDVariable wide = linear(kind, "wide" + i, h, 2 * width, width);
      SDVariable back = linear(kind, "back" + i, graph.nn().swish(wide), width, 2 * width);
      h = h.add(back);
    }
    SDVariable head = weights("head", width, characters, 0.1 / Math.sqrt(width));
    SDVariable logits = graph.mmul(h, head);
    graph.loss().sparseSoftmaxCrossEntropy(logits, next).mean("loss");
    graph.setLossVariables("loss");
    graph.setTrainingConfig(
        TrainingConfig.builder()
            .updater(new Adam(learningRate))
            .dataSetFeatureMapping("text")
            .dataSetLabelMapping("next")
            .build());
  }

  private SDVariable linear(LayerKind kind, String name, SDVariable x, int out, int in) {
    return kind.add(graph, name, x, gaussian(out * in, 1 / Math.sqrt(in)), out, in);
  }

  private SDVariable weights(String name, int rows, int columns, double deviation) {
    return graph.var(
        name,
        Nd4j.createFromArray(gaussian(rows * columns, deviation))
            .reshape('f', rows, columns)
            .castTo(DataType.FLOAT));
  }

  private double[] gaussian(int count, double deviation) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = deviation * random.nextGaussian();
    }
    return values;
  }

  /** The numbers that are trained. */
  long parameters() {
    return graph.variables().stream()
        .filter(each -> each.getVariableType() == VariableType.VARIABLE)
        .mapToLong(each -> each.getArr().length())
        .sum();
  }

  void train(DataSet examples) {
    graph.fit(examples);
  }

  /** The mean cross-entropy in nats for each character. */
  double loss(DataSet examples) {
    Map<String, INDArray> inputs =
        Map.of("text", examples.getFeatures(), "next", examples.getLabels());
    return graph.outputSingle(inputs, "loss").getDouble(0);
  }
}
