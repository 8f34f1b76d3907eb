package io.github.colonnade.tests.performance;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * One matrix rows×columns of random numbers, in files of every format that is read, each as small
 * as the format allows.
 */
final class SampleFiles {

  private static final int F32 = 4;

  /** Chunks of a compressed HDF5 data set: as many as one node of its index has. */
  private static final int CHUNKS = 64;

  private final int rows;
  private final int columns;
  private final byte[] floats;

  SampleFiles(int rows, int columns) {
    this.rows = rows;
    this.columns = columns;
    ByteBuffer numbers = buffer(rows * columns * F32);
    Random random = new Random(1);
    while (numbers.hasRemaining()) {
      numbers.putFloat((float) random.nextGaussian());
    }
    this.floats = filled(numbers);
  }

  /** The numbers as most formats have them: float32, row after row. */
  byte[] payload() {
    return floats;
  }

  /** Writes the file of a format, or of one of its variants. */
  Path write(Path folder, String format) throws IOException {
    Path file = folder.resolve("a." + format.substring(format.indexOf('-') + 1));
    switch (format) {
      case "safetensors" -> write(file, safetensors("F32", floats.length), floats);
      case "bf16-safetensors" -> write(file, safetensors("BF16", floats.length / 2), upperHalves());
      case "f16-safetensors" -> write(file, safetensors("F16", floats.length / 2), ones());
      case "npy" -> write(file, npyHeader(), floats);
      case "npz" -> npz(file, ZipEntry.STORED);
      case "deflated-npz" -> npz(file, ZipEntry.DEFLATED);
      case "onnx" -> write(file, onnxHeader(), floats);
      case "gguf" -> write(file, ggufHeader(), floats);
      case "h5" -> hdf5(file);
      case "gzip-h5" -> gzipHdf5(file);
      case "mat" -> write(file, matHeader(), floats);
      case "tiff" -> write(file, tiffHeader(), floats);
      case "mtx" -> matrixMarket(file);
      default -> throw new IllegalArgumentException("no file of the format " + format);
    }
    return file;
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] filled(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.position()];
    buffer.get(0, bytes);
    return bytes;
  }

  private static void write(Path file, byte[]... parts) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      for (byte[] part : parts) {
        out.write(part);
      }
    }
  }

  private byte[] safetensors(String type, int bytes) {
    String json =
        String.format(
            Locale.ROOT,
            "{\"a\":{\"dtype\":\"%s\",\"shape\":[%d,%d],\"data_offsets\":[0,%d]}}",
            type,
            rows,
            columns,
            bytes);
    byte[] text = json.getBytes(StandardCharsets.UTF_8);
    return filled(buffer(Long.BYTES + text.length).putLong(text.length).put(text));
  }

  private byte[] upperHalves() {
    byte[] halves = new byte[floats.length / 2];
    for (int i = 0; i < halves.length / 2; i++) {
      halves[2 * i] = floats[F32 * i + 2];
      halves[2 * i + 1] = floats[F32 * i + 3];
    }
    return halves;
  }

  /** Numbers of half precision between ½ and 2, of either sign. */
  private byte[] ones() {
    ByteBuffer halves = buffer(floats.length / 2);
    Random random = new Random(2);
    while (halves.hasRemaining()) {
      halves.putShort((short) ((random.nextInt() & 0x8000) | (0x3800 + random.nextInt(0x800))));
    }
    return filled(halves);
  }

  private byte[] npyHeader() {
    String dictionary =
        String.format(
            Locale.ROOT,
            "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }",
            rows,
            columns);
    String padded = String.format(Locale.ROOT, "%-117s%n", dictionary);
    return filled(
        buffer(128)
            .put((byte) 0x93)
            .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
            .put((byte) 1)
            .put((byte) 0)
            .putShort((short) padded.length())
            .put(padded.getBytes(StandardCharsets.US_ASCII)));
  }

  private void npz(Path file, int method) throws IOException {
    ByteArrayOutputStream npy = new ByteArrayOutputStream();
    npy.write(npyHeader());
    npy.write(floats);
    byte[] member = npy.toByteArray();
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      ZipEntry entry = new ZipEntry("a.npy");
      entry.setMethod(method);
      if (method == ZipEntry.STORED) {
        java.util.zip.CRC32 crc = new java.util.zip.CRC32();
        crc.update(member);
        entry.setSize(member.length);
        entry.setCrc(crc.getValue());
      }
      zip.putNextEntry(entry);
      zip.write(member);
      zip.closeEntry();
    }
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long left = value;
    while (left >= 0x80) {
      out.write((int) ((left & 0x7f) | 0x80));
      left >>>= 7;
    }
    out.write((int) left);
  }

  /** A model, its graph and an initializer up to its raw data, which end the file. */
  private byte[] onnxHeader() {
    ByteArrayOutputStream tensor = new ByteArrayOutputStream();
    for (int dim : new int[] {rows, columns}) {
      tensor.write(1 << 3);
      varint(tensor, dim);
    }
    tensor.writeBytes(new byte[] {2 << 3, 1, 8 << 3 | 2, 1, 'a', 9 << 3 | 2});
    varint(tensor, floats.length);
    ByteArrayOutputStream graph = new ByteArrayOutputStream();
    graph.write(5 << 3 | 2);
    varint(graph, tensor.size() + floats.length);
    graph.writeBytes(tensor.toByteArray());
    ByteArrayOutputStream model = new ByteArrayOutputStream();
    model.writeBytes(new byte[] {1 << 3, 8, 7 << 3 | 2});
    varint(model, graph.size() + floats.length);
    model.writeBytes(graph.toByteArray());
    return model.toByteArray();
  }

  private byte[] ggufHeader() {
    ByteBuffer header = buffer(96).putInt(0x46554747).putInt(3).putLong(1).putLong(0);
    header.putLong(1).put((byte) 'a').putInt(2).putLong(columns).putLong(rows);
    header.putInt(0).putLong(0);
    return filled(header.position((header.position() + 31) / 32 * 32));
  }

  private byte[] matHeader() {
    byte[] text = new byte[124];
    java.util.Arrays.fill(text, (byte) ' ');
    ByteBuffer header = buffer(256).put(text).putShort((short) 0x100).put((byte) 'I');
    header.put((byte) 'M');
    // A matrix: flags of single precision, dimensions, name, numbers.
    header.putInt(14).putInt(16 + 16 + 8 + 8 + floats.length);
    header.putInt(6).putInt(8).putInt(7).putInt(0);
    header.putInt(5).putInt(8).putInt(rows).putInt(columns);
    header.putShort((short) 1).putShort((short) 1).putInt('a');
    return filled(header.putInt(7).putInt(floats.length));
  }

  private byte[] tiffHeader() {
    int entries = 9;
    int data = 8 + 2 + 12 * entries + 4;
    ByteBuffer header = buffer(data).put((byte) 'I').put((byte) 'I').putShort((short) 42);
    header.putInt(8).putShort((short) entries);
    int[][] tags = {
      {256, columns},
      {257, rows},
      {258, 32},
      {259, 1},
      {262, 1},
      {273, data},
      {278, rows},
      {279, floats.length},
      {339, 3}
    };
    for (int[] tag : tags) {
      header.putShort((short) tag[0]).putShort((short) 4).putInt(1).putInt(tag[1]);
    }
    return filled(header.putInt(0));
  }

  private void matrixMarket(Path file) throws IOException {
    ByteBuffer numbers = ByteBuffer.wrap(floats).order(ByteOrder.LITTLE_ENDIAN);
    try (java.io.BufferedWriter out = Files.newBufferedWriter(file)) {
      out.write("%%MatrixMarket matrix array real general\n" + rows + " " + columns + "\n");
      while (numbers.hasRemaining()) {
        out.write(numbers.getFloat() + "\n");
      }
    }
  }

  private void hdf5(Path file) throws IOException {
    write(file, hdf5Head(0, 0, floats.length), floats);
  }

  private void gzipHdf5(Path file) throws IOException {
    int chunkBytes = floats.length / CHUNKS;
    byte[][] chunks = new byte[CHUNKS][];
    ByteBuffer tree = buffer(24 + CHUNKS * (8 + 24 + 8) + 8 + 24);
    long headBytes = hdf5Head(chunkBytes, 0, 0).length;
    long at = headBytes + tree.capacity();
    tree.put("TREE".getBytes(StandardCharsets.US_ASCII)).put((byte) 1).put((byte) 0);
    tree.putShort((short) CHUNKS).putLong(-1).putLong(-1);
    for (int i = 0; i <= CHUNKS; i++) {
      chunks[Math.min(i, CHUNKS - 1)] =
          i < CHUNKS ? zlib(floats, i * chunkBytes, chunkBytes) : chunks[CHUNKS - 1];
      tree.putInt(i < CHUNKS ? chunks[i].length : 0).putInt(0);
      tree.putLong((long) rows / CHUNKS * i).putLong(0).putLong(0);
      if (i < CHUNKS) {
        tree.putLong(at);
        at += chunks[i].length;
      }
    }
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(hdf5Head(chunkBytes, headBytes, at - headBytes));
      out.write(filled(tree));
      for (byte[] chunk : chunks) {
        out.write(chunk);
      }
    }
  }

  /** Bytes as zlib packs them. */
  static byte[] zlib(byte[] bytes, int from, int length) {
    Deflater deflater = new Deflater();
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = new java.util.zip.DeflaterOutputStream(packed, deflater)) {
      out.write(bytes, from, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      deflater.end();
    }
    return packed.toByteArray();
  }

  /** The superblock, a group with one link, and the header of its data set. */
  private byte[] hdf5Head(int chunkBytes, long address, long dataBytes) {
    int rootAt = 96;
    int rootBytes = 16 + 8 + 16;
    int setAt = rootAt + rootBytes;
    int setBytes = 16 + (8 + 24) + (8 + 24) + (8 + 24) + (chunkBytes == 0 ? 0 : 8 + 24);
    long data = address == 0 ? setAt + setBytes : address;
    ByteBuffer head = buffer(setAt + setBytes);
    head.put(new byte[] {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'});
    head.put(new byte[] {0, 0, 0, 0, 0, 8, 8, 0}).putShort((short) 4).putShort((short) 16);
    head.putInt(0).putLong(0).putLong(-1).putLong(head.capacity() + dataBytes).putLong(-1);
    head.putLong(0).putLong(rootAt).putLong(0).putLong(0).putLong(0);
    head.position(rootAt);
    header(head, 1, rootBytes - 16);
    message(head, 6, 16).put((byte) 1).put((byte) 0).put((byte) 1).put((byte) 'a').putLong(setAt);
    head.position(setAt);
    header(head, chunkBytes == 0 ? 3 : 4, setBytes - 16);
    message(head, 1, 24).put(new byte[] {1, 2, 0, 0, 0, 0, 0, 0}).putLong(rows).putLong(columns);
    message(head, 3, 24).put(new byte[] {0x11, 0x20, 31, 0}).putInt(F32);
    head.putShort((short) 0).putShort((short) 32).put(new byte[] {23, 8, 0, 23}).putInt(127);
    head.putInt(0);
    ByteBuffer layout = message(head, 8, 24).put((byte) 3);
    int end = layout.position() + 23;
    if (chunkBytes == 0) {
      layout.put((byte) 1).putLong(data).putLong(dataBytes);
    } else {
      layout.put((byte) 2).put((byte) 3).putLong(data);
      layout.putInt(rows / CHUNKS).putInt(columns).putInt(F32);
      layout.position(end);
      message(head, 0xb, 24).put(new byte[] {1, 1, 0, 0, 0, 0, 0, 0});
      head.putShort((short) 1).putShort((short) 0).putShort((short) 1).putShort((short) 1);
      head.putInt(6);
    }
    return filled(head.position(head.capacity()));
  }

  private static void header(ByteBuffer head, int messages, int bytes) {
    head.put((byte) 1).put((byte) 0).putShort((short) messages).putInt(1).putInt(bytes).putInt(0);
  }

  private static ByteBuffer message(ByteBuffer head, int type, int bytes) {
    return head.putShort((short) type).putShort((short) bytes).putInt(0);
  }
}
