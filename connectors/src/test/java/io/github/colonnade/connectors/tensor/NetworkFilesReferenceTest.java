package io.github.colonnade.connectors.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.format.NpzFormat;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.connectors.matlab.MatFile;
import io.github.colonnade.connectors.testing.NetworkFiles;
import io.github.colonnade.connectors.testing.TestFiles;
import io.github.colonnade.connectors.view.BlockReader;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.ElementType;
import io.github.colonnade.connectors.view.Layout;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read ahead from a network, against the same file read from a disk. */
class NetworkFilesReferenceTest {
  private static final int ROWS = 3000;
  private static final int COLUMNS = 701;
  private static final int BYTES = ROWS * COLUMNS * 4;

  @TempDir Path folder;

  /** Closing leaves it to the threads where they are within a read. */
  @AfterEach
  void nothingStaysOpen() throws InterruptedException {
    awaitThreads();
    assertEquals(0, NetworkFiles.open());
  }

  private static void awaitThreads() throws InterruptedException {
    for (Thread each : Thread.getAllStackTraces().keySet()) {
      if (each.getName().startsWith("colonnade-read ")) {
        each.join();
      }
    }
  }

  /** Floats that are finite, and of which many bytes are equal. */
  private static byte[] payload() {
    ByteBuffer bytes = ByteBuffer.allocate(BYTES);
    for (int i = 0; bytes.hasRemaining(); i++) {
      bytes.putInt(0x3f000000 + i * 7919 % 100_003);
    }
    return bytes.array();
  }

  /** The same tensor, of a file in a network. */
  private static TensorInfo inNetwork(TensorInfo local) {
    String path = local.payload().path().replaceFirst("^file:", "net:");
    Payload payload = local.payload();
    if (payload instanceof Payload.ByteRange range) {
      payload = new Payload.ByteRange(path, range.offset(), range.length(), range.arrangement());
    } else if (payload instanceof Payload.Quantized range) {
      payload = new Payload.Quantized(path, range.offset(), range.length(), range.quantization());
    } else if (payload instanceof Payload.ProtobufField field) {
      payload =
          new Payload.ProtobufField(
              path, field.offset(), field.length(), field.field(), field.encoding());
    }
    return new TensorInfo(path, local.name(), local.dtype(), local.shape(), payload);
  }

  private static void isReadTheSame(TensorInfo local, TensorInfo network) throws IOException {
    byte[] all = TestFiles.drain(TensorReader.open(local));
    assertArrayEquals(all, TestFiles.drain(TensorReader.open(network)));
    int from = all.length / 3;
    assertArrayEquals(
        Arrays.copyOfRange(all, from, all.length - 5),
        TestFiles.drain(TensorReader.open(network, from, all.length - 5L - from)));
  }

  @ParameterizedTest
  @EnumSource
  void rangesInEveryArrangement(Arrangement arrangement) throws IOException {
    TensorInfo local = TestFiles.tensor(folder, DType.F32, arrangement, payload(), ROWS, COLUMNS);
    isReadTheSame(local, inNetwork(local));
  }

