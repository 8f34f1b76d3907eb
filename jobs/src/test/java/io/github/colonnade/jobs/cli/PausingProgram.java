package io.github.colonnade.jobs.cli;

import io.github.colonnade.jobs.testing.HookedFileSystem;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The program in a process that stops, as soon as it opens a file, until its thread is interrupted;
 * then it goes on. The first argument is the end of the file's name, the second says at which time
 * that it is opened; the others are those of the program.
 */
public final class PausingProgram {
  /** Is printed when it stops. */
  static final String PAUSED = "paused";

  private PausingProgram() {}

  public static void main(String[] arguments) {
    AtomicInteger left = new AtomicInteger(Integer.parseInt(arguments[1]));
    HookedFileSystem.setHook(
        path -> {
          if (path.toString().endsWith(arguments[0]) && left.decrementAndGet() == 0) {
            pause();
          }
        });
    Colonnade.main(Arrays.copyOfRange(arguments, 2, arguments.length));
  }

  private static void pause() {
    System.out.println(PAUSED);
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
