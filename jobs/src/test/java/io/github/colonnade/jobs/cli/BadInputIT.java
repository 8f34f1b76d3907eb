package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.testing.CheckedOutput;
import io.github.colonnade.jobs.testing.Tensor;
import io.github.colonnade.jobs.testing.TestCollections;
import io.github.colonnade.jobs.testing.TestCollections.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever is wrong with the input or the output is told in one line, and nothing is left. */
class BadInputIT {
  private static final String W = "\"w\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":";

  private static final Charset UTF = StandardCharsets.UTF_8;

  @TempDir private Path directory;

  @BeforeEach
  void writeFiles() throws IOException {
    write("truncated.safetensors", safetensors("{" + W + "[0,24]}}", 20));
    write(
        "overlapping.safetensors",
        safetensors("{" + W + "[0,24]}," + W.replace("\"w\"", "\"v\"") + "[12,36]}}", 36));
    write("long-header.safetensors", header(1000, "{}"));
    write("absurd-header.safetensors", header(1L << 62, "{}"));
    write("dtype.safetensors", safetensors("{" + W.replace("F32", "F31") + "[0,24]}}", 24));
    write(
        "model.safetensors.index.json",
        "{\"metadata\":{},\"weight_map\":{\"w\":\"shard-2.safetensors\"}}".getBytes(UTF));
    write("corrupt.npz", corruptNpz());
    write("corrupt.onnx", new byte[] {8, 7, 58, 127, 1, 2, 3});
    write("torch.pt", new byte[] {(byte) 0x80, 2, '}', 'q', 0, '.'});
    write("torch.bin", new byte[] {(byte) 0x80, 4, (byte) 0x95, 1, 0, 0, 0, 0, 0, 0, 0, '.'});
    write("empty.safetensors", new byte[0]);
    write("notes.txt", "nothing to compress".getBytes(UTF));
    Files.createDirectory(directory.resolve("nothing-here"));
    Tensor.write(
        directory.resolve("vectors.safetensors"),
        TestCollections.of(List.of(Kind.VECTOR, Kind.INTEGERS), List.of("F32"), 1));
    Tensor.write(
        directory.resolve("nan.safetensors"),
        TestCollections.of(List.of(Kind.NOISY, Kind.NAN, Kind.INFINITE), List.of("F32"), 1));
    Tensor.write(
        directory.resolve("only-nan.safetensors"),
        TestCollections.of(List.of(Kind.NAN), List.of("F32"), 1));
    Tensor.write(
        directory.resolve("good.safetensors"),
        TestCollections.of(List.of(Kind.NOISY), List.of("F32"), 1));
  }

  private void write(String name, byte[] bytes) throws IOException {
    Files.write(directory.resolve(name), bytes);
  }

  private static byte[] safetensors(String header, int dataBytes) {
    byte[] text = header(header.length(), header);
    return Arrays.copyOf(text, text.length + dataBytes);
  }