  @ParameterizedTest
  @ValueSource(ints = {ZipEntry.STORED, ZipEntry.DEFLATED})
  void membersOfArchives(int method) throws IOException {
    String header =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (" + ROWS + ", " + COLUMNS + "), }";
    header += " ".repeat(117 - header.length()) + "\n";
    ByteArrayOutputStream member = new ByteArrayOutputStream();
    member.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0});
    member.writeBytes(header.getBytes(StandardCharsets.US_ASCII));
    member.writeBytes(payload());
    CRC32 crc = new CRC32();
    crc.update(member.toByteArray());
    ZipEntry entry = new ZipEntry("a.npy");
    entry.setMethod(method);
    entry.setSize(member.size());
    entry.setCrc(crc.getValue());
    Path file = folder.resolve("a.npz");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(entry);
      zip.write(member.toByteArray());
    }
    isReadTheSame(
        new NpzFormat().list(TestFiles.flink(file)).get(0),
        new NpzFormat().list(NetworkFiles.of(file)).get(0));
  }

  @Test
  void quantisedNumbers() throws IOException {
    int blocks = 150_000;
    byte[] bytes = TestFiles.random(1, blocks * Quantization.Q8_0.blockBytes());
    String path = TestFiles.flink(TestFiles.write(folder.resolve("q.gguf"), bytes)).toString();
    TensorInfo local =
        new TensorInfo(
            path,
            "t",
            DType.F32,
            Shape.of(blocks, Quantization.Q8_0.blockElements()),
            new Payload.Quantized(path, 0, bytes.length, Quantization.Q8_0));
    isReadTheSame(local, inNetwork(local));
  }

  @Test
  void fieldsOfMessages() throws IOException {
    int count = 500_000;
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    byte[] numbers = payload();
    for (int i = 0; i < count; i++) {
      // Field 4, fixed32, not packed; now and then a field that is passed over.
      message.write(4 << 3 | 5);
      message.write(numbers, 4 * i, 4);
      if (i % 100_000 == 1) {
        message.writeBytes(new byte[] {5 << 3 | 2, (byte) 0x80, (byte) 0x80, 8});
        message.writeBytes(new byte[1 << 17]);
      }
    }
    String path =
        TestFiles.flink(TestFiles.write(folder.resolve("m.onnx"), message.toByteArray()))
            .toString();
    TensorInfo local =
        new TensorInfo(
            path,
            "t",
            DType.F32,
            Shape.of(count),
            new Payload.ProtobufField(path, 0, message.size(), 4, Payload.FieldEncoding.FIXED32));
    isReadTheSame(local, inNetwork(local));
  }

  private static byte[] element(int type, byte[] data) {
    return ByteBuffer.allocate(8 + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(type)
        .putInt(data.length)
        .put(data)
        .array();
  }

  /** A file of some equal variables. */
  private Path matlab(boolean compressed, int variables) throws IOException {
    ByteBuffer words = ByteBuffer.allocate(72).order(ByteOrder.LITTLE_ENDIAN);
    // Flags (12: integers of 32 bits), the dimensions, the name, and the tag of the numbers.
    words.putInt(6).putInt(8).putInt(12).putInt(0);
    words.putInt(5).putInt(8).putInt(ROWS).putInt(COLUMNS);
    words.putInt(1 << 16 | 1).putInt('a');
    words.putInt(5).putInt(BYTES);
    ByteArrayOutputStream matrix = new ByteArrayOutputStream();
    matrix.write(words.array(), 0, words.position());
    matrix.write(payload());
    byte[] element = element(14, matrix.toByteArray());
    if (compressed) {
      Deflater deflater = new Deflater(Deflater.NO_COMPRESSION);
      ByteArrayOutputStream deflated = new ByteArrayOutputStream();
      try (OutputStream out = new DeflaterOutputStream(deflated, deflater)) {
        out.write(element);
      }
      deflater.end();
      element = element(15, deflated.toByteArray());
    }
    ByteBuffer header = ByteBuffer.allocate(MatFile.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    header.putShort(124, (short) 0x100).putShort(126, (short) ('M' << 8 | 'I'));
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(header.array());
    for (int i = 0; i < variables; i++) {
      file.write(element);
    }
    return TestFiles.write(folder.resolve("a.mat"), file.toByteArray());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nothingIsFetchedOfWhatFollowsAVariable(boolean compressed) throws Exception {
    Path file = matlab(compressed, 2);
    int before = NetworkFiles.opened();
    List<MatFile.Variable> variables = MatFile.list(NetworkFiles.of(file));
    assertEquals(2, variables.size());
    // For its header, and for each variable.
    assertEquals(3, NetworkFiles.opened() - before);
    long end = variables.get(1).offset();
    assertEquals(Files.size(file), 2 * end - MatFile.HEADER_BYTES);
    NetworkFiles.forgetWhatWasAsked();
    byte[] numbers =
        TestFiles.drain(MatFile.open(NetworkFiles.of(file), variables.get(0).offset(), 0));
    awaitThreads();
    assertArrayEquals(payload(), numbers);
    assertTrue(NetworkFiles.askedUpTo() <= end, () -> NetworkFiles.askedUpTo() + " > " + end);
  }

  @Test
  void nothingIsOpenWhereTheFileSystemFails() throws IOException {
    Path file = TestFiles.write(folder.resolve("a"), new byte[10]);
    IllegalStateException trouble = new IllegalStateException("no client");
    NetworkFiles.failOnce(trouble);
    assertSame(
        trouble,
        assertThrows(
            IllegalStateException.class,
            () -> InputFiles.rangeAhead(NetworkFiles.of(file), 0, 10)));
    NetworkFiles.failOnce(trouble);
    Path variables = matlab(false, 1);
    assertSame(
        trouble,
        assertThrows(
            IllegalStateException.class,
            () -> MatFile.open(NetworkFiles.of(variables), MatFile.HEADER_BYTES, 0)));
  }

  /** Some blocks, with gaps that are seeked over and gaps that are read through. */
  private static List<BlockRef> blocks(TensorInfo tensor, Layout layout) {
    List<BlockRef> blocks = new ArrayList<>();
    long rows = layout == Layout.ROW_MAJOR ? ROWS : COLUMNS;
    long all = layout == Layout.ROW_MAJOR ? COLUMNS : ROWS;
    long width = all / 20;
    for (int i : new int[] {1, 2, 3, 4, 5, 6, 9, 10, 17}) {
      blocks.add(new BlockRef(tensor, rows, width, i * width, layout));
    }
    return blocks;
  }

  @ParameterizedTest
  @EnumSource
  void blocksOfEveryLayout(Layout layout) throws IOException {
    for (Arrangement arrangement : List.of(Arrangement.CANONICAL, Arrangement.COLUMN_MAJOR)) {
      TensorInfo local = TestFiles.tensor(folder, DType.F32, arrangement, payload(), ROWS, COLUMNS);
      List<List<String>> read = new ArrayList<>();
      for (TensorInfo tensor : List.of(local, inNetwork(local))) {
        List<String> sums = new ArrayList<>();
        new BlockReader(ElementType.FLOAT)
            .readTensorBlocks(
                tensor,
                blocks(tensor, layout),
                values -> sums.add(values.sha256() + Arrays.hashCode(values.floats())));
        for (BlockRef block : blocks(tensor, layout)) {
          sums.add(new BlockReader(ElementType.FLOAT).read(block).sha256());
        }
        read.add(sums);
      }
      assertEquals(read.get(0), read.get(1));
    }
  }

  @Test
  void aFileThatEndsEarlyIsToldOfAsFromADisk() throws IOException {
    TensorInfo local =
        TestFiles.tensor(folder, DType.F32, Arrangement.CANONICAL, payload(), ROWS, COLUMNS);
    Path file = folder.resolve("tensor.raw");
    for (int length : new int[] {1000, BYTES / 2 + 1, BYTES}) {
      Files.write(file, Arrays.copyOf(payload(), length));
      List<String> messages = new ArrayList<>();
      for (TensorInfo tensor : List.of(local, inNetwork(local))) {
        messages.add(
            assertThrows(FormatException.class, () -> TestFiles.drain(TensorReader.open(tensor)))
                .getMessage());
      }
      assertEquals(messages.get(0), messages.get(1));
    }
  }

  @Test
  void aConsumerThatFailsLeavesNothingOpen() {
    TensorInfo tensor =
        inNetwork(
            TestFiles.tensor(folder, DType.F32, Arrangement.CANONICAL, payload(), ROWS, COLUMNS));
    UncheckedIOException full = new UncheckedIOException(new IOException("the disk is full"));
    List<BlockRef> blocks = blocks(tensor, Layout.COLUMN_MAJOR);
    UncheckedIOException thrown =
        assertThrows(
            UncheckedIOException.class,
            () ->
                new BlockReader(ElementType.FLOAT)
                    .readTensorBlocks(
                        tensor,
                        blocks,
                        values -> {
                          if (values.block().equals(blocks.get(5))) {
                            throw full;
                          }
                        }));
    assertSame(full, thrown);
  }

  @Test
  void memoryOfWhatIsReadAheadIsCounted() {
    TensorInfo local =
        TestFiles.tensor(folder, DType.F32, Arrangement.CANONICAL, payload(), ROWS, COLUMNS);
    assertEquals(0, TensorReader.openBytes(local));
    assertEquals(2 << 20, TensorReader.openBytes(inNetwork(local)));
    TensorInfo small =
        TestFiles.tensor(folder, DType.F32, Arrangement.CANONICAL, new byte[400], 10, 10);
    assertEquals(400, TensorReader.openBytes(inNetwork(small)));
  }
}
