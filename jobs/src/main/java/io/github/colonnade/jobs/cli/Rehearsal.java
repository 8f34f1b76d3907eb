package io.github.colonnade.jobs.cli;

import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.write.SafetensorsWriter;
import io.github.colonnade.connectors.write.TensorHeader;
import io.github.colonnade.jobs.UsageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Runs the usual commands once, on a little data, so that Java can write an archive of the classes
 * that they load. Only the build calls it; see {@code jobs/archive/build}.
 *
 * <p>Only one of them starts a cluster. Flink loads its messaging with a new class loader for each,
 * and classes that were loaded twice do not get into the archive.
 */
public final class Rehearsal {
  /** Matrices of the sample. */
  private static final int COUNT = 64;

  private static final int ROWS = 32;
  private static final int COLUMNS = 16;

  private Rehearsal() {}

  /**
   * Runs the commands and ends the process.
   *
   * @param arguments an empty directory for what they read and write
   */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 1) {
      throw new UsageException("expected one directory, got " + arguments.length + " arguments");
    }
    Path directory = Path.of(arguments[0]);
    String input = sample(directory.resolve("in.safetensors")).toString();
    String output = directory.resolve("out").toString();
    List<List<String>> commands =
        List.of(
            List.of("--help"),
            List.of("compress", "--help"),
            List.of("plan", input, "--max-error", "0.05"),
            List.of("compress", input, "--max-error", "0.05", "--output", output),
            List.of("inspect", output),
            List.of("report", output),
            List.of("diff", output, output));
    for (List<String> command : commands) {
      StringWriter told = new StringWriter();
      PrintWriter writer = new PrintWriter(told);
      int exitCode =
          Colonnade.run(new Terminal(writer, writer, false), command.toArray(String[]::new));
      if (exitCode != ExitCodes.OK) {
        System.err.println(String.join(" ", command) + " ended with " + exitCode + ": " + told);
        System.exit(exitCode);
      }
    }
    System.exit(ExitCodes.OK);
  }

  /** Matrices of few directions, and a little more. */
  private static Path sample(Path file) throws IOException {
    List<TensorHeader> headers =
        IntStream.range(0, COUNT)
            .mapToObj(n -> new TensorHeader("matrix" + n, DType.F32, Shape.of(ROWS, COLUMNS)))
            .toList();
    try (OutputStream out = Files.newOutputStream(file)) {
      SafetensorsWriter writer = SafetensorsWriter.begin(out, headers, Map.of());
      for (int n = 0; n < COUNT; n++) {
        writer.tensor(headers.get(n).name(), new ByteArrayInputStream(matrix(n)));
      }
      writer.finish();
    }
    return file;
  }

  private static byte[] matrix(int number) {
    ByteBuffer elements =
        ByteBuffer.allocate(ROWS * COLUMNS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < ROWS; i++) {
      for (int j = 0; j < COLUMNS; j++) {
        double main = Math.sin(i * (1 + number % 4)) * Math.cos(j + number);
        elements.putFloat((float) (main + 0.01 * Math.sin(i * 31 + j * 17 + number)));
      }
    }
    return elements.array();
  }
}
