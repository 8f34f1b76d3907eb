package io.github.colonnade.tests.benchmark;

import io.github.colonnade.tests.benchmark.SubspaceData.Shape;
import java.util.List;
import java.util.function.Supplier;

/**
 * A row of the comparison.
 *
 * @param name for the command line and the table
 * @param limit the error limit
 * @param data makes or loads the blocks
 */
record Row(String name, double limit, Supplier<DataSet> data) {

  private static final Shape FAMILIES = new Shape(256, 32, 8, 25, 12, 0, 0, 0.05);
  private static final Shape PRIVATE = new Shape(256, 32, 8, 25, 8, 4, 0.05, 0.03);

  /** All rows in the order of the table. */
  static List<Row> all() {
    return List.of(
        new Row("families-.1", 0.1, () -> SubspaceData.of(FAMILIES, 1)),
        new Row("private-.1", 0.1, () -> SubspaceData.of(PRIVATE, 2)),
        new Row("channels-.1", 0.1, () -> ChannelData.of(20, 30, 3)),
        new Row("channels-.05", 0.05, () -> ChannelData.of(20, 30, 3)),
        new Row("advection-.01", 0.01, () -> AdvectionData.of(200, 4)),
        new Row("advection-.05", 0.05, () -> AdvectionData.of(200, 4)),
        new Row("speckle-.15", 0.15, () -> SpeckleData.of(400, 5)),
        new Row("heads-.4", 0.4, MiniLm::heads),
        new Row("embedding-.4", 0.4, MiniLm::embeddingSlices),
        new Row("feed-forward-.5", 0.5, MiniLm::feedForward));
  }
}
