package io.github.colonnade.jobs.layout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.Arrangement;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.MatrixForm;
import io.github.colonnade.connectors.view.Orientation;
import io.github.colonnade.jobs.compress.CompressSettings;
import io.github.colonnade.jobs.compress.CompressSettings.Input;
import io.github.colonnade.jobs.compress.CompressSettings.Method;
import io.github.colonnade.jobs.compress.CompressSettings.Place;
import io.github.colonnade.jobs.compress.Goal;
import io.github.colonnade.jobs.manifest.Precision;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.StoreDtype;
import io.github.colonnade.jobs.manifest.Transpose;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FormChooserTest {

  /** A tensor whose numbers cannot be read. */
  private static TensorInfo unreadable(long... dims) {
    Shape shape = Shape.of(dims);
    return new TensorInfo(
        "file:/missing",
        "w" + shape,
        DType.F32,
        shape,
        new Payload.ByteRange(
            "file:/missing", 0, DType.F32.payloadBytes(shape.elements()), Arrangement.CANONICAL));
  }

  private static CompressSettings settings(Transpose transpose, int columns) {
    return new CompressSettings(
        new Input(List.of("file:/missing"), 0, columns, transpose, List.of(), List.of(), false),
        new Method(Scope.BLOCK, 0, "auto", Precision.FLOAT32, StoreDtype.SOURCE, 0),
        0.1,
        new Goal.Limit(),
        new Place("", ""),
        0,
        null,
        Map.of());
  }

  private static Choices choose(Transpose transpose, int columns, TensorInfo... tensors)
      throws IOException {
    return FormChooser.choose(settings(transpose, columns), List.of(tensors), Optional.empty(), 1);
  }

  @Test
  void nothingIsReadWhereThereIsNothingToChoose() throws IOException {
    Choices none = new Choices(Map.of(), List.of());
    assertEquals(none, choose(Transpose.AUTO, 0, unreadable(30, 30)));
    assertEquals(none, choose(Transpose.AUTO, 0, unreadable(10, 40)));
    assertEquals(none, choose(Transpose.AUTO, 0, unreadable(10, 20), unreadable(11, 21)));
    assertEquals(none, choose(Transpose.NEVER, 0, unreadable(10, 20), unreadable(20, 10)));
    assertEquals(none, choose(Transpose.AUTO, 5, unreadable(10, 400)));
    assertEquals(none, choose(Transpose.NEVER, 0, unreadable(400, 10)));
  }

  @Test
  void aSampleThatCannotBeReadIsAnError() {
    for (List<TensorInfo> tensors :
        List.of(
            List.of(unreadable(10, 20), unreadable(20, 10)),
            List.of(unreadable(30, 30), unreadable(30, 40)),
            List.of(unreadable(40, 400)))) {
      assertThrows(
          FormatException.class,
          () -> choose(Transpose.AUTO, 0, tensors.toArray(new TensorInfo[0])));
    }
  }

  @Test
  void groupsAreShapesAndRareShapesWithACommonSide() {
    List<TensorInfo> tensors = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      tensors.add(unreadable(8, 16));
      tensors.add(unreadable(100 + i, 16));
    }
    tensors.add(unreadable(3, 5));
    List<ShapeGroup> groups = ShapeGroup.of(tensors);
    assertEquals(List.of("*×16", "8×16", "3×5"), groups.stream().map(ShapeGroup::name).toList());
    assertEquals(List.of(4, 4, 1), groups.stream().map(each -> each.tensors().size()).toList());
  }

  @Test
  void formsCutWideMatricesIntoEqualParts() {
    Form form = new Form(Orientation.AS_STORED, 100, false);
    assertEquals(new MatrixForm(Orientation.AS_STORED, 105), form.of(Shape.of(20, 1045)));
    assertEquals(MatrixForm.whole(Orientation.AS_STORED), form.of(Shape.of(20, 80)));
    assertEquals(new MatrixForm(Orientation.TRANSPOSED, 90), form.turned().of(Shape.of(180, 20)));
    Form exact = new Form(Orientation.AS_STORED, 7, true);
    assertEquals(new MatrixForm(Orientation.AS_STORED, 7), exact.of(Shape.of(20, 80)));
  }

  @Test
  void samplesAreRunsEvenlySpread() {
    List<Integer> all = IntStream.range(0, 100).boxed().toList();
    assertEquals(all, Spread.of(all, 100));
    assertEquals(
        IntStream.concat(IntStream.range(0, 8), IntStream.range(92, 100)).boxed().toList(),
        Spread.of(all, 16));
    assertEquals(List.of(48, 49, 50), Spread.of(all, 3));
  }

  @Test
  void matricesTooLargeForASampleStayAsTheyAre() throws IOException {
    TensorInfo large = unreadable(20_000, 20_000);
    assertEquals(List.of(), SampleCosts.sample(new ShapeGroup("x", List.of(large, large))));
    assertEquals(new Choices(Map.of(), List.of()), choose(Transpose.AUTO, 0, large, large));
  }
}
