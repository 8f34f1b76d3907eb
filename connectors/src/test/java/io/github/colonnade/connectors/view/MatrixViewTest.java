package io.github.colonnade.connectors.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.Arrangement;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MatrixViewTest {
  private static final OptionalLong NONE = OptionalLong.empty();

  private static TensorInfo tensor(String name, DType dtype, long... dims) {
    Shape shape = Shape.of(dims);
    return new TensorInfo(
        "file:/m",
        name,
        dtype,
        shape,
        new Payload.ByteRange(
            "file:/m", 0, dtype.payloadBytes(shape.elements()), Arrangement.CANONICAL));
  }

  private static ViewOptions options(
      Orientation orientation, OptionalLong rows, OptionalLong columns) {
    return new ViewOptions(orientation, rows, columns, List.of(), List.of());
  }

  private static MatrixView cut(long rows, long columns) {
    return MatrixView.of(
        options(Orientation.AS_STORED, OptionalLong.of(rows), OptionalLong.of(columns)));
  }

  private static List<BlockRef> blocks(MatrixView view, TensorInfo tensor) {
    return ((TensorPlan.Blocks) view.plan(tensor)).blocks();
  }

  private static String reason(MatrixView view, TensorInfo tensor) {
    return ((TensorPlan.PassThrough) view.plan(tensor)).reason();
  }

  @Test
  void twoDimensionsAreAMatrixAsStored() {
    TensorInfo tensor = tensor("w", DType.F16, 3, 5);
    BlockRef block = blocks(MatrixView.of(ViewOptions.defaults()), tensor).get(0);
    assertEquals(new BlockRef(tensor, 3, 5, 0, Layout.ROW_MAJOR), block);
    assertEquals("w", block.id());
    assertTrue(block.isWhole());
    assertEquals(30, block.sizeBytes());
  }

  @Test
  void transposedTakesThePayloadColumnByColumn() {
    TensorInfo tensor = tensor("w", DType.F32, 3, 5);
    MatrixView view = MatrixView.of(options(Orientation.TRANSPOSED, NONE, NONE));
    assertEquals(List.of(new BlockRef(tensor, 5, 3, 0, Layout.COLUMN_MAJOR)), blocks(view, tensor));
  }

  @Test
  void rowsReshapesAnyTensorOfTwoDimensionsOrMore() {
    MatrixView view = MatrixView.of(options(Orientation.AS_STORED, OptionalLong.of(6), NONE));
    TensorInfo tensor = tensor("w", DType.F64, 2, 3, 4);
    assertEquals(List.of(new BlockRef(tensor, 6, 4, 0, Layout.COLUMN_MAJOR)), blocks(view, tensor));
    assertEquals("1 dimension", reason(view, tensor("v", DType.F32, 12)));
    assertEquals("10 elements do not divide by 6 rows", reason(view, tensor("u", DType.F32, 2, 5)));
  }

  @Test
  void columnsCutsIntoBlocksTheLastOfWhichMayBeNarrower() {
    TensorInfo tensor = tensor("w", DType.F32, 5, 2, 4);
    List<BlockRef> blocks = blocks(cut(4, 3), tensor);
    assertEquals(
        List.of("w[0:3]", "w[3:6]", "w[6:9]", "w[9:10]"),
        blocks.stream().map(BlockRef::id).toList());
    assertEquals(1, blocks.get(3).columns());
    long next = 0;
    for (BlockRef block : blocks) {
      assertEquals(next, block.fromByte());
      assertFalse(block.isWhole());
      assertSame(tensor, block.tensor());
      next += block.sizeBytes();
    }
    assertEquals(tensor.sizeBytes(), next);
    assertEquals("w", blocks(cut(4, 10), tensor).get(0).id());
    assertEquals(1, blocks(cut(4, Long.MAX_VALUE), tensor).size());
  }

  @Test
  void manyBlocksCostNothingUntilTheyAreAskedFor() {
    TensorInfo tensor = tensor("w", DType.F32, 1L << 31, 2);
    List<BlockRef> blocks = blocks(cut(2, 2), tensor);
    assertEquals(1 << 30, blocks.size());
    assertEquals((1L << 31) - 2, blocks.get((1 << 30) - 1).fromColumn());
    assertThrows(IndexOutOfBoundsException.class, () -> blocks.get(1 << 30));
    assertThrows(FormatException.class, () -> cut(1, 1).plan(tensor));
  }

  @Test
  void columnsCutMatricesAsTheyAre() {
    TensorInfo tensor = tensor("w", DType.F32, 4, 6);
    MatrixView stored = MatrixView.of(options(Orientation.AS_STORED, NONE, OptionalLong.of(4)));
    assertEquals(
        List.of(
            new BlockRef(tensor, 4, 4, 0, Layout.ROW_MAJOR),
            new BlockRef(tensor, 4, 2, 4, Layout.ROW_MAJOR)),
        blocks(stored, tensor));
    assertEquals("w[4:6]", blocks(stored, tensor).get(1).id());
    assertFalse(blocks(stored, tensor).get(1).isContiguous());
    MatrixView transposed =
        MatrixView.of(options(Orientation.TRANSPOSED, NONE, OptionalLong.of(3)));
    assertEquals(
        List.of(
            new BlockRef(tensor, 6, 3, 0, Layout.COLUMN_MAJOR),
            new BlockRef(tensor, 6, 1, 3, Layout.COLUMN_MAJOR)),
        blocks(transposed, tensor));
  }

  @Test
  void veryLargeMatricesAreCutIntoPanels() {
    TensorInfo tensor = tensor("a", DType.F32, 128_256, 4_096);
    List<BlockRef> panels = blocks(MatrixView.of(ViewOptions.defaults()), tensor);
    assertEquals(4, panels.size());
    for (BlockRef panel : panels) {
      assertEquals(1_024, panel.columns());
      assertTrue(panel.elements() <= MatrixView.PANEL_NUMBERS);
    }
    TensorInfo tall = tensor("a", DType.F32, MatrixView.PANEL_NUMBERS + 1, 3);
    assertEquals(3, blocks(MatrixView.of(ViewOptions.defaults()), tall).size());
    // As it was asked for, even so.
    MatrixView cut = MatrixView.of(options(Orientation.AS_STORED, NONE, OptionalLong.of(4_096)));
    assertEquals(1, blocks(cut, tensor).size());
  }

  @Test
  void shapesMayHaveAFormOfTheirOwn() {
    MatrixView view =
        MatrixView.of(
            ViewOptions.defaults(),
            Map.of(Shape.of(3, 5), new MatrixForm(Orientation.TRANSPOSED, 2)));
    TensorInfo tensor = tensor("w", DType.F32, 3, 5);
    assertEquals(
        List.of(
            new BlockRef(tensor, 5, 2, 0, Layout.COLUMN_MAJOR),
            new BlockRef(tensor, 5, 1, 2, Layout.COLUMN_MAJOR)),
        blocks(view, tensor));
    TensorInfo other = tensor("v", DType.F32, 5, 3);
    assertEquals(List.of(new BlockRef(other, 5, 3, 0, Layout.ROW_MAJOR)), blocks(view, other));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            MatrixView.of(
                options(Orientation.AS_STORED, OptionalLong.of(3), NONE),
                Map.of(Shape.of(3, 5), MatrixForm.whole(Orientation.AS_STORED))));
    assertThrows(IllegalArgumentException.class, () -> new MatrixForm(Orientation.AS_STORED, 0));
  }

  @Test
  void otherTensorsPassThroughWithAReason() {
    MatrixView view = MatrixView.of(ViewOptions.defaults());
    assertEquals("scalar", reason(view, tensor("s", DType.F32)));
    assertEquals("1 dimension", reason(view, tensor("v", DType.F32, 7)));
    assertEquals("type I64", reason(view, tensor("i", DType.I64, 2, 2)));
    assertEquals("type F8_E4M3", reason(view, tensor("f", DType.F8_E4M3, 2, 2)));
    assertEquals("no elements", reason(view, tensor("e", DType.F32, 0, 3)));
    assertEquals("3 dimensions, and no rows given", reason(view, tensor("t", DType.F32, 2, 2, 2)));
  }

  @Test
  void patternsChooseByName() {
    MatrixView view =
        MatrixView.of(
            new ViewOptions(
                Orientation.AS_STORED, NONE, NONE, List.of("a.*", "b.*"), List.of("*.bias")));
    assertEquals(1, blocks(view, tensor("b.w", DType.F32, 2, 2)).size());
    assertEquals("not included", reason(view, tensor("c.w", DType.F32, 2, 2)));
    assertEquals("excluded", reason(view, tensor("a.bias", DType.F32, 2, 2)));
  }

  @ParameterizedTest
  @CsvSource({
    "TRANSPOSED, 4, , not both",
    "AS_STORED, 0, , at least 1",
    "AS_STORED, 4, -1, at least 1",
  })
  void refusesCombinationsThatMeanNothing(
      Orientation orientation, String rows, String columns, String reason) {
    ViewOptions options = options(orientation, parse(rows), parse(columns));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> MatrixView.of(options));
    assertTrue(e.toString().contains(reason), e.toString());
  }

  private static OptionalLong parse(String text) {
    return text == null ? NONE : OptionalLong.of(Long.parseLong(text));
  }

  @Test
  void blocksStayWithinTheirTensor() {
    TensorInfo tensor = tensor("w", DType.F32, 4, 6);
    for (long[] bad :
        new long[][] {{0, 1, 0}, {4, 0, 0}, {4, 7, 0}, {4, 3, 4}, {4, 3, -1}, {5, 5, 0}}) {
      assertThrows(
          IllegalArgumentException.class,
          () -> new BlockRef(tensor, bad[0], bad[1], bad[2], Layout.COLUMN_MAJOR));
    }
    assertThrows(
        IllegalArgumentException.class, () -> new BlockRef(tensor, 5, 3, 0, Layout.ROW_MAJOR));
    assertThrows(
        IllegalArgumentException.class,
        () -> new BlockRef(tensor, Long.MAX_VALUE, Long.MAX_VALUE, 0, Layout.COLUMN_MAJOR));
  }

  @Test
  void viewsAndBlocksShipToWorkers() throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    TensorInfo tensor = tensor("w", DType.F32, 4, 6);
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(cut(4, 3));
      out.writeObject(blocks(cut(4, 3), tensor).get(1));
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      MatrixView view = (MatrixView) in.readObject();
      assertEquals(in.readObject(), blocks(view, tensor).get(1));
    }
  }
}
