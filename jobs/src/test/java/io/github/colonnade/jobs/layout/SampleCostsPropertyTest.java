package io.github.colonnade.jobs.layout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.Orientation;
import io.github.colonnade.jobs.compress.CompressSettings;
import io.github.colonnade.jobs.compress.CompressSettings.Input;
import io.github.colonnade.jobs.compress.CompressSettings.Method;
import io.github.colonnade.jobs.compress.CompressSettings.Place;
import io.github.colonnade.jobs.compress.Goal;
import io.github.colonnade.jobs.layout.SampleCosts.Families;
import io.github.colonnade.jobs.manifest.Precision;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.StoreDtype;
import io.github.colonnade.jobs.manifest.Transpose;
import io.github.colonnade.jobs.testing.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class SampleCostsPropertyTest {

  private static final int M = 36;
  private static final int N = 28;
  private static final int RANK = 4;
  private static final double LEAST = 0.01;

  /** More than a pilot may miss: near the limit noise hides what few have in common. */
  private static final double CLEAR = 0.1;

  /** What matrices of a kind have in common. */
  enum Common {
    COLUMNS,
    ROWS,
    NOTHING
  }

  private static double[] gaussian(Random random, int length) {
    return random.doubles(length, -1, 1).toArray();
  }

  /** Row after row; of a kind when their number leaves the same rest. */
  private static List<double[]> matrices(
      int count, int kinds, Common common, double noise, Random random) {
    List<double[]> lefts = new ArrayList<>();
    List<double[]> rights = new ArrayList<>();
    for (int kind = 0; kind < kinds; kind++) {
      lefts.add(gaussian(random, M * RANK));
      rights.add(gaussian(random, RANK * N));
    }
    List<double[]> matrices = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      double[] left = common == Common.COLUMNS ? lefts.get(k % kinds) : gaussian(random, M * RANK);
      double[] right = common == Common.ROWS ? rights.get(k % kinds) : gaussian(random, RANK * N);
      double[] a = new double[M * N];
      for (int i = 0; i < M; i++) {
        for (int j = 0; j < N; j++) {
          double sum = noise * random.nextGaussian();
          for (int l = 0; l < RANK; l++) {
            sum += left[i * RANK + l] * right[l * N + j];
          }
          a[i * N + j] = sum;
        }
      }
      matrices.add(a);
    }
    return matrices;
  }

  private static double[] transposed(double[] a) {
    double[] turned = new double[a.length];
    for (int at = 0; at < a.length; at++) {
      turned[at % N * M + at / N] = a[at];
    }
    return turned;
  }

  private interface Check {
    void of(SampleCosts costs) throws IOException;
  }

  /** Matrices of one or two shapes, each a group. */
  private static void check(List<Tensor> tensors, double limit, Check check) throws IOException {
    Path folder = Files.createTempDirectory("costs");
    Path file = Tensor.write(folder.resolve("in.safetensors"), tensors);
    try {
      List<String> uris = List.of(file.toUri().toString());
      List<TensorInfo> listed = TensorLister.list(uris).tensors();
      CompressSettings settings =
          new CompressSettings(
              new Input(uris, 0, 0, Transpose.AUTO, List.of(), List.of(), false),
              new Method(Scope.BLOCK, 0, "auto", Precision.FLOAT32, StoreDtype.SOURCE, 0),
              limit,
              new Goal.Limit(),
              new Place("", ""),
              0,
              null,
              Map.of());
      try (SampleCosts costs = new SampleCosts(settings, ShapeGroup.of(listed), 2, 0)) {
        check.of(costs);
      }
    } finally {
      Files.delete(file);
      Files.delete(folder);
    }
  }

  private static List<Tensor> tensors(List<double[]> matrices, boolean turned) {
    return IntStream.range(0, matrices.size())
        .mapToObj(
            k ->
                turned
                    ? Tensor.of("t" + k, "F32", transposed(matrices.get(k)), N, M)
                    : Tensor.of("w" + k, "F32", matrices.get(k), M, N))
        .toList();
  }

  private static List<Form> forms(int count, Orientation orientation) {
    return Collections.nCopies(count, Form.whole(orientation));
  }

  private static double share(Families now, Families then) {
    return 1 - then.without(now) / now.without(then);
  }

  /**
   * A change that half of the sample speaks against would save little by all of it, where half of
   * it has two of each kind.
   */
  @Property(tries = 100, shrinking = ShrinkingMode.OFF)
  void pilotsMissNoClearSaving(
      @ForAll @IntRange(min = 16, max = 40) int count,
      @ForAll @IntRange(min = 0, max = 1) int others,
      @ForAll @IntRange(min = 1, max = 3) int kinds,
      @ForAll Common common,
      @ForAll Common commonOfOthers,
      @ForAll @DoubleRange(min = 0, max = 0.05) double noise,
      @ForAll @DoubleRange(min = 0.05, max = 0.4) double limit,
      @ForAll long seed)
      throws IOException {
    Random random = new Random(seed);
    List<Tensor> all = new ArrayList<>();
    all.addAll(tensors(matrices(count, kinds, common, noise, random), false));
    all.addAll(tensors(matrices(16 * others, kinds, commonOfOthers, noise, random), true));
    check(
        all,
        limit,
        costs -> {
          List<Form> now = forms(others == 0 ? 1 : 2, Orientation.AS_STORED);
          for (int group = 0; group < now.size(); group++) {
            List<Form> then = new ArrayList<>(now);
            then.set(group, now.get(group).turned());
            boolean mayPay = costs.mayPay(now, then, LEAST);
            double share = share(costs.families(now), costs.families(then));
            assertTrue(mayPay || share < CLEAR, () -> "missed a share of " + share);
          }
        });
  }

  /** One decomposition for both orientations tells what one for each would. */
  @Property(tries = 40, shrinking = ShrinkingMode.OFF)
  void turnedMatricesCostWhatTheirTransposesDo(
      @ForAll @IntRange(min = 2, max = 24) int count,
      @ForAll @IntRange(min = 1, max = 5) int kinds,
      @ForAll Common common,
      @ForAll @DoubleRange(min = 0, max = 0.05) double noise,
      @ForAll @DoubleRange(min = 0.05, max = 0.4) double limit,
      @ForAll long seed)
      throws IOException {
    List<double[]> matrices = matrices(count, kinds, common, noise, new Random(seed));
    List<Double> found = new ArrayList<>();
    for (boolean turned : new boolean[] {false, true}) {
      for (Orientation orientation : Orientation.values()) {
        check(
            tensors(matrices, turned),
            limit,
            costs ->
                found.add(costs.families(forms(1, orientation)).without(new Families(Map.of()))));
      }
    }
    assertEquals(found.get(0), found.get(3), 0.01 * found.get(0));
    assertEquals(found.get(1), found.get(2), 0.01 * found.get(1));
  }

  @Example
  void pilotsHavePairsOfEveryDistanceUpToSix() {
    List<Integer> pilot = SampleCosts.pilot(IntStream.range(0, 16).boxed().toList());
    assertEquals(List.of(0, 1, 4, 6, 8, 9, 12, 14), pilot);
    for (int distance = 1; distance <= 6; distance++) {
      int apart = distance;
      assertTrue(pilot.stream().anyMatch(each -> pilot.contains(each + apart)));
    }
    assertEquals(List.of(0, 1, 2, 3, 4), SampleCosts.pilot(List.of(0, 1, 2, 3, 4)));
  }
}
