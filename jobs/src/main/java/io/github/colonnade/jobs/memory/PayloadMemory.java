package io.github.colonnade.jobs.memory;

import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.console.Formats;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets tensors be worked on only while there is memory for them.
 *
 * <p>All subtasks of a job in one process share it, so that a large block may use the share of the
 * others, and makes them wait. Who waits longest comes first; so a large block is not passed over
 * for ever. Each thread holds at most one {@link PayloadNeed} at a time, hence no two wait for each
 * other.
 *
 * <p>What was set is kept strictly: who needs more than all of it is told so, which ends a bounded
 * job; a stream goes on without the tensor. What was only found ({@link PayloadLimits}) is as sure
 * as the estimate: who needs more of it works alone.
 */
public final class PayloadMemory {

  private static final Logger LOG = LoggerFactory.getLogger(PayloadMemory.class);

  private static final List<String> PAYLOAD_ERRORS =
      List.of(
          "Java heap space",
          "GC overhead limit exceeded",
          "No memory for a matrix",
          "Cannot allocate new ",
          "Failed to allocate memory within limits",
          "Physical memory usage is too high");

  /** By job, those that are open. */
  private static final Map<String, PayloadMemory> OPEN = new HashMap<>();

  private final String job;
  private final PayloadLimits limits;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Queue<Object> waiting = new ArrayDeque<>();
  private final Set<Thread> holders = new HashSet<>();
  private PayloadNeed held = PayloadNeed.NOTHING;
  private long mostHeldBytes;
  private long waits;
  private int users;

  PayloadMemory(String job, PayloadLimits limits) {
    this.job = job;
    this.limits = limits;
  }

  /**
   * That of a job in this process, to be {@link #close closed} once for each time it was opened.
   *
   * @param limits the same whenever it is opened
   */
  static PayloadMemory open(String job, PayloadLimits limits) {
    synchronized (OPEN) {
      PayloadMemory memory = OPEN.computeIfAbsent(job, each -> new PayloadMemory(each, limits));
      memory.users++;
      return memory;
    }
  }

  void close() {
    synchronized (OPEN) {
      users--;
      if (users == 0) {
        OPEN.remove(job);
      }
    }
  }

  /** Work that holds memory. */
  @FunctionalInterface
  public interface Work<T> {
    T run() throws IOException;
  }

  /**
   * Waits until there is enough, works, and gives it back.
   *
   * @param what is worked on, for a message
   * @throws UsageException if there is not as much in the process, or if memory ran out all the
   *     same
   * @throws InterruptedIOException if the thread is interrupted while it waits
   */
  <T> T holding(PayloadNeed need, Supplier<String> what, Work<T> work) throws IOException {
    limits.check(need, what);
    PayloadNeed part = limits.clamped(need);
    if (!part.equals(need)) {
      LOG.warn(
          "{} may need {} in the heap and {} outside it, which is more than there seems to be; it"
              + " is worked on alone",
          what.get(),
          Formats.bytes(need.heapBytes()),
          Formats.bytes(need.nativeBytes()));
    }
    acquire(part);
    try {
      return work.run();
    } catch (OutOfMemoryError e) {
      if (isOfPayloads(e)) {
        throw limits.exhausted(need, what, e);
      }
      throw e;
    } finally {
      release(part);
    }
  }

  /**
   * Whether the heap or a matrix had no room; otherwise it is the classes, threads or buffers of
   * the process, of which the payload in work is not the cause. JavaCPP and {@code HostBackend}
   * make matrices, and only the messages tell one from another.
   */
  private static boolean isOfPayloads(OutOfMemoryError error) {
    String message = String.valueOf(error.getMessage());
    return PAYLOAD_ERRORS.stream().anyMatch(message::startsWith);
  }

  private void acquire(PayloadNeed need) throws InterruptedIOException {
    lock.lock();
    try {
      if (!holders.add(Thread.currentThread())) {
        throw new IllegalStateException("this thread holds payload memory already");
      }
      Object ticket = new Object();
      waiting.add(ticket);
      boolean waited = false;
      try {
        while (waiting.peek() != ticket || !limits.fits(held.plus(need))) {
          waited = true;
          changed.await();
        }
      } catch (InterruptedException e) {
        holders.remove(Thread.currentThread());
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while it waited for memory");
      } finally {
        waiting.remove(ticket);
        changed.signalAll();
      }
      waits += waited ? 1 : 0;
      held = held.plus(need);
      mostHeldBytes = Math.max(mostHeldBytes, held.totalBytes());
    } finally {
      lock.unlock();
    }
  }

  private void release(PayloadNeed need) {
    lock.lock();
    try {
      held =
          new PayloadNeed(
              held.heapBytes() - need.heapBytes(), held.nativeBytes() - need.nativeBytes());
      holders.remove(Thread.currentThread());
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  PayloadLimits limits() {
    return limits;
  }

  /** What is held now. */
  long heldBytes() {
    lock.lock();
    try {
      return held.totalBytes();
    } finally {
      lock.unlock();
    }
  }

  /** The most that was held at a time. */
  long mostHeldBytes() {
    lock.lock();
    try {
      return mostHeldBytes;
    } finally {
      lock.unlock();
    }
  }

  /** How many threads wait. */
  int waitingNow() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  /** How often somebody had to wait. */
  long waits() {
    lock.lock();
    try {
      return waits;
    } finally {
      lock.unlock();
    }
  }
}