  private static byte[] header(long length, String header) {
    byte[] text = header.getBytes(UTF);
    return ByteBuffer.allocate(Long.BYTES + text.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(length)
        .put(text)
        .array();
  }

  private byte[] corruptNpz() throws IOException {
    Path file = directory.resolve("corrupt.npz");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("w.npy"));
      zip.write("\u0093NUMPY but no more".getBytes(StandardCharsets.ISO_8859_1));
    }
    return Files.readAllBytes(file);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "truncated.safetensors|truncated.safetensors: |bytes",
        "overlapping.safetensors|overlapping.safetensors: |\"v\"",
        "long-header.safetensors|long-header.safetensors: |header",
        "absurd-header.safetensors|absurd-header.safetensors: |header",
        "dtype.safetensors|dtype.safetensors: tensor \"w\": |F31",
        "model.safetensors.index.json|model.safetensors.index.json: |shard-2.safetensors",
        "corrupt.npz|corrupt.npz: tensor \"w\": |npy version",
        "corrupt.onnx|corrupt.onnx: |not a sound ONNX model",
        "torch.pt|torch.pt: this is a Python pickle|convert it to safetensors",
        "torch.bin|torch.bin: this is a Python pickle|convert it to safetensors",
        "empty.safetensors|empty.safetensors: |the file is empty",
        "notes.txt|notes.txt: |no file of a known format",
        "nothing-here|nothing-here: |holds no tensors",
        "missing.safetensors|missing.safetensors: |there is no such file",
        "vectors.safetensors|vectors.safetensors: none of the 2 tensors is a matrix|1 dimension"
      })
  void aBadInputIsOneLine(String input, String start, String reason) throws IOException {
    List<String> before = Directories.names(directory);
    for (String command : List.of("compress", "plan")) {
      Session session =
          Session.run(
              command, directory.resolve(input).toString(), "--output=" + out(), "--max-error=.1");
      assertOneLine(session, reason);
      String line = session.err().get(0);
      // Whole inputs are named by their URI, files and tensors by the file's name.
      assertTrue(line.matches("colonnade: (file:/\\S*/)?\\Q" + start + "\\E.*"), line);
    }
    assertEquals(before, Directories.names(directory));
  }

  private String out() {
    return directory.resolve("out").toString();
  }

  private static void assertOneLine(Session session, String reason) {
    assertEquals(2, session.exitCode, session.err().toString());
    assertEquals(1, session.err().size(), session.err().toString());
    assertEquals("", session.out());
    String line = session.err().get(0);
    assertTrue(line.contains(reason), line);
    assertFalse(line.contains("Exception"), line);
    assertFalse(line.contains("\tat "), line);
  }

  @Test
  void aSchemeWithoutAFileSystemIsOneLine() {
    assertOneLine(
        Session.run("compress", "gopher://host/in.npy", "--output=" + out(), "--max-error=.1"),
        "no file system is installed for this scheme");
    assertOneLine(
        Session.run(
            "compress",
            directory.resolve("good.safetensors").toString(),
            "--output=gopher://host/out",
            "--max-error=.1"),
        "no file system is installed for this scheme");
  }

  @Test
  void anOutputThatCannotBeWrittenIsOneLine() throws IOException {
    List<String> before = Directories.names(directory);
    String good = directory.resolve("good.safetensors").toString();
    for (String parent : List.of("/proc/colonnade", directory.resolve("notes.txt").toString())) {
      Session session =
          Session.run("compress", good, "--output=" + parent + "/out", "--max-error=.1");
      assertOneLine(session, "/out: the output cannot be written");
    }
    assertEquals(before, Directories.names(directory));
  }

  @Test
  void aMissingParentIsMade() {
    Path output = directory.resolve("a/b/out");
    Path good = directory.resolve("good.safetensors");
    Session session =
        Session.run("compress", good.toString(), "--output=" + output, "--max-error=.1");
    assertEquals(0, session.exitCode, session.err().toString());
    CheckedOutput.check(output, good);
  }

  @Test
  void whatIsNotFiniteIsRejectedByDefault() {
    Path input = directory.resolve("nan.safetensors");
    Session session =
        Session.run("compress", input.toString(), "--output", out(), "--max-error=.1");
    assertEquals(0, session.exitCode, session.err().toString());
    Manifest manifest = CheckedOutput.check(directory.resolve("out"), input);
    assertEquals(
        List.of("layer.1.NAN", "layer.2.INFINITE"),
        manifest.rejected().stream().map(RejectedEntry::tensor).toList());
  }

  @Test
  void aCollectionOfWhichAllIsRejectedIsWritten() {
    Path input = directory.resolve("only-nan.safetensors");
    Session session =
        Session.run("compress", input.toString(), "--output", out(), "--max-error=.1");
    assertEquals(0, session.exitCode, session.err().toString());
    assertEquals(1, CheckedOutput.check(directory.resolve("out"), input).rejected().size());
  }

  @Test
  void strictEndsTheRunAtWhatIsNotFinite() throws IOException {
    List<String> before = Directories.names(directory);
    Session session =
        Session.run(
            "compress",
            directory.resolve("nan.safetensors").toString(),
            "--output=" + out(),
            "--max-error=.1",
            "--parallelism=1",
            "--strict");
    assertEquals(2, session.exitCode, session.err().toString());
    List<String> told = session.err().stream().filter(l -> l.startsWith("colonnade: ")).toList();
    assertEquals(
        List.of(
            "colonnade: nan.safetensors: tensor \"layer.1.NAN\": it has NaN or infinity; leave out"
                + " --strict to reject such tensors and go on"),
        told);
    // All else is progress, and none of it claims to be done.
    assertTrue(
        session.err().stream().noneMatch(l -> l.contains("done") || l.contains("Exception")),
        session.err().toString());
    assertEquals(before, Directories.names(directory));
  }
}
