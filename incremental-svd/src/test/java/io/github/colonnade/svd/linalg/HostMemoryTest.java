package io.github.colonnade.svd.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.junit.jupiter.api.Test;

class HostMemoryTest {

  private final HostMemory memory = new HostMemory();

  @Test
  void whatIsGivenBackIsUsedAgainFromItsStart() {
    NativeMatrix.Memory first = memory.allocate(800, Precision.FLOAT64);
    first.pointer().position(7);
    first.free();
    assertEquals(1024, memory.keptBytes());
    NativeMatrix.Memory second = memory.allocate(513, Precision.FLOAT64);
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
    for (int i = 0; i < 100; i++) {
      all.add(memory.allocate(1 << 18, Precision.FLOAT32));
    }
    all.add(memory.allocate((1 << 18) + 1, Precision.FLOAT32));
    all.forEach(NativeMatrix.Memory::free);
    assertEquals(8 << 20, memory.keptBytes());
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
