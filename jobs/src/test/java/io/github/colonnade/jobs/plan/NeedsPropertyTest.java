package io.github.colonnade.jobs.plan;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.tensor.Arrangement;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.MatrixForm;
import io.github.colonnade.connectors.view.MatrixView;
import io.github.colonnade.connectors.view.Orientation;
import io.github.colonnade.connectors.view.ViewOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

class NeedsPropertyTest {
  private static final long CACHE_BYTES = 256L << 20;
  private static final Undecided ALL = new Undecided(true, true);

  /** So many matrices of a shape. */
  record Matrices(long rows, long columns, int count) {
    Shape shape() {
      return Shape.of(rows, columns);
    }
  }

  @Provide
  Arbitrary<List<Matrices>> collections() {
    Arbitrary<Long> side = Arbitraries.of(1L, 40L, 300L, 768L, 3072L, 11_008L, 20_000L);
    Arbitrary<Integer> count = Arbitraries.of(1, 2, 3, 24, 500, 5000);
    return Combinators.combine(side, side, count)
        .as(Matrices::new)
        .list()
        .ofMinSize(1)
        .ofMaxSize(3);
  }

  /** Whatever is chosen, the run needs no more than was told before. */
  @Property(tries = 60)
  void noChoiceNeedsMore(
      @ForAll("collections") List<Matrices> collection,
      @ForAll @IntRange(max = 5) int asked,
      @ForAll @IntRange(min = 1, max = 4) int parallelism) {
    List<TensorInfo> tensors = tensors(collection);
    Needs told = needs(tensors, Map.of(), ALL, asked, parallelism);
    for (Map<Shape, MatrixForm> forms : choices(collection)) {
      Needs needed = needs(tensors, forms, Undecided.NOTHING, asked, parallelism);
      assertTrue(needed.heapBytes() <= told.heapBytes(), () -> forms + ": " + needed + told);
      assertTrue(needed.nativeBytes() <= told.nativeBytes(), () -> forms + ": " + needed + told);
      assertTrue(needed.diskBytes() <= told.diskBytes(), () -> forms + ": " + needed + told);
    }
  }

  /** A wide matrix without company is not expected to have as many rows as columns. */
  @Example
  void aWideMatrixNeedsNoLargeGramMatrix() {
    List<TensorInfo> tensors =
        tensors(List.of(new Matrices(40, 30, 30), new Matrices(40, 3000, 1)));
    Needs told = needs(tensors, Map.of(), ALL, 0, 2);
    Needs stored = needs(tensors, Map.of(), Undecided.NOTHING, 0, 2);
    // Forms may make more blocks, and other partitions, but nothing larger.
    assertTrue(told.nativeBytes() - stored.nativeBytes() < 8 << 20, told + " and " + stored);
    assertTrue(told.heapBytes() - stored.heapBytes() < 8 << 20, told + " and " + stored);
  }

  /** As the layers of a large model. */
  @Example
  void whatIsPartitionedAtATimeIsToldAndNotAllOfIt() {
    List<TensorInfo> tensors =
        tensors(
            List.of(
                new Matrices(4096, 4096, 64),
                new Matrices(11_008, 4096, 64),
                new Matrices(4096, 11_008, 32)));
    long most = 0;
    for (Orientation orientation : Orientation.values()) {
      Map<Shape, MatrixForm> forms = new HashMap<>();
      tensors.forEach(each -> forms.put(each.shape(), MatrixForm.whole(orientation)));
      most = Math.max(most, needs(tensors, forms, Undecided.NOTHING, 0, 2).heapBytes());
    }
    long told = needs(tensors, Map.of(), ALL, 0, 2).heapBytes();
    assertTrue(told < 1.3 * most, told + " of " + most);
  }

  private static Needs needs(
      List<TensorInfo> tensors,
      Map<Shape, MatrixForm> forms,
      Undecided undecided,
      int asked,
      int parallelism) {
    MatrixView view = MatrixView.of(ViewOptions.defaults(), forms);
    MatrixView turned =
        MatrixView.of(
            new ViewOptions(
                Orientation.TRANSPOSED,
                ViewOptions.defaults().rows(),
                ViewOptions.defaults().columns(),
                List.of(),
                List.of()));
    RunPlan plan = RunPlan.of(List.of("in"), tensors, view, turned, Optional.empty(), undecided);
    return Needs.of(
        plan, Partitions.of(tensors, view, asked), parallelism, Float.BYTES, CACHE_BYTES);
  }

  private static List<TensorInfo> tensors(List<Matrices> collection) {
    List<TensorInfo> tensors = new ArrayList<>();
    for (Matrices each : collection) {
      for (int i = 0; i < each.count(); i++) {
        long bytes = DType.F32.payloadBytes(each.shape().elements());
        tensors.add(
            new TensorInfo(
                "file:/missing",
                "t" + tensors.size(),
                DType.F32,
                each.shape(),
                new Payload.ByteRange("file:/missing", 0, bytes, Arrangement.CANONICAL)));
      }
    }
    return tensors;
  }

  /** Both orientations of each shape, whole and, where it is wide then, cut as far as it may be. */
  private static List<Map<Shape, MatrixForm>> choices(List<Matrices> collection) {
    List<Map<Shape, MatrixForm>> choices = new ArrayList<>(List.of(Map.of()));
    for (Shape shape : collection.stream().map(Matrices::shape).distinct().toList()) {
      List<MatrixForm> forms = new ArrayList<>();
      for (Orientation orientation : Orientation.values()) {
        boolean stored = orientation == Orientation.AS_STORED;
        long m = shape.dim(stored ? 0 : 1);
        long n = shape.dim(stored ? 1 : 0);
        forms.add(MatrixForm.whole(orientation));
        if (n > Undecided.WIDE * m) {
          forms.add(new MatrixForm(orientation, Undecided.leastColumns(m)));
          forms.add(new MatrixForm(orientation, Math.max(2 * m, Undecided.LEAST_COLUMNS)));
        }
      }
      List<Map<Shape, MatrixForm>> more = new ArrayList<>();
      for (Map<Shape, MatrixForm> before : choices) {
        for (MatrixForm form : forms) {
          Map<Shape, MatrixForm> with = new HashMap<>(before);
          with.put(shape, form);
          more.add(with);
        }
      }
      choices = more;
    }
    return choices;
  }
}
