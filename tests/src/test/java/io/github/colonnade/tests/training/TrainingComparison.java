package io.github.colonnade.tests.training;

import io.github.colonnade.svd.lost.Activation;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.dataset.DataSet;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Trains {@link CharacterModel}s with each kind of layer, from the same matrices and on the same
 * examples, and prints their losses on text that they were not trained on.
 */
@Command(
    name = "training-comparison",
    mixinStandardHelpOptions = true,
    description = {"Trains a small language model with full, low-rank and LOST layers."})
public final class TrainingComparison implements Callable<Integer> {

  private static final int WIDTH = 128;
  private static final int RANK = 16;
  private static final int BATCH = 64;
  private static final int VALIDATION = 2048;
  private static final long VALIDATION_SEED = 1_000_000;

  @Parameters(
      paramLabel = "NAME",
      description = "The beginnings of the names of models, such as \"LOST 5\". Default: all.")
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--steps",
      defaultValue = "2000",
      description = "How many batches each model is trained on. Default: ${DEFAULT-VALUE}.")
  private int steps;

  @Option(
      names = "--every",
      defaultValue = "200",
      description = "After how many steps the loss is measured. Default: ${DEFAULT-VALUE}.")
  private int every;

  @Option(
      names = "--seeds",
      defaultValue = "3",
      description = "How many models of each kind are trained. Default: ${DEFAULT-VALUE}.")
  private int seeds;

  @Option(
      names = "--learning-rate",
      defaultValue = "0.002",
      description = "Of Adam, for every kind. Default: ${DEFAULT-VALUE}.")
  private double learningRate;

  @Option(names = "--plot", description = "A PNG file to draw the losses into.")
  private @Nullable Path plot;

  /** A line of the table: models with layers of a kind, and their width. */
  record Entry(String name, LayerKind kind, int width) {}

  static List<Entry> entries() {
    return List.of(
        new Entry("full rank", new LayerKind.Full(), WIDTH),
        // With about as many numbers as the models below.
        new Entry("full rank, narrow", new LayerKind.Full(), 54),
        new Entry("low rank", new LayerKind.LowRank(RANK, Activation.NONE), WIDTH),
        new Entry("low rank, SiLU", new LayerKind.LowRank(RANK, Activation.SILU), WIDTH),
        new Entry("LOST 5 %, γ = 0.7", lost(0.05, OptionalDouble.of(0.7), Activation.NONE), WIDTH),
        new Entry(
            "LOST 5 %, γ = 0.7, SiLU", lost(0.05, OptionalDouble.of(0.7), Activation.SILU), WIDTH),
        new Entry(
            "LOST 5 %, no γ, SiLU", lost(0.05, OptionalDouble.empty(), Activation.SILU), WIDTH),
        new Entry(
            "LOST 1 %, γ = 0.7, SiLU", lost(0.01, OptionalDouble.of(0.7), Activation.SILU), WIDTH));
  }

  private static LayerKind lost(double sparsity, OptionalDouble gamma, Activation activation) {
    return new LayerKind.Lost(RANK, sparsity, gamma, activation);
  }

  public static void main(String[] args) {
    System.exit(new CommandLine(new TrainingComparison()).execute(args));
  }

  @Override
  public Integer call() throws Exception {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    CharacterText text = CharacterText.speeches();
    out.printf("%,d characters, %d steps of %d, %d seeds%n", text.length(), steps, BATCH, seeds);
    List<LossCurve> curves = new ArrayList<>();
    for (Entry entry : entries()) {
      if (names.isEmpty() || names.stream().anyMatch(entry.name()::startsWith)) {
        LossCurve curve = train(entry, text);
        curves.add(curve);
        print(curve, out);
      }
    }
    if (plot != null) {
      LossPlot.write(curves, plot);
    }
    return 0;
  }

  private LossCurve train(Entry entry, CharacterText text) {
    DataSet validation =
        text.validation(new Random(VALIDATION_SEED), VALIDATION, CharacterModel.CONTEXT);
    long start = cpuNanos();
    List<double[]> losses = new ArrayList<>();
    long parameters = 0;
    for (int seed = 0; seed < seeds; seed++) {
      CharacterModel model = new CharacterModel(entry.kind(), entry.width(), learningRate, seed);
      parameters = model.parameters();
      Random random = new Random(seed);
      double[] measured = new double[steps / every + 1];
      measured[0] = model.loss(validation);
      for (int step = 1; step <= steps; step++) {
        model.train(text.training(random, BATCH, CharacterModel.CONTEXT));
        if (step % every == 0) {
          measured[step / every] = model.loss(validation);
        }
      }
      losses.add(measured);
    }
    return new LossCurve(entry.name(), parameters, every, losses, (cpuNanos() - start) / 1e9);
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static void print(LossCurve curve, PrintWriter out) {
    out.printf(
        Locale.ROOT,
        "%-24s %,9d numbers, %.0f s of the processor%n",
        curve.name(),
        curve.parameters(),
        curve.cpuSeconds());
    for (int i = 0; i < curve.points(); i++) {
      out.printf(
          Locale.ROOT,
          "  step %5d  %.3f  (%.3f to %.3f)%n",
          i * curve.every(),
          curve.mean(i),
          curve.least(i),
          curve.largest(i));
    }
  }
}
