package io.github.colonnade.jobs.memory;

import com.sun.management.OperatingSystemMXBean;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.console.Formats;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The most that payloads of a job may take in one process.
 *
 * @param slots of the process
 * @param setBytes heap and native memory together, for all slots, as set; 0 if nothing was
 * @param heapBytes what of the heap is left for payloads, as found
 * @param maxHeapBytes the whole heap
 * @param nativeBytes outside the heap
 * @param nativeIsSet whether that was configured, and not found
 */
record PayloadLimits(
    int slots,
    long setBytes,
    long heapBytes,
    long maxHeapBytes,
    long nativeBytes,
    boolean nativeIsSet) {

  private static final long MEBIBYTE = 1L << 20;

  /**
   * The limits of this process: what {@link PayloadNeed#PROCESS} leaves, and where there is little
   * a quarter outside the heap and three in it.
   *
   * @param taskOffHeapBytes what its configuration leaves to tasks outside the heap, or 0 for
   *     nothing
   */
  static PayloadLimits of(PayloadLimit limit, int slots, long taskOffHeapBytes) {
    long heap = Runtime.getRuntime().maxMemory();
    long machine =
        ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
    long found = Math.max(machine - heap - PayloadNeed.PROCESS.nativeBytes(), machine / 4);
    long configured =
        Math.max(taskOffHeapBytes - PayloadNeed.PROCESS.nativeBytes(), taskOffHeapBytes / 4);
    return new PayloadLimits(
        slots,
        limit.bytesPerSlot() * slots,
        heap - Math.min(PayloadNeed.PROCESS.heapBytes(), heap / 4),
        heap,
        taskOffHeapBytes > 0 ? configured : found,
        taskOffHeapBytes > 0);
  }

  /** No limits. */
  static PayloadLimits none() {
    return new PayloadLimits(1, 0, Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, false);
  }

  /** Whether so much may be held at a time. */
  boolean fits(PayloadNeed held) {
    return held.heapBytes() <= heapBytes
        && held.nativeBytes() <= nativeBytes
        && (setBytes == 0 || held.totalBytes() <= setBytes);
  }

  /** What is left of a need where it is above what was found. */
  PayloadNeed clamped(PayloadNeed need) {
    return new PayloadNeed(
        Math.min(need.heapBytes(), heapBytes), Math.min(need.nativeBytes(), nativeBytes));
  }

  /** Whether a need is no more than the share of one slot. */
  boolean isInShare(PayloadNeed need) {
    return need.heapBytes() <= heapBytes / slots
        && need.nativeBytes() <= nativeBytes / slots
        && (setBytes == 0 || need.totalBytes() <= setBytes / slots);
  }

  /**
   * @param what needs it
   * @throws UsageException if there is not so much
   */
  void check(PayloadNeed need, Supplier<String> what) {
    refusal(need, what)
        .ifPresent(
            each -> {
              throw each;
            });
  }

  /**
   * What to tell if there is not so much, however long one waits.
   *
   * @param what needs it
   */
  Optional<UsageException> refusal(PayloadNeed need, Supplier<String> what) {
    if (setBytes > 0 && need.totalBytes() > setBytes) {
      return Optional.of(
          tooLarge(need, what, setBytes, "raise --payload-memory to " + perSlot(need) + "m"));
    }
    if (nativeIsSet && need.nativeBytes() > nativeBytes) {
      long enough =
          Math.min(need.nativeBytes() + PayloadNeed.PROCESS.nativeBytes(), 4 * need.nativeBytes());
      return Optional.of(
          tooLarge(
              need,
              what,
              nativeBytes,
              "raise taskmanager.memory.task.off-heap.size to " + mebibytes(enough) + "m"));
    }
    if (need.heapBytes() > maxHeapBytes) {
      return Optional.of(
          tooLarge(
              need,
              what,
              maxHeapBytes,
              "raise the heap (-Xmx, or taskmanager.memory.task.heap.size)"));
    }
    return Optional.empty();
  }

  private UsageException tooLarge(
      PayloadNeed need, Supplier<String> what, long available, String remedy) {
    return new UsageException(
        what.get()
            + " needs "
            + Formats.bytes(need.heapBytes())
            + " in the Java heap and "
            + Formats.bytes(need.nativeBytes())
            + " outside it, and there are "
            + Formats.bytes(available)
            + (slots > 1 ? " for all " + slots + " slots" : "")
            + "; "
            + remedy
            + ", or cut it with --columns");
  }

  /** What to tell if memory ran out although there should have been enough. */
  UsageException exhausted(PayloadNeed need, Supplier<String> what, OutOfMemoryError cause) {
    return new UsageException(
        "memory ran out at "
            + what.get()
            + " ("
            + cause.getMessage()
            + "), which needs "
            + Formats.bytes(need.heapBytes())
            + " in the Java heap and "
            + Formats.bytes(need.nativeBytes())
            + " outside it; give more (-Xmx, or taskmanager.memory.task.heap.size and"
            + " task.off-heap.size), or less parallelism",
        cause);
  }

  private long perSlot(PayloadNeed need) {
    return mebibytes((need.totalBytes() + slots - 1) / slots);
  }

  private static long mebibytes(long bytes) {
    return (bytes + MEBIBYTE - 1) / MEBIBYTE;
  }
}
