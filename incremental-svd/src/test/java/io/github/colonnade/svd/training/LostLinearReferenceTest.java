package io.github.colonnade.svd.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.lost.Activation;
import io.github.colonnade.svd.lost.LostFactors;
import io.github.colonnade.svd.lost.LostLayer;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.autodiff.samediff.TrainingConfig;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.roaringbitmap.RoaringBitmap;

class LostLinearReferenceTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();
  private static final int IN = 7;
  private static final int HIDDEN = 6;
  private static final int OUT = 5;

  @TempDir private Path directory;

  private static double[] random(int count, long seed) {
    return new Random(seed).doubles(count, -1.5, 1.5).toArray();
  }

  private static Matrix matrix(int rows, int columns, Precision precision, long seed) {
    try (Matrix exact = LA.fromColumns(random(rows * columns, seed), rows, columns)) {
      return LA.cast(exact, precision);
    }
  }

  private static LostLayer layer(
      int out, int in, double gamma, Activation activation, Precision precision, int... channels) {
    return new LostLayer(
        new LostFactors(
            matrix(out, 3, precision, 1),
            matrix(3, in, precision, 2),
            matrix(out, channels.length, precision, 3),
            RoaringBitmap.bitmapOf(channels)),
        gamma,
        activation);
  }

  private static LostLayer layer(double gamma, Activation activation) {
    return layer(OUT, IN, gamma, activation, Precision.FLOAT64, 5, 2);
  }

  /** batch×in, the transpose of what {@link LostLayer#forward} takes. */
  private static INDArray examples(int batch, int in, DataType type) {
    return Nd4j.createFromArray(random(batch * in, 4)).reshape('c', batch, in).castTo(type);
  }

  @ParameterizedTest
  @CsvSource({
    "0.7, NONE, FLOAT64, 4, true",
    "0.7, SILU, FLOAT64, 4, true",
    "0, SILU, FLOAT64, 1, true",
    "1, SILU, FLOAT64, 1, true",
    "0.7, SILU, FLOAT32, 4, true",
    "0.7, SILU, FLOAT64, 3, false",
    "0.7, NONE, FLOAT32, 1, false"
  })
  void shouldGiveWhatTheLayerDoes(
      double gamma, Activation activation, Precision precision, int batch, boolean sparse) {
    int[] channels = sparse ? new int[] {5, 2} : new int[0];
    DataType type = precision == Precision.FLOAT64 ? DataType.DOUBLE : DataType.FLOAT;
    INDArray x = examples(batch, IN, type);
    try (MatrixScope scope = new MatrixScope();
        LostLayer layer = layer(OUT, IN, gamma, activation, precision, channels)) {
      Matrix exact = scope.own(LA.fromColumns(x.dup('c').data().asDouble(), IN, batch));
      Matrix inputs = scope.own(LA.cast(exact, precision));
      double[] expected = scope.own(layer.forward(LA, inputs)).toDoubles();
      SameDiff graph = SameDiff.create();
      SDVariable placeholder = graph.placeHolder("x", type, -1, IN);

      LostLinear linear = LostLinear.add(graph, "layer", placeholder, layer);

      assertEquals("layer", linear.output().name());
      INDArray y = graph.outputSingle(Map.of("x", x), "layer");
      assertEquals(type, y.dataType());
      assertArrayEquals(new long[] {batch, OUT}, y.shape());
      assertArrayEquals(
          expected, y.dup('c').data().asDouble(), precision == Precision.FLOAT64 ? 1e-14 : 2e-6);
      assertEquals(sparse, graph.hasVariable("layer.S"));
    }
  }

  /** Both layers, so that derivatives go through the inputs of the second one as well. */
  @ParameterizedTest
  @CsvSource({"0.7, NONE", "0.7, SILU", "0, SILU", "1, NONE"})
  void shouldHaveTheDerivativesOfFiniteDifferences(double gamma, Activation activation) {
    SameDiff graph = SameDiff.create();
    SDVariable x = graph.var("x", examples(4, IN, DataType.DOUBLE));
    try (LostLayer first = layer(HIDDEN, IN, gamma, activation, Precision.FLOAT64, 0, IN - 1);
        LostLayer second = layer(OUT, HIDDEN, gamma, activation, Precision.FLOAT64, 1, 2, 4)) {
      SDVariable hidden = LostLinear.add(graph, "first", x, first).output();
      SDVariable y = LostLinear.add(graph, "second", hidden, second).output();
      graph.math().square(y).sum("loss");
      graph.setLossVariables("loss");
    }
    List<String> names =
        List.of("x", "first.A", "first.B", "first.S", "second.A", "second.B", "second.S");

    Map<String, INDArray> gradients = graph.calculateGradients(Map.of(), names);

    double step = 1e-5;
    for (String name : names) {
      INDArray values = graph.getVariable(name).getArr();
      INDArray gradient = Objects.requireNonNull(gradients.get(name));
      double largest = gradient.amaxNumber().doubleValue();
      for (long i = 0; i < values.length(); i++) {
        double value = values.getDouble(i);
        values.putScalar(i, value + step);
        double above = loss(graph);
        values.putScalar(i, value - step);
        double below = loss(graph);
        values.putScalar(i, value);
        assertEquals(
            (above - below) / (2 * step),
            gradient.getDouble(i),
            1e-8 * (1 + largest),
            name + " at " + i);
      }
    }
  }

  private static double loss(SameDiff graph) {
    return graph.outputSingle(Map.of(), "loss").getDouble(0);
  }

  /** A layer that is to learn what another one does, without the loss in the graph yet. */
  private static SameDiff student(DataType type, LostLayer layer) {
    SameDiff graph = SameDiff.create();
    SDVariable x = graph.placeHolder("x", type, -1, IN);
    SDVariable y = LostLinear.add(graph, "layer", x, layer).output();
    SDVariable labels = graph.placeHolder("labels", type, -1, OUT);
    graph.math().square(y.sub(labels)).mean("loss");
    graph.setLossVariables("loss");
    graph.setTrainingConfig(
        TrainingConfig.builder()
            .updater(new Adam(0.02))
            .dataSetFeatureMapping("x")
            .dataSetLabelMapping("labels")
            .build());
    return graph;
  }

  private static DataSet batch(DataType type, int number) {
    Random random = new Random(number);
    INDArray x =
        Nd4j.createFromArray(random.doubles(16 * IN).toArray()).reshape('c', 16, IN).castTo(type);
    INDArray y = x.mmul(Nd4j.createFromArray(random(IN * OUT, 9)).reshape(IN, OUT).castTo(type));
    return new DataSet(x, y);
  }

  private static void train(SameDiff graph, DataType type, int from, int to) {
    for (int i = from; i < to; i++) {
      graph.fit(batch(type, i));
    }
  }

  private static double loss(SameDiff graph, DataSet batch) {
    Map<String, INDArray> inputs = Map.of("x", batch.getFeatures(), "labels", batch.getLabels());
    return graph.outputSingle(inputs, "loss").getDouble(0);
  }

  private static void assertSameBits(SameDiff expected, SameDiff found) {
    for (String name : List.of("layer.A", "layer.B", "layer.S", "layer.gamma", "layer.channels")) {
      assertEquals(expected.getVariable(name).getArr(), found.getVariable(name).getArr(), name);
      assertArrayEquals(
          expected.getVariable(name).getArr().dup('c').data().asDouble(),
          found.getVariable(name).getArr().dup('c').data().asDouble(),
          name);
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldGoOnFromACheckpointAsIfItHadNotStopped(Activation activation) {
    SameDiff graph;
    try (LostLayer layer = layer(0.7, activation)) {
      graph = student(DataType.DOUBLE, layer);
    }
    DataSet test = batch(DataType.DOUBLE, 1000);
    double atFirst = loss(graph, test);
    train(graph, DataType.DOUBLE, 0, 60);
    File file = directory.resolve("checkpoint").toFile();

    graph.save(file, true);
    SameDiff loaded = SameDiff.load(file, true);

    assertSameBits(graph, loaded);
    assertEquals(loss(graph, test), loss(loaded, test));
    train(graph, DataType.DOUBLE, 60, 100);
    train(loaded, DataType.DOUBLE, 60, 100);
    assertSameBits(graph, loaded);
    assertTrue(loss(loaded, test) < 0.2 * atFirst, loss(loaded, test) + " from " + atFirst);
    try (LostLayer expected = LostLinear.find(graph, "layer").layer(LA);
        LostLayer found = LostLinear.find(loaded, "layer").layer(LA)) {
      assertEquals(activation, found.activation());
      assertEquals(0.7, found.gamma());
      assertArrayEquals(new int[] {2, 5}, found.factors().channelNumbers());
      assertArrayEquals(
          expected.factors().columns().toDoubles(), found.factors().columns().toDoubles());
    }
  }

  @Test
  void shouldTrainToTheSameBitsAgain() {
    SameDiff[] graphs = new SameDiff[2];
    for (int i = 0; i < 2; i++) {
      try (LostLayer layer = layer(OUT, IN, 0.7, Activation.SILU, Precision.FLOAT32, 5, 2)) {
        graphs[i] = student(DataType.FLOAT, layer);
      }
      train(graphs[i], DataType.FLOAT, 0, 20);
    }
    assertSameBits(graphs[0], graphs[1]);
  }

  @ParameterizedTest
  @EnumSource
  void shouldGiveTheTrainedLayerBack(Precision precision) {
    DataType type = precision == Precision.FLOAT64 ? DataType.DOUBLE : DataType.FLOAT;
    try (MatrixScope scope = new MatrixScope();
        LostLayer layer = layer(OUT, IN, 0.7, Activation.SILU, precision, 5, 2)) {
      SameDiff graph = student(type, layer);
      LostLinear linear = LostLinear.find(graph, "layer");
      try (LostLayer same = linear.layer(LA)) {
        assertEquals(precision, same.factors().b().precision());
        assertArrayEquals(layer.factors().b().toDoubles(), same.factors().b().toDoubles());
        assertArrayEquals(layer.factors().a().toDoubles(), same.factors().a().toDoubles());
        assertArrayEquals(
            layer.factors().columns().toDoubles(), same.factors().columns().toDoubles());
      }
      train(graph, type, 0, 20);

      try (LostLayer trained = linear.layer(LA)) {
        INDArray x = examples(3, IN, type);
        Matrix exact = scope.own(LA.fromColumns(x.dup('c').data().asDouble(), IN, 3));
        Matrix y = scope.own(trained.forward(LA, scope.own(LA.cast(exact, precision))));
        INDArray found = graph.outputSingle(Map.of("x", x), "layer");
        assertArrayEquals(
            y.toDoubles(),
            found.dup('c').data().asDouble(),
            precision == Precision.FLOAT64 ? 1e-14 : 2e-6);
      }
    }
  }

  @Test
  void shouldTakeTheTypeOfItsInputs() {
    try (LostLayer layer = layer(0.7, Activation.SILU)) {
      SameDiff graph = student(DataType.FLOAT, layer);
      try (LostLayer rounded = LostLinear.find(graph, "layer").layer(LA)) {
        assertEquals(Precision.FLOAT32, rounded.factors().a().precision());
        assertArrayEquals(layer.factors().a().toFloats(), rounded.factors().a().toFloats());
        assertEquals(0.7, rounded.gamma());
      }
    }
  }

  @Test
  void shouldDoWithoutChannels() {
    try (LostLayer layer = layer(OUT, IN, 0.7, Activation.SILU, Precision.FLOAT64)) {
      SameDiff graph = student(DataType.DOUBLE, layer);
      train(graph, DataType.DOUBLE, 0, 3);
      try (LostLayer trained = LostLinear.find(graph, "layer").layer(LA)) {
        assertEquals(0, trained.factors().channelNumbers().length);
        assertEquals(OUT, trained.factors().columns().rows());
      }
    }
  }

  @Test
  void shouldRefuseWhatDoesNotFit() {
    SameDiff graph = SameDiff.create();
    SDVariable x = graph.placeHolder("x", DataType.DOUBLE, -1, IN);
    SDVariable integers = graph.placeHolder("integers", DataType.INT32, -1, IN);
    SDVariable narrow = graph.placeHolder("narrow", DataType.DOUBLE, -1, IN - 1);
    SDVariable cube = graph.placeHolder("cube", DataType.DOUBLE, -1, 3, IN);
    try (LostLayer layer = layer(0.7, Activation.SILU);
        LostLayer empty =
            new LostLayer(
                new LostFactors(
                    LA.zeros(OUT, 0, Precision.FLOAT64),
                    LA.zeros(0, IN, Precision.FLOAT64),
                    LA.zeros(OUT, 1, Precision.FLOAT64),
                    RoaringBitmap.bitmapOf(0)),
                0.7,
                Activation.NONE)) {
      refused(
          "layer l: expected inputs of type FLOAT or DOUBLE, got INT",
          () -> LostLinear.add(graph, "l", integers, layer));
      refused(
          "layer l: expected inputs of shape (batch, 7), got [-1, 6]",
          () -> LostLinear.add(graph, "l", narrow, layer));
      refused(
          "layer l: expected inputs of shape (batch, 7), got [-1, 3, 7]",
          () -> LostLinear.add(graph, "l", cube, layer));
      refused(
          "layer l: expected rank 1 or more, got 0", () -> LostLinear.add(graph, "l", x, empty));
      refused(
          "layer x: the graph has this name already", () -> LostLinear.add(graph, "x", x, layer));
      refused("the graph has no LOST layer named l", () -> LostLinear.find(graph, "l"));
      assertEquals(4, graph.variables().size());
    }
  }

  private static void refused(String message, Executable what) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, what).getMessage());
  }
}
