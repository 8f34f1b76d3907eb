package io.github.colonnade.jobs.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
    // All wait for it at first, so that they begin together.
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    List<Future<?>> all = new ArrayList<>();
    all.add(threads.submit(() -> memory.holding(need(20), () -> "", awaiting(begun, end))));
    begun.await();
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
    untilWaiting(memory, 8);
    end.countDown();
    for (Future<?> each : all) {
      each.get();
    }
    assertTrue(most.get() <= 20, most + " MiB");
    assertEquals(20 * MIB, memory.mostHeldBytes());
    assertEquals(0, memory.heldBytes());
    assertTrue(memory.waits() >= 8, memory.waits() + " waited");
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
    // It fits beside the first one, but not beside the large one.
    Future<?> small =
        threads.submit(() -> memory.holding(need(6), () -> "", adding(order, "small")));
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
    assertTrue(message.contains("raise taskmanager.memory.task.off-heap.size to 124m"), message);
  }

  /** The libraries take some of it, too, and where there is little not all of it. */
  @Test
  void payloadsHaveWhatTheLibrariesLeave() {
    assertEquals(680 * MIB, nativeBytes(1000 * MIB));
    assertEquals(100 * MIB, nativeBytes(400 * MIB));
    assertEquals(10 * MIB, nativeBytes(40 * MIB));
  }

  private static long nativeBytes(long taskOffHeapBytes) {
    return PayloadLimits.of(PayloadLimit.NONE, 1, taskOffHeapBytes).nativeBytes();
  }

  /** What is told to give is enough, and no more than that. */
  @Test
  void whatIsToldToGiveForNativeMemoryIsEnough() {
    for (long mib : List.of(1L, 50L, 106L, 107L, 5000L)) {
      PayloadMemory memory =
          new PayloadMemory("job", new PayloadLimits(1, 0, 100 * MIB, 200 * MIB, MIB / 2, true));
      String message = refusal(memory, new PayloadNeed(MIB, mib * MIB));
      Matcher told = Pattern.compile("off-heap.size to (\\d+)m").matcher(message);
      assertTrue(told.find(), message);
      assertEquals(mib * MIB, nativeBytes(Long.parseLong(told.group(1)) * MIB), message);
    }
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Java heap space",
        "No memory for a matrix of 8 bytes outside the heap",
        "Cannot allocate new FloatPointer(4): totalBytes = 0, physicalBytes = 3G"
      })
  void memoryThatRunsOutIsToldInOneLine(String cause) {
    UsageException failure =
        assertThrows(UsageException.class, () -> runningOut(new OutOfMemoryError(cause)));
    String message = String.valueOf(failure.getMessage());
    assertTrue(
        message.startsWith("memory ran out at in.safetensors: giant (" + cause + ")"), message);
    assertInstanceOf(OutOfMemoryError.class, failure.getCause());
  }

  /** The tensor is not the cause, and a new process may well do it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Metaspace",
        "Compressed class space",
        "unable to create native thread: possibly out of memory or process/resource limits reached",
        "Cannot reserve 32768 bytes of direct buffer memory (allocated: 1, limit: 2)"
      })
  void whatElseRunsOutIsNoMistakeOfTheUser(String cause) {
    OutOfMemoryError error = new OutOfMemoryError(cause);
    assertSame(error, assertThrows(OutOfMemoryError.class, () -> runningOut(error)));
  }

  private static void runningOut(OutOfMemoryError error) throws IOException {
    set()
        .holding(
            need(4),
            () -> "in.safetensors: giant",
            () -> {
              throw error;
            });
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
