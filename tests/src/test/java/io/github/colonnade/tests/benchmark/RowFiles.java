package io.github.colonnade.tests.benchmark;

import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.write.SafetensorsSpool;
import io.github.colonnade.connectors.write.TensorHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.flink.core.fs.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes the blocks of rows as safetensors, so that whole runs can be made of them. */
@Command(
    name = "write",
    mixinStandardHelpOptions = true,
    description = {"Writes DIR/ROW.safetensors for each row, with one tensor a block."})
final class RowFiles implements Callable<Integer> {

  @Parameters(
      index = "0",
      paramLabel = "DIR",
      description = {"Made where it is missing."})
  private java.nio.file.Path directory = java.nio.file.Path.of("");

  @Parameters(
      index = "1..*",
      paramLabel = "ROW",
      description = {"The beginnings of the names of rows. Default: all rows."})
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--f64",
      description = {"Write the numbers, which are float32, as float64."})
  private boolean doubles;

  @Override
  public Integer call() throws IOException {
    Files.createDirectories(directory);
    for (Row row : Row.all()) {
      if (names.isEmpty() || names.stream().anyMatch(row.name()::startsWith)) {
        DType type = doubles ? DType.F64 : DType.F32;
        write(row.data().get(), directory, row.name(), type);
      }
    }
    return 0;
  }

  /** Writes one tensor a block, which take their names from their positions; gives the file. */
  static java.nio.file.Path write(
      DataSet data, java.nio.file.Path directory, String name, DType type) throws IOException {
    java.nio.file.Path file = directory.resolve(name + ".safetensors");
    try (SafetensorsSpool spool = SafetensorsSpool.create(new Path(directory.toUri()))) {
      for (int j = 0; j < data.size(); j++) {
        Shape shape = Shape.of(data.rows(), data.columns(j));
        spool.add(new TensorHeader("block." + j, type, shape), payload(data, j, type));
      }
      spool.finish(new Path(file.toUri()), Map.of());
    }
    return file;
  }

  /** Row after row. */
  private static byte[] payload(DataSet data, int j, DType type) {
    float[] block = data.blocks().get(j);
    int bytes = type == DType.F64 ? Double.BYTES : Float.BYTES;
    ByteBuffer payload = ByteBuffer.allocate(block.length * bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < data.rows(); i++) {
      for (int at = i; at < block.length; at += data.rows()) {
        if (type == DType.F64) {
          payload.putDouble(block[at]);
        } else {
          payload.putFloat(block[at]);
        }
      }
    }
    return payload.array();
  }
}
