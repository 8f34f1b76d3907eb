package io.github.colonnade.connectors.io;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes in memory that are given in pieces and skipped by seeking, with failures where a test wants
 * them. It notes whether two threads ever use it at a time.
 */
final class ScriptedInputStream extends InputStream {
  private static final int PERIOD = 1 << 16;

  private final long length;
  private final int piece;
  private final TreeMap<Long, Throwable> failures;
  private final AtomicLong bytesRead = new AtomicLong();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final CountDownLatch stalled = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  private final AtomicBoolean busy = new AtomicBoolean();
  private boolean once;
  private volatile boolean shared;
  private volatile long stallAt = Long.MAX_VALUE;
  private long position;

  /**
   * @param piece the most bytes that a read gives
   * @param failures what a read throws that begins at a byte
   */
  ScriptedInputStream(long length, int piece, Map<Long, Throwable> failures) {
    this.length = length;
    this.piece = piece;
    this.failures = new TreeMap<>(failures);
  }

  /** The byte at a place; neighbours and periods differ. */
  static byte at(long place) {
    return (byte) (place * 37 + place / PERIOD);
  }

  /** From now on each failure comes once, and then the read goes on; else it comes each time. */
  void failOnce() {
    once = true;
  }

  /** A read that begins at this byte, or beyond it, does not return before {@link #release}. */
  void stallAt(long place) {
    stallAt = place;
  }

  void awaitStall() throws InterruptedException {
    stalled.await();
  }

  void release() {
    released.countDown();
  }

  long bytesRead() {
    return bytesRead.get();
  }

  /** Whether somebody used it while somebody else did. */
  boolean wasShared() {
    return shared;
  }

  boolean isClosed() {
    return closed.getCount() == 0;
  }

  void awaitClose() throws InterruptedException {
    closed.await();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int count) throws IOException {
    begin();
    try {
      return next(buffer, offset, count);
    } finally {
      busy.set(false);
    }
  }

  private void begin() {
    if (busy.getAndSet(true)) {
      shared = true;
    }
  }

  private int next(byte[] buffer, int offset, int count) throws IOException {
    checkOpen();
    if (position >= stallAt) {
      stalled.countDown();
      awaitRelease();
    }
    if (position == length) {
      return -1;
    }
    Map.Entry<Long, Throwable> next = failures.ceilingEntry(position);
    long end = Math.min(length, position + Math.min(count, piece));
    if (next != null) {
      if (next.getKey() == position) {
        if (once) {
          failures.remove(position);
        }
        raise(next.getValue());
      }
      end = Math.min(end, next.getKey());
    }
    int got = (int) (end - position);
    for (int i = 0; i < got; i++) {
      buffer[offset + i] = at(position + i);
    }
    bytesRead.addAndGet(got);
    position = end;
    return got;
  }

  /** As a read of a socket, which no interrupt ends. */
  private void awaitRelease() {
    boolean interrupted = false;
    while (true) {
      try {
        released.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public long skip(long count) throws IOException {
    begin();
    try {
      checkOpen();
      long skipped = Math.max(0, Math.min(count, length - position));
      position += skipped;
      return skipped;
    } finally {
      busy.set(false);
    }
  }

  @Override
  public void close() {
    begin();
    closed.countDown();
    busy.set(false);
  }

  private void checkOpen() throws IOException {
    if (isClosed()) {
      throw new IOException("closed");
    }
  }

  private static void raise(Throwable failure) throws IOException {
    if (failure instanceof IOException e) {
      throw e;
    } else if (failure instanceof RuntimeException e) {
      throw e;
    } else if (failure instanceof Error e) {
      throw e;
    }
    throw new IllegalArgumentException(failure);
  }

  /** The bytes of a range. */
  static byte[] bytes(long from, int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = at(from + i);
    }
    return bytes;
  }
}
