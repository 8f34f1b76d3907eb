package io.github.colonnade.svd.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.junit.jupiter.api.Test;

class HostMemoryTest {

  private final HostMemory memory = new HostMemory(1 << 18, 8 << 20);

  @Test
  void whatIsGivenBackIsUsedAgainFromItsStart() {
    NativeMatrix.Memory first = memory.allocate(800, Precision.FLOAT64);
    first.pointer().position(7);
    first.free();
    assertEquals(896, memory.keptBytes());
    NativeMatrix.Memory second = memory.allocate(770, Precision.FLOAT64);
    assertSame(first.pointer(), second.pointer());
    assertEquals(0, second.pointer().position());
    assertEquals(0, memory.keptBytes());
    second.free();
  }

  @Test
  void eachPrecisionHasPiecesOfItsOwn() {
    memory.allocate(64, Precision.FLOAT64).free();
    assertTrue(memory.allocate(64, Precision.FLOAT32).pointer() instanceof FloatPointer);
    assertTrue(memory.allocate(64, Precision.FLOAT64).pointer() instanceof DoublePointer);
  }

  @Test
  void noMoreIsKeptThanItsShare() {
    List<NativeMatrix.Memory> all = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      all.add(memory.allocate(1 << 18, Precision.FLOAT32));
    }
    all.add(memory.allocate((1 << 18) + 1, Precision.FLOAT32));
    all.forEach(NativeMatrix.Memory::free);
    assertEquals(8 << 20, memory.keptBytes());
  }

  /** Or a task whose matrices become smaller would keep what it has no use for. */
  @Test
  void newSizesTakeThePlaceOfOldOnes() {
    noMoreIsKeptThanItsShare();
    memory.allocate(100, Precision.FLOAT64).free();
    assertEquals(112, memory.keptBytes());
  }

  @Test
  void whatIsGivenBackTwiceIsKeptOnce() {
    NativeMatrix.Memory piece = memory.allocate(64, Precision.FLOAT64);
    piece.free();
    piece.free();
    assertEquals(64, memory.keptBytes());
    assertNotSame(
        memory.allocate(64, Precision.FLOAT64).pointer(),
        memory.allocate(64, Precision.FLOAT64).pointer());
  }

  @Property
  void aPieceIsAtMostAQuarterLargerThanItsContents(
      @ForAll @IntRange(min = 65, max = 1 << 18) int sizeBytes) {
    HostMemory own = new HostMemory(1 << 18, 8 << 20);
    own.allocate(sizeBytes, Precision.FLOAT64).free();
    assertTrue(own.keptBytes() >= sizeBytes);
    assertTrue(own.keptBytes() <= 1.25 * sizeBytes);
    // Found again by any size that is rounded to it.
    own.allocate(own.keptBytes(), Precision.FLOAT64);
    assertEquals(0, own.keptBytes());
    own.close();
  }

  @Test
  void nothingIsKeptAfterItsEnd() {
    NativeMatrix.Memory open = memory.allocate(64, Precision.FLOAT64);
    memory.allocate(64, Precision.FLOAT64).free();
    memory.close();
    assertEquals(0, memory.keptBytes());
    ((DoublePointer) open.pointer()).put(3, 5);
    open.free();
    assertEquals(0, memory.keptBytes());
  }

  /** No piece is given to two at a time. */
  @Test
  void severalThreadsShareIt() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        int own = t + 1;
        all.add(
            threads.submit(
                () -> {
                  Random random = new Random(own);
                  for (int i = 0; i < 20_000; i++) {
                    int length = 1 + random.nextInt(200);
                    NativeMatrix.Memory piece = memory.allocate(8L * length, Precision.FLOAT64);
                    DoublePointer numbers = (DoublePointer) piece.pointer();
                    numbers.put(0, own).put(length - 1, own);
                    Thread.onSpinWait();
                    assertEquals(own, numbers.get(0));
                    assertEquals(own, numbers.get(length - 1));
                    piece.free();
                  }
                }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertNotEquals(0, memory.keptBytes());
  }
}
