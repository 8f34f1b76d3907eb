package io.github.colonnade.jobs.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.UsageException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PayloadMemoryTest {
  private static final long MIB = 1L << 20;

  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void end() throws InterruptedException {
    threads.shutdownNow();
    assertTrue(threads.awaitTermination(30, TimeUnit.SECONDS));
  }

  /** Two slots, 10 MiB each, of a process that has more. */
  private static PayloadMemory set() {
    return new PayloadMemory(
        "job", new PayloadLimits(2, 20 * MIB, 100 * MIB, 200 * MIB, 1000 * MIB, false));
  }

  private static PayloadNeed need(long mib) {
    return new PayloadNeed(mib * MIB / 4, mib * MIB - mib * MIB / 4);
  }

  @Test
  void whatIsHeldTogetherIsNeverMoreThanThereIs() throws Exception {
    PayloadMemory memory = set();
    AtomicLong held = new AtomicLong();
    AtomicLong most = new AtomicLong();
    List<Future<?>> all = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      Random random = new Random(t);
      all.add(
          threads.submit(
              () -> {
                for (int i = 0; i < 300; i++) {
                  // Every now and then all that there is.
                  long mib = i % 20 == 0 ? 20 : 1 + random.nextInt(9);
                  memory.holding(
                      need(mib),
                      () -> "it",
                      () -> {
                        most.accumulateAndGet(held.addAndGet(mib), Math::max);
                        Thread.onSpinWait();
                        return held.addAndGet(-mib);
                      });
                }
                return null;
              }));
    }
    for (Future<?> each : all) {
      each.get();
    }
    assertTrue(most.get() <= 20, most + " MiB");
    assertEquals(20 * MIB, memory.mostHeldBytes());
    assertEquals(0, memory.heldBytes());
    assertTrue(memory.waits() > 0);
  }

  /** What waits longest comes first, so that small ones do not pass a large one for ever. */
  @Test
  void smallOnesDoNotOvertakeALargeOne() throws Exception {
    PayloadMemory memory = set();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    List<String> order = new ArrayList<>();
    Future<?> first =
        threads.submit(() -> memory.holding(need(10), () -> "", awaiting(begun, end)));
    begun.await();
    Future<?> large =
        threads.submit(() -> memory.holding(need(15), () -> "", adding(order, "large")));
    untilWaiting(memory, 1);
    Future<?> small =
        threads.submit(() -> memory.holding(need(2), () -> "", adding(order, "small")));
    untilWaiting(memory, 2);
    end.countDown();
    first.get();
    large.get();
    small.get();
    assertEquals(List.of("large", "small"), order);
  }

  @Test
  void whatNeedsMoreThanWasSetIsToldWhatToRaise() {
    String message = refusal(set(), need(21));
    assertEquals(
        "in.safetensors: giant needs 5.3 MiB in the Java heap and 15.8 MiB outside it, and there"
            + " are 20.0 MiB for all 2 slots; raise --payload-memory to 11m, or cut it with"
            + " --columns",
        message);
  }

  @Test
  void memoryThatWasConfiguredForTasksIsALimitToo() {
    PayloadMemory memory =
        new PayloadMemory("job", new PayloadLimits(1, 0, 100 * MIB, 200 * MIB, 30 * MIB, true));
    String message = refusal(memory, new PayloadNeed(MIB, 31 * MIB));
    assertTrue(message.contains("raise taskmanager.memory.task.off-heap.size to 31m"), message);
  }

  @Test
  void whatIsLargerThanTheHeapIsRefused() {
    PayloadMemory memory =
        new PayloadMemory("job", new PayloadLimits(1, 0, 100 * MIB, 200 * MIB, 1000 * MIB, false));
    String message = refusal(memory, new PayloadNeed(201 * MIB, MIB));
    assertTrue(message.contains("there are 200.0 MiB; raise the heap (-Xmx"), message);
  }

  /** An estimate is no reason to refuse what may well succeed. */
  @Test
  void whatMayBeMoreThanWasFoundIsWorkedOnAlone() throws IOException {
    PayloadMemory memory =
        new PayloadMemory("job", new PayloadLimits(2, 0, 100 * MIB, 200 * MIB, 50 * MIB, false));
    long held =
        memory.holding(
            new PayloadNeed(150 * MIB, 60 * MIB), () -> "giant", () -> memory.heldBytes());
    assertEquals(150 * MIB, held);
  }

  @Test
  void memoryThatRunsOutIsToldInOneLine() {
    UsageException failure =
        assertThrows(
            UsageException.class,
            () ->
                set()
                    .holding(
                        need(4),
                        () -> "in.safetensors: giant",
                        () -> {
                          throw new OutOfMemoryError("Java heap space");
                        }));
    String message = String.valueOf(failure.getMessage());
    assertTrue(
        message.startsWith("memory ran out at in.safetensors: giant (Java heap space)"), message);
    assertInstanceOf(OutOfMemoryError.class, failure.getCause());
  }

  @Test
  void whatFailsGivesItsMemoryBack() {
    PayloadMemory memory = set();
    assertThrows(
        IOException.class,
        () ->
            memory.holding(
                need(20),
                () -> "it",
                () -> {
                  throw new IOException("the disk");
                }));
    assertEquals(0, memory.heldBytes());
  }

  @Test
  void whoIsInterruptedWaitsNoLongerAndLeavesTheQueue() throws Exception {
    PayloadMemory memory = set();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    Future<?> holder =
        threads.submit(() -> memory.holding(need(20), () -> "", awaiting(begun, end)));
    begun.await();
    AtomicLong done = new AtomicLong();
    Thread[] waiter = new Thread[1];
    Future<?> interrupted =
        threads.submit(
            () -> {
              waiter[0] = Thread.currentThread();
              return memory.holding(need(20), () -> "", done::incrementAndGet);
            });
    untilWaiting(memory, 1);
    waiter[0].interrupt();
    ExecutionException failure = assertThrows(ExecutionException.class, interrupted::get);
    assertInstanceOf(InterruptedIOException.class, failure.getCause());
    Future<Long> next =
        threads.submit(() -> memory.holding(need(20), () -> "", done::incrementAndGet));
    untilWaiting(memory, 1);
    assertFalse(next.isDone());
    end.countDown();
    holder.get();
    assertEquals(1, next.get());
  }

  /** Two that hold and ask for more would wait for each other for ever. */
  @Test
  void oneThreadHoldsOneNeedAtATime() {
    PayloadMemory memory = set();
    assertThrows(
        IllegalStateException.class,
        () ->
            memory.holding(
                need(1), () -> "", () -> memory.holding(need(1), () -> "", () -> "both")));
    assertEquals(0, memory.heldBytes());
  }

  @Test
  void subtasksOfOneJobShareAndThoseOfAnotherDoNot() {
    PayloadLimits limits = PayloadLimits.of(new PayloadLimit(5), 2, 0);
    PayloadMemory one = PayloadMemory.open("one", limits);
    PayloadMemory other = PayloadMemory.open("other", limits);
    PayloadMemory again = PayloadMemory.open("one", limits);
    assertTrue(one == again && one != other);
    one.close();
    assertTrue(one == PayloadMemory.open("one", limits));
    one.close();
    one.close();
    PayloadMemory anew = PayloadMemory.open("one", limits);
    assertTrue(one != anew);
    anew.close();
    other.close();
  }

  private static String refusal(PayloadMemory memory, PayloadNeed need) {
    UsageException failure =
        assertThrows(
            UsageException.class,
            () -> memory.holding(need, () -> "in.safetensors: giant", () -> "done"));
    assertEquals(0, memory.mostHeldBytes());
    return String.valueOf(failure.getMessage());
  }

  private static PayloadMemory.Work<String> awaiting(CountDownLatch begun, CountDownLatch end) {
    return () -> {
      begun.countDown();
      try {
        end.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      return "";
    };
  }

  private static PayloadMemory.Work<String> adding(List<String> order, String name) {
    return () -> {
      synchronized (order) {
        order.add(name);
      }
      return name;
    };
  }

  private static void untilWaiting(PayloadMemory memory, int count) {
    while (memory.waitingNow() < count) {
      Thread.onSpinWait();
    }
  }
}
