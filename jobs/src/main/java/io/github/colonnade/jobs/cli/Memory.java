package io.github.colonnade.jobs.cli;

import io.github.colonnade.jobs.console.Formats;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process has used so far. */
final class Memory {

  private Memory() {}

  /** The most that the heap held at once, garbage included. */
  static long peakHeapBytes() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .mapToLong(Memory::peakBytes)
        .sum();
  }

  private static long peakBytes(MemoryPoolMXBean pool) {
    return pool.getPeakUsage() == null ? 0 : pool.getPeakUsage().getUsed();
  }

  /** The largest resident size of the process as Linux knows it. */
  static String peakProcess() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .findFirst()
          .map(line -> Formats.bytes(1024 * Long.parseLong(line.replaceAll("\\D", ""))))
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }
}
