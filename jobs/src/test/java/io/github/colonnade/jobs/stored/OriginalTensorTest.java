package io.github.colonnade.jobs.stored;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.Layout;
import io.github.colonnade.jobs.manifest.Part;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.manifest.Treatment;
import io.github.colonnade.jobs.manifest.View;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OriginalTensorTest {
  private static final TensorKey KEY = new TensorKey("file:/m", "w");

  /** Columns of a 4×6 view of a tensor of shape [6, 4]. */
  private static BlockEntry part(long from, long to) {
    return block(from + ":" + to, List.of(6L, 4L), "F32", 4, Layout.COLUMN_MAJOR, from, to);
  }

  private static BlockEntry block(
      String id, List<Long> shape, String dtype, long rows, Layout layout, long from, long to) {
    return entry(
        id,
        shape,
        dtype,
        Treatment.RAW,
        Optional.of(new View(rows, to - from, layout)),
        Optional.of(new Part(from, to)));
  }

  private static BlockEntry whole(String id, String dtype) {
    return entry(
        id, List.of(6L, 4L), dtype, Treatment.PASSTHROUGH, Optional.empty(), Optional.empty());
  }

  private static BlockEntry entry(
      String id,
      List<Long> shape,
      String dtype,
      Treatment treatment,
      Optional<View> view,
      Optional<Part> part) {
    return new BlockEntry(
        id,
        KEY.source(),
        KEY.name(),
        shape,
        dtype,
        treatment,
        view,
        part,
        Optional.empty(),
        false,
        0,
        Optional.empty(),
        1,
        Optional.of(new TensorLocation("d", id)),
        "00".repeat(32),
        Optional.empty());
  }

  private static String fault(BlockEntry... blocks) {
    String prefix = "tensor \"w\" of file:/m: ";
    return new OriginalTensor(KEY, List.of(blocks))
        .fault()
        .map(text -> text.substring(prefix.length()))
        .orElse("none");
  }

  @Test
  void takesPartsInAnyOrder() {
    OriginalTensor tensor = new OriginalTensor(KEY, List.of(part(4, 6), part(0, 1), part(1, 4)));
    assertEquals(Optional.empty(), tensor.fault());
    assertEquals(
        List.of("0:1", "1:4", "4:6"), tensor.blocks().stream().map(BlockEntry::id).toList());
    assertEquals(DType.F32, tensor.dtype());
  }

  @Test
  void takesPartsOfARowMajorMatrix() {
    assertEquals("none", fault(rowMajor("r", 0, 3), rowMajor("s", 3, 4)));
    assertEquals(
        "its columns 2 to 3 are in no block", fault(rowMajor("r", 0, 2), rowMajor("s", 3, 4)));
  }

  private static BlockEntry rowMajor(String id, long from, long to) {
    return block(id, List.of(6L, 4L), "F32", 6, Layout.ROW_MAJOR, from, to);
  }

  @Test
  void takesOneEntryForAllOfIt() {
    assertEquals("none", fault(whole("x", "I64")));
    assertEquals("none", fault(part(0, 6)));
    assertEquals("none", fault(rowMajor("r", 0, 4)));
  }

  @Test
  void findsColumnsThatAreMissing() {
    assertEquals("its columns 0 to 1 are in no block", fault(part(1, 6)));
    assertEquals("its columns 2 to 3 are in no block", fault(part(0, 2), part(3, 6)));
    assertEquals("its columns 4 to 6 are in no block", fault(part(0, 4)));
  }

  @Test
  void findsWhatIsThereTwice() {
    assertEquals("its column 1 is in two blocks, one of them 1:6", fault(part(0, 2), part(1, 6)));
    assertEquals("it is there 2 times", fault(whole("x", "F32"), whole("y", "F32")));
    assertEquals(
        "block x is all of it, and there are others", fault(part(0, 6), whole("x", "F32")));
  }

  @Test
  void findsBlocksThatDoNotFit() {
    assertEquals("blocks 0:2 and x differ in shape or dtype", fault(part(0, 2), other("F16", 4)));
    assertEquals("blocks 0:2 and x have different views", fault(part(0, 2), other("F32", 3)));
    assertEquals("its dtype F31 is not known", fault(whole("x", "F31")));
  }

  private static BlockEntry other(String dtype, long rows) {
    return block("x", List.of(6L, 4L), dtype, rows, Layout.COLUMN_MAJOR, 2, 6);
  }
}
