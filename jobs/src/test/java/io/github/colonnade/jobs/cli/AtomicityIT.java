package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.testing.HookedFileSystem;
import io.github.colonnade.jobs.testing.Tensor;
import io.github.colonnade.jobs.testing.TestCollections;
import io.github.colonnade.jobs.testing.TestCollections.Kind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An output is there as a whole or not at all. */
class AtomicityIT {
  @TempDir private Path directory;

  @AfterEach
  void removeHook() {
    HookedFileSystem.setHook(path -> {});
  }

  @Test
  void anInputThatBecomesShorterAtAnyTimeLeavesNothing() throws IOException {
    byte[] input = input();
    Path file = directory.resolve("in.safetensors");
    int opens = countOpens(file, input);
    assertTrue(opens >= 4, "listed twice, sketched and encoded, but opened " + opens + " times");
    for (int at = 2; at <= opens; at++) {
      Session session =
          compressAndDisturb(
              file,
              input,
              at,
              () -> {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                  channel.truncate(input.length - 40);
                }
              });
      assertFailed(session, "before opening " + at);
    }
  }

  @Test
  void anInputThatChangesBeforeItIsEncodedLeavesNothing() throws IOException {
    byte[] input = input();
    Path file = directory.resolve("in.safetensors");
    int opens = countOpens(file, input);
    Session session =
        compressAndDisturb(
            file,
            input,
            opens,
            () -> {
              byte[] changed = input.clone();
              changed[changed.length - 2] ^= 1;
              Files.write(file, changed);
            });
    assertFailed(session, "changed");
    assertTrue(
        last(session).contains("\"layer.1.NOISY\": it changed while it was being compressed"),
        last(session));
  }

  private static byte[] input() throws IOException {
    Path file = Files.createTempFile("in", ".safetensors");
    Tensor.write(file, TestCollections.of(List.of(Kind.NOISY, Kind.NOISY), List.of("F32"), 11));
    byte[] bytes = Files.readAllBytes(file);
    Files.delete(file);
    return bytes;
  }

  private int countOpens(Path file, byte[] input) throws IOException {
    AtomicInteger opens = new AtomicInteger();
    Files.write(file, input);
    HookedFileSystem.setHook(
        path -> {
          if (isInput(path)) {
            opens.incrementAndGet();
          }
        });
    Session session = compress(file);
    assertEquals(0, session.exitCode, session.err().toString());
    Directories.delete(directory.resolve("out"));
    return opens.get();
  }

  /** Whether it is the input that is opened, not what the run itself writes. */
  private static boolean isInput(org.apache.flink.core.fs.Path path) {
    return path.getName().equals("in.safetensors");
  }

  private interface Disturbance {
    void happen() throws IOException;
  }

  private Session compressAndDisturb(Path file, byte[] input, int at, Disturbance disturbance)
      throws IOException {
    Files.write(file, input);
    AtomicInteger opens = new AtomicInteger();
    HookedFileSystem.setHook(
        path -> {
          if (isInput(path) && opens.incrementAndGet() == at) {
            disturbance.happen();
          }
        });
    return compress(file);
  }

  private Session compress(Path file) {
    return Session.run(
        "compress",
        "hooked:" + file,
        "--output=hooked:" + directory.resolve("out"),
        "--max-error=0.1",
        "--parallelism=1");
  }

  private void assertFailed(Session session, String when) throws IOException {
    assertEquals(2, session.exitCode, when);
    assertTrue(last(session).startsWith("colonnade: in.safetensors: "), last(session));
    assertEquals(List.of("in.safetensors"), Directories.names(directory), when);
  }

  private static String last(Session session) {
    return session.err().get(session.err().size() - 1);
  }

  @Test
  void anExistingOutputIsRefusedBeforeAnyWork() throws IOException {
    Path output = Files.createDirectory(directory.resolve("out"));
    Path kept = Files.writeString(output.resolve("notes.txt"), "mine");
    Session session =
        Session.run("compress", "no-such-input", "--output", output.toString(), "--max-error=.1");
    assertEquals(2, session.exitCode);
    assertEquals(1, session.err().size());
    assertTrue(last(session).contains("out: the output is there already"), last(session));
    assertEquals("mine", Files.readString(kept));
    assertEquals(List.of("out"), Directories.names(directory));
  }

  @Test
  void aKilledRunLeavesNothingThatLooksFinished() throws Exception {
    Path input = directory.resolve("in.safetensors");
    Tensor.write(input, largeFamilies());
    Path parent = Files.createDirectory(directory.resolve("parent"));
    Path output = parent.resolve("out");
    Process process =
        ChildProgram.start(
            "512m",
            "compress",
            input.toString(),
            "--output=" + output,
            "--max-error=0.3",
            "--parallelism=1");
    try (WatchService watch = parent.getFileSystem().newWatchService()) {
      Path staging = parent.resolve(awaitNew(watch, parent));
      awaitNew(watch, staging);
      process.destroyForcibly();
      assertEquals(137, process.waitFor(), "the run was over before it was killed");
    }
    assertFalse(Files.exists(output));
    for (Path left : List.of(output, parent.resolve(Directories.names(parent).get(0)))) {
      assertTrue(left.equals(output) || left.getFileName().toString().contains(".incomplete"));
      assertEquals(2, Session.run("inspect", left.toString()).exitCode);
    }
    Session again =
        Session.run("compress", input.toString(), "--output=" + output, "--max-error=0.3");
    assertEquals(0, again.exitCode, "the same command works again");
  }

  /** Each family has a file of its own, so that the first is there long before the last. */
  private static List<Tensor> largeFamilies() {
    Random random = new Random(1);
    List<Tensor> tensors = new ArrayList<>();
    for (int family = 0; family < 6; family++) {
      int rows = 300 + family;
      double[] values = new double[rows * 600];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextGaussian();
      }
      tensors.add(Tensor.of("t" + family, "F32", values, rows, 600));
    }
    return tensors;
  }

  /** The name of something that is in a directory or comes into it. */
  private static String awaitNew(WatchService watch, Path in) throws Exception {
    WatchKey key = in.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
    try {
      List<String> there = Directories.names(in);
      if (!there.isEmpty()) {
        return there.get(0);
      }
      while (true) {
        WatchKey signalled = watch.poll(120, TimeUnit.SECONDS);
        assertTrue(signalled != null, "nothing came into " + in);
        for (WatchEvent<?> event : key.pollEvents()) {
          return String.valueOf(event.context());
        }
        key.reset();
      }
    } finally {
      key.cancel();
    }
  }
}
