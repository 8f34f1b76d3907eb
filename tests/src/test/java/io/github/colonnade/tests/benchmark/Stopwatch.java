package io.github.colonnade.tests.benchmark;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** Processor and elapsed time since it was made. */
final class Stopwatch {

  private static final OperatingSystemMXBean PROCESS =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private final long cpu = PROCESS.getProcessCpuTime();
  private final long wall = System.nanoTime();

  /** Of all threads of this process: products, compiler and collector included. */
  double cpuSeconds() {
    return (PROCESS.getProcessCpuTime() - cpu) * 1e-9;
  }

  double wallSeconds() {
    return (System.nanoTime() - wall) * 1e-9;
  }
}
