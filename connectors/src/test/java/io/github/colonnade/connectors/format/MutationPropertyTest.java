package io.github.colonnade.connectors.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorReader;
import io.github.colonnade.connectors.testing.TestFiles;
import io.github.colonnade.connectors.view.BlockReader;
import io.github.colonnade.connectors.view.ElementType;
import io.github.colonnade.connectors.view.MatrixView;
import io.github.colonnade.connectors.view.TensorPlan;
import io.github.colonnade.connectors.view.ViewOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import onnx.Onnx.StringStringEntryProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorProto.DataType;
import org.nd4j.shade.protobuf.ByteString;

/**
 * Whatever the bytes of a file: listing and reading it gives tensors of the promised sizes or a
 * {@link FormatException}, and memory stays in proportion to the file.
 */
class MutationPropertyTest {
  private static final int TRIES = 600;

  /** Far above what listing needs, far below what a hostile length could ask for. */
  private static final long MAX_ALLOCATED_BYTES = 8L << 20;

  /**
   * Reading collects a payload in a growing array, then its first block; planes decode it twice.
   */
  private static final long MAX_COPIES = 16;

  private static final long[] LENGTHS = {
    0,
    1,
    2,
    0x7f,
    0xff,
    0x7fff,
    0xffff,
    1 << 24,
    Integer.MAX_VALUE,
    0xffffffffL,
    1L << 40,
    Long.MAX_VALUE,
    -1,
    Long.MIN_VALUE,
    99_999_999
  };

  private Path folder = Path.of("");

  @BeforeProperty
  void makeFolder() throws IOException {
    folder = Files.createTempDirectory("mutation");
  }

  @AfterProperty
  void removeFolder() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static byte[] safetensors() {
    return TestFiles.safetensors(
        "{\"__metadata__\":{\"format\":\"pt\"},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},"
            + "\"b\":{\"dtype\":\"BF16\",\"shape\":[4,2],\"data_offsets\":[24,40]},"
            + "\"c\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[40,48]}}",
        TestFiles.random(1, 48));
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.OFF)
  void safetensorsFile(@ForAll long seed) throws IOException {
    check(new SafetensorsFormat(), "m.safetensors", safetensors(), seed);
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.OFF)
  void safetensorsIndex(@ForAll long seed) throws IOException {
    TestFiles.write(folder.resolve("1.safetensors"), safetensors());
    String index =
        "{\"metadata\":{\"total_size\":48},\"weight_map\":"
            + "{\"a\":\"1.safetensors\",\"b\":\"1.safetensors\",\"c\":\"1.safetensors\"}}";
    check(
        new SafetensorsIndex(),
        "m.safetensors.index.json",
        index.getBytes(StandardCharsets.UTF_8),
        seed);
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.OFF)
  void npyFile(@ForAll long seed) throws IOException {
    String file = seed % 2 == 0 ? "c_f4.npy" : "fortran_big_f2.npy";
    check(new NpyFormat(), "m.npy", resource("numpy/" + file), seed);
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.OFF)
  void npzFile(@ForAll long seed) throws IOException {
    String file = seed % 2 == 0 ? "stored.npz" : "deflated.npz";
    check(new NpzFormat(), "m.npz", resource("numpy/" + file), seed);
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.OFF)
  void onnxFile(@ForAll long seed) throws IOException {
    TestFiles.write(folder.resolve("w.bin"), new byte[100]);
    byte[] model =
        OnnxReferenceTest.model(
            OnnxReferenceTest.tensor("raw", DataType.FLOAT, 2, 3)
                .setRawData(ByteString.copyFrom(TestFiles.random(2, 24))),
            OnnxReferenceTest.tensor("packed", DataType.DOUBLE, 1, 2)
                .addDoubleData(1)
                .addDoubleData(2),
            OnnxReferenceTest.tensor("varint", DataType.FLOAT16, 2, 2)
                .addAllInt32Data(List.of(1, 300, 70, 0xffff)),
            OnnxReferenceTest.tensor("outside", DataType.FLOAT, 5, 2)
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(
                    StringStringEntryProto.newBuilder().setKey("location").setValue("w.bin"))
                .addExternalData(
                    StringStringEntryProto.newBuilder().setKey("offset").setValue("9")));
    check(new OnnxFormat(), "m.onnx", model, seed);
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.OFF)
  void ggufFile(@ForAll long seed) throws IOException {
    check(new GgufFormat(), "m.gguf", resource("gguf/tiny.gguf"), seed);
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.OFF)
  void matlabFile(@ForAll long seed) throws IOException {
    String file = seed % 2 == 0 ? "tiny.mat" : "compressed.mat";
    check(new MatlabFormat(), "m.mat", resource("matlab/" + file), seed);
  }

