package io.github.colonnade.tests.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** A file system of a few megabytes, which can be full: a tmpfs, which only root may mount. */
final class SmallDisk implements AutoCloseable {
  private static final int SIZE = 16 << 20;
  private static final String BALLAST = "ballast";

  private final Path folder;

  private SmallDisk(Path folder) {
    this.folder = folder;
  }

  /** Mounts one; nothing if this machine does not permit it. */
  static Optional<SmallDisk> mount(Path folder) throws IOException, InterruptedException {
    Files.createDirectories(folder);
    return runs("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "tmpfs", folder.toString())
        ? Optional.of(new SmallDisk(folder))
        : Optional.empty();
  }

  private static boolean runs(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() == 0 && told.isEmpty();
  }

  Path folder() {
    return folder;
  }

  /** Fills it to the last byte. */
  void fill() {
    byte[] some = new byte[1 << 12];
    try (OutputStream out = Files.newOutputStream(folder.resolve(BALLAST))) {
      for (int written = 0; written <= SIZE; written += some.length) {
        out.write(some);
      }
    } catch (IOException e) {
      // No space left on the device: as it should be.
      return;
    }
    throw new AssertionError(folder + " is larger than it was made");
  }

  /** Makes room again. */
  void free() throws IOException {
    Files.delete(folder.resolve(BALLAST));
  }

  @Override
  public void close() throws IOException {
    try {
      // Lazily: a process that was killed a moment ago may still hold a file.
      runs("umount", "-l", folder.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
