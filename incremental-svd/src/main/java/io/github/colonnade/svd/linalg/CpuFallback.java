package io.github.colonnade.svd.linalg;

import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one warning of a process that the CPU does what a device was to do. */
final class CpuFallback {

  private static final Logger LOG = LoggerFactory.getLogger(CpuFallback.class);
  private static final AtomicBoolean WARNED = new AtomicBoolean();

  private CpuFallback() {}

  /** Logs a warning, unless there was one before in this process. */
  static void warnOnce(String device, String reason) {
    if (WARNED.compareAndSet(false, true)) {
      LOG.warn("The CPU multiplies in place of {}: {}", device, reason);
    }
  }

  /** What went wrong first, in a line. */
  static String cause(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = root.getMessage();
    String text = message == null ? "" : message.strip();
    return text.isEmpty() ? root.getClass().getSimpleName() : text.lines().findFirst().orElse(text);
  }
}
