package io.github.colonnade.jobs.compress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockReader;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.ElementType;
import io.github.colonnade.connectors.view.Layout;
import io.github.colonnade.jobs.compress.EncodeTask.MemberTask;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PayloadCacheTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();
  private static final int[][] BATCHES = {{0}, {0, 1}, {2, 0, 1}, {0, 2}, {0, 1, 2}};

  @TempDir Path folder;

  @Test
  void spooledBlocksAreThoseOfTheFileWhichIsReadOnce() throws IOException {
    Path file = folder.resolve("w.npy");
    Files.write(file, fortranBigEndian());
    TensorInfo tensor = TensorLister.list(List.of(file.toString())).tensors().get(0);
    BlockReader reader = new BlockReader(ElementType.DOUBLE);
    List<MemberTask> members = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      BlockRef block = new BlockRef(tensor, 4, 2, 2L * i, Layout.COLUMN_MAJOR);
      members.add(
          new MemberTask(0, i, block, 3, OptionalInt.empty(), reader.read(block).sha256(), 8));
    }
    AtomicLong read = new AtomicLong();
    List<double[]> expected;
    try (PayloadCache cache = new PayloadCache(LA, members, 1 << 20, read::addAndGet)) {
      expected = all(cache);
    }
    assertEquals(tensor.sizeBytes(), read.getAndSet(0));
    try (PayloadCache cache = new PayloadCache(LA, members, 0, read::addAndGet)) {
      // What is gone cannot be opened again.
      Files.delete(file);
      List<double[]> loaded = all(cache);
      for (int i = 0; i < BATCHES.length; i++) {
        assertArrayEquals(expected.get(i), loaded.get(i));
      }
      cache.countUnread();
    }
    assertEquals(tensor.sizeBytes(), read.get());
  }

  private static List<double[]> all(PayloadCache cache) {
    List<double[]> all = new ArrayList<>();
    for (int[] batch : BATCHES) {
      try (Matrix matrix = cache.load(LA, batch)) {
        all.add(matrix.toDoubles());
      }
    }
    return all;
  }

  private static byte[] fortranBigEndian() {
    String header = "{'descr': '>f8', 'fortran_order': True, 'shape': (6, 4), }";
    header += " ".repeat(117 - header.length()) + "\n";
    ByteBuffer bytes = ByteBuffer.allocate(128 + 24 * 8).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII));
    bytes.put((byte) 1).put((byte) 0).putShort((short) 118);
    bytes.put(header.getBytes(StandardCharsets.US_ASCII)).order(ByteOrder.BIG_ENDIAN);
    for (int i = 0; i < 24; i++) {
      bytes.putDouble(8 * Math.sin(i + 1));
    }
    return bytes.array();
  }
}
