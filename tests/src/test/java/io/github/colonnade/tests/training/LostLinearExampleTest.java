package io.github.colonnade.tests.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.lost.Activation;
import io.github.colonnade.svd.lost.ChannelRule;
import io.github.colonnade.svd.lost.LostFactors;
import io.github.colonnade.svd.lost.LostInitializer;
import io.github.colonnade.svd.lost.LostLayer;
import io.github.colonnade.svd.lost.LostSettings;
import io.github.colonnade.svd.training.LostLinear;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.TrainingConfig;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** The example of {@code docs/lost-training.md}, compiled and run. */
class LostLinearExampleTest {

  private static final Path PAGE = Path.of("..", "docs", "lost-training.md");
  private static final Path THIS =
      Path.of("src/test/java", LostLinearExampleTest.class.getName().replace('.', '/') + ".java");

  @TempDir private Path directory;

  private static LostLayer example(double[] w, int out, int in, DataSet examples, File checkpoint) {
    // example
    LinearAlgebra la = new Nd4jLinearAlgebra(); // sets BLAS to one thread
    SameDiff graph = SameDiff.create();
    SDVariable x = graph.placeHolder("x", DataType.FLOAT, -1, in);
    SDVariable labels = graph.placeHolder("labels", DataType.FLOAT, -1, out);

    LostSettings settings =
        new LostSettings(4, 0.05, ChannelRule.COMPLEMENT_L2, OptionalInt.empty(), 0);
    try (Matrix initial = la.fromColumns(w, out, in);
        LostFactors factors = new LostInitializer(la).initialize(initial, settings);
        LostLayer layer = new LostLayer(factors, 0.7, Activation.SILU)) {
      SDVariable y = LostLinear.add(graph, "layer", x, layer).output();
      graph.math().square(y.sub(labels)).mean("loss");
    }

    graph.setLossVariables("loss");
    graph.setTrainingConfig(
        TrainingConfig.builder()
            .updater(new Adam(0.01))
            .dataSetFeatureMapping("x")
            .dataSetLabelMapping("labels")
            .build());
    graph.fit(examples);
    graph.save(checkpoint, true); // with the state of Adam

    SameDiff resumed = SameDiff.load(checkpoint, true);
    resumed.fit(examples);
    return LostLinear.find(resumed, "layer").layer(la); // B, A, S, channels, γ and activation
    // end
  }

  @Test
  void shouldTrainAndComeBack() {
    Random random = new Random(1);
    double[] w = random.doubles(12 * 40, -1, 1).toArray();
    DataSet examples =
        new DataSet(
            Nd4j.createFromArray(random.doubles(8 * 40).toArray())
                .reshape(8, 40)
                .castTo(DataType.FLOAT),
            Nd4j.zeros(DataType.FLOAT, 8, 12));

    try (LostLayer trained =
        example(w, 12, 40, examples, directory.resolve("checkpoint").toFile())) {
      assertEquals(4, trained.factors().rank());
      assertEquals(2, trained.factors().channelNumbers().length);
      assertEquals(0.7, trained.gamma());
      assertEquals(Activation.SILU, trained.activation());
    }
  }

  @Test
  void shouldBeWhatThePageShows() throws IOException {
    String shown =
        Files.readAllLines(THIS).stream()
            .dropWhile(line -> !line.equals("    // example"))
            .skip(1)
            .takeWhile(line -> !line.equals("    // end"))
            .map(line -> line.isEmpty() ? line : line.substring(4))
            .collect(Collectors.joining("\n", "```java\n", "\n```\n"));

    assertTrue(Files.readString(PAGE).contains(shown), "the page shows something else");
  }
}