  /** Here a change makes a dataset of 10×6 one of 10×32,767, which is a sound one. */
  @Example
  void grownHdf5File() throws IOException {
    hdf5File(20_008);
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.OFF)
  void hdf5File(@ForAll long seed) throws IOException {
    List<String> files = List.of("tiny.h5", "latest.h5", "ordered.h5", "v73.mat");
    String file = files.get((int) Math.floorMod(seed, 4L));
    check(new Hdf5Format(), "m.h5", resource("hdf5/" + file), seed);
  }

  /** Here a change makes an image of one band one of 12,300, which its parts can't hold. */
  @Example
  void tiffFileOfManyBands() throws IOException {
    tiffFile(50_364_840);
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.OFF)
  void tiffFile(@ForAll long seed) throws IOException {
    List<String> files =
        List.of("S2A_MSIL2A_B02.tif", "planes.tif", "tiles.tif", "pages.tif", "lzw.tif");
    String file = files.get((int) Math.floorMod(seed, 5L));
    check(new TiffFormat(), "m.tif", resource("tiff/" + file), seed);
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.OFF)
  void matrixMarketFile(@ForAll long seed) throws IOException {
    List<String> files = List.of("dense.mtx", "hermitian.mtx", "sparse.mtx", "pattern.mtx");
    String file = files.get((int) Math.floorMod(seed, 4L));
    check(new MatrixMarketFormat(), "m.mtx", resource("matrixmarket/" + file), seed);
  }

  private static byte[] resource(String name) throws IOException {
    return Files.readAllBytes(TestFiles.resource(name));
  }

  private void check(TensorFormat format, String name, byte[] sound, long seed) throws IOException {
    Random random = new Random(seed);
    byte[] bytes = sound;
    for (int changes = random.nextInt(4); changes >= 0; changes--) {
      bytes = mutate(bytes, random);
    }
    Path file = TestFiles.write(folder.resolve(name), bytes);
    long before = allocatedBytes();
    // A sound shape may be larger than the file: chunks that are not there read as fill values.
    long read = 0;
    try {
      for (TensorInfo tensor : format.list(TestFiles.flink(file))) {
        read += read(tensor);
      }
    } catch (FormatException e) {
      assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    }
    try {
      TensorLister.list(List.of(file.toString()));
    } catch (FormatException e) {
      assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    }
    long allocated = allocatedBytes() - before;
    long limit = MAX_ALLOCATED_BYTES + MAX_COPIES * read;
    assertTrue(allocated < limit, () -> allocated + " bytes allocated, " + limit + " allowed");
  }

  /** The bytes that the reader gave. */
  private static long read(TensorInfo tensor) {
    long given = 0;
    try {
      given = TestFiles.drain(TensorReader.open(tensor)).length;
      assertEquals(tensor.sizeBytes(), given, tensor::name);
      if (MatrixView.of(ViewOptions.defaults()).plan(tensor) instanceof TensorPlan.Blocks plan) {
        new BlockReader(ElementType.FLOAT).read(plan.blocks().get(0));
      }
    } catch (FormatException e) {
      assertTrue(e.getMessage().contains(";"), e.getMessage());
    } catch (IOException e) {
      throw new AssertionError("storage is sound here", e);
    }
    return given;
  }

  private static byte[] mutate(byte[] bytes, Random random) {
    if (bytes.length < 9) {
      return TestFiles.random(random.nextLong(), random.nextInt(40));
    }
    int at = random.nextInt(bytes.length);
    ByteBuffer changed = ByteBuffer.allocate(bytes.length + 16).order(ByteOrder.LITTLE_ENDIAN);
    switch (random.nextInt(6)) {
      case 0 -> {
        changed.put(bytes);
        changed.put(at, (byte) (bytes[at] ^ 1 << random.nextInt(8)));
      }
      case 1 -> changed.put(bytes, 0, at);
      case 2 -> {
        byte[] inserted = TestFiles.random(random.nextLong(), 1 + random.nextInt(16));
        changed.put(bytes, 0, at).put(inserted).put(bytes, at, bytes.length - at);
      }
      case 3 -> {
        int gone = Math.min(bytes.length - at, 1 + random.nextInt(16));
        changed.put(bytes, 0, at).put(bytes, at + gone, bytes.length - at - gone);
      }
      case 4 -> {
        changed.put(bytes);
        long length = LENGTHS[random.nextInt(LENGTHS.length)];
        int place = Math.min(at, bytes.length - 8);
        switch (random.nextInt(3)) {
          case 0 -> changed.putShort(place, (short) length);
          case 1 -> changed.putInt(place, (int) length);
          default -> changed.putLong(place, length);
        }
      }
      default -> {
        // Another number where the text has one; else a digit anywhere.
        changed.put(bytes);
        int digit = at;
        while (digit < bytes.length - 1 && (bytes[digit] < '0' || bytes[digit] > '9')) {
          digit++;
        }
        changed.put(digit, (byte) ('0' + random.nextInt(10)));
      }
    }
    byte[] result = new byte[changed.position()];
    changed.get(0, result);
    return result;
  }

  private static long allocatedBytes() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }
}
