package io.github.colonnade.connectors.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ReadAheadInputStreamTest {
  private static final int MOST = ReadAhead.MOST_BYTES;
  private static final long LENGTH = 16L << 20;

  private String thread = "";
  private ScriptedInputStream below = new ScriptedInputStream(LENGTH, 1 << 18, Map.of());

  @BeforeEach
  void nameThread(TestInfo test) {
    thread = test.getDisplayName();
  }

  /** Whatever a test does, no thread stays. */
  @AfterEach
  void noThreadIsLeft() throws InterruptedException {
    below.release();
    below.awaitClose();
    AheadThreads.awaitEnd(thread);
    assertFalse(below.wasShared());
  }

  private InputStream open() {
    return new ReadAheadInputStream(below, LENGTH, thread);
  }

  /** A stream that has begun to read ahead, and stalls there after some bytes. */
  private InputStream stalled(int bytesAhead) throws Exception {
    below.stallAt(MOST + bytesAhead);
    InputStream in = open();
    in.readNBytes(MOST);
    below.awaitStall();
    return in;
  }

  @Test
  void aThreadBeginsWhenMuchWasReadAndMuchIsLeft() throws Exception {
    try (InputStream in = open()) {
      in.readNBytes(MOST - 1);
      assertEquals(List.of(), AheadThreads.named(thread));
      in.readNBytes(1);
      assertEquals(1, AheadThreads.named(thread).size());
      assertTrue(AheadThreads.named(thread).get(0).isDaemon());
    }
    try (InputStream in =
        new ReadAheadInputStream(
            new ScriptedInputStream(3 * MOST / 2 - 1, 1 << 18, Map.of()),
            3 * MOST / 2 - 1,
            "short")) {
      in.readNBytes(MOST);
      assertEquals(List.of(), AheadThreads.named("short"));
    }
  }

  @Test
  void theThreadHasTheClassLoaderOfItsMaker() throws Exception {
    Thread current = Thread.currentThread();
    ClassLoader before = current.getContextClassLoader();
    try (URLClassLoader loader = new URLClassLoader(new URL[0], before)) {
      current.setContextClassLoader(loader);
      try (InputStream in = stalled(0)) {
        assertSame(loader, AheadThreads.named(thread).get(0).getContextClassLoader());
        below.release();
        assertEquals(LENGTH - MOST, in.transferTo(OutputStream.nullOutputStream()));
      }
    } finally {
      current.setContextClassLoader(before);
    }
  }

  @Test
  void whatIsThereIsReadWhileTheStorageStalls() throws Exception {
    try (InputStream in = stalled(MOST / 4)) {
      assertArrayEquals(ScriptedInputStream.bytes(MOST, MOST / 4), in.readNBytes(MOST / 4));
      below.release();
    }
  }

  @Test
  void noMoreIsReadAheadThanThereIsRoomFor() throws Exception {
    try (InputStream in = open()) {
      in.readNBytes(MOST + 1);
      assertTrue(below.bytesRead() <= 2 * MOST + 1);
      assertArrayEquals(ScriptedInputStream.bytes(MOST + 1, 3 * MOST), in.readNBytes(3 * MOST));
      assertTrue(below.bytesRead() <= 5 * MOST + 1);
    }
  }

  @Test
  void aGapIsNotRead() throws Exception {
    try (InputStream in = open()) {
      in.readNBytes(MOST);
      in.skipNBytes(5 * MOST);
      assertArrayEquals(ScriptedInputStream.bytes(6 * MOST, 1000), in.readNBytes(1000));
      assertTrue(below.bytesRead() <= 2 * MOST + 1000, () -> "read " + below.bytesRead());
      assertArrayEquals(
          ScriptedInputStream.bytes(6 * MOST + 1000, MOST + 1000), in.readNBytes(MOST + 1000));
    }
  }

  @Test
  void anInterruptedReaderStopsWaiting() throws Exception {
    try (InputStream in = stalled(0)) {
      Thread.currentThread().interrupt();
      assertThrows(InterruptedIOException.class, in::read);
      assertTrue(Thread.currentThread().isInterrupted());
      assertThrows(InterruptedIOException.class, () -> in.skip(MOST));
      assertTrue(Thread.interrupted());
      // Nothing is lost.
      below.release();
      assertArrayEquals(ScriptedInputStream.bytes(MOST, 3000), in.readNBytes(3000));
    }
  }

  @Test
  void closingDoesNotWaitForAReadAndTheThreadClosesTheFile() throws Exception {
    stalled(0).close();
    assertFalse(below.isClosed());
    below.release();
  }

  @Test
  void anInterruptedReaderCanClose() throws Exception {
    InputStream in = stalled(0);
    Thread.currentThread().interrupt();
    in.close();
    assertTrue(Thread.interrupted());
  }

  @Test
  void theFileIsClosedAtOnceWhereNobodyReadsIt() throws Exception {
    InputStream in = open();
    in.readNBytes((int) LENGTH - 1000);
    AheadThreads.awaitEnd(thread);
    in.close();
    assertTrue(below.isClosed());
  }

  @Test
  void aFailureComesAtItsByteAndNotBefore() throws Exception {
    IOException trouble = new IOException("trouble");
    long at = MOST + 777;
    below = new ScriptedInputStream(LENGTH, 1 << 18, Map.of(at, trouble));
    try (InputStream in = open()) {
      in.readNBytes(MOST);
      AheadThreads.awaitEnd(thread);
      assertArrayEquals(ScriptedInputStream.bytes(MOST, 777), in.readNBytes(777));
      assertSame(trouble, assertThrows(IOException.class, in::read));
      // It is asked again, as of the stream itself.
      assertSame(trouble, assertThrows(IOException.class, in::read));
      assertEquals(1, in.skip(1));
      assertEquals(ScriptedInputStream.at(at + 1), (byte) in.read());
    }
  }

  @Test
  void aFailureInAGapIsNotToldToWhoPassesOver() throws Exception {
    below =
        new ScriptedInputStream(
            LENGTH, 1 << 18, Map.of(MOST + 5L, new IllegalStateException("not asked for")));
    try (InputStream in = open()) {
      in.readNBytes(MOST);
      in.skipNBytes(10);
      assertArrayEquals(ScriptedInputStream.bytes(MOST + 10, 3000), in.readNBytes(3000));
    }
  }

  /** A thread that cannot start others at first. */
  private static final class Refused extends Thread {
    private int refusals = 2;

    Refused(Runnable task) {
      super(task);
    }

    /** What a thread that is started by this one inherits. */
    @Override
    public ClassLoader getContextClassLoader() {
      if (refusals > 0) {
        refusals--;
        throw new OutOfMemoryError("unable to create native thread");
      }
      return super.getContextClassLoader();
    }
  }

  @Test
  void nothingIsLostWhereNoThreadCanBeHad() throws Exception {
    try (InputStream in = open()) {
      FutureTask<byte[]> reader = new FutureTask<>(() -> in.readNBytes(3 * MOST - 1));
      Refused refused = new Refused(reader);
      refused.start();
      assertArrayEquals(ScriptedInputStream.bytes(0, 3 * MOST - 1), reader.get());
      refused.join();
      assertEquals(0, refused.refusals);
      assertEquals(List.of(), AheadThreads.named(thread));
      // It is tried again.
      assertArrayEquals(ScriptedInputStream.bytes(3 * MOST - 1, 1), in.readNBytes(1));
      assertEquals(1, AheadThreads.named(thread).size());
      assertArrayEquals(ScriptedInputStream.bytes(3 * MOST, MOST), in.readNBytes(MOST));
    }
  }

  /** Also while the storage stalls, which no interrupt ends here. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whoWaitsIsToldThatAnotherClosed(boolean skips) throws Exception {
    InputStream in = stalled(0);
    FutureTask<IOException> reader =
        new FutureTask<>(
            () -> assertThrows(IOException.class, () -> in.skipNBytes(skips ? 1 : in.read())));
    Thread waiting = new Thread(reader);
    waiting.start();
    while (waiting.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    in.close();
    assertEquals("the stream is closed", reader.get().getMessage());
    assertFalse(below.isClosed());
  }

  @Test
  void aStreamThatEndsEarlyEnds() throws Exception {
    below = new ScriptedInputStream(2L * MOST, 1 << 18, Map.of());
    try (InputStream in = open()) {
      assertEquals(2L * MOST, in.readAllBytes().length);
      assertEquals(-1, in.read());
    }
  }
}
