package io.github.colonnade.connectors.io;

import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that a thread reads from a stream before they are taken. The stream belongs to the thread
 * until there is no more to come: at the end, after a failure, or when it was told to stop.
 *
 * <p>The thread is of this range only. One that outlived it would keep the class loader of a job
 * alive in the process of a cluster.
 *
 * <p>Bytes lie in a ring. Those that are there belong to the taker and the others to the thread, so
 * both copy without the lock.
 */
final class ReadAhead {
  /** The most bytes that are there at a time. */
  static final int MOST_BYTES = 1 << 21;

  /** The most that are asked for at a time: local files are read through as much native memory. */
  private static final int PIECE_BYTES = 1 << 20;

  /**
   * For less room than this the thread does not stop waiting. A read may still get less, once each
   * time around: what is left up to the end of the ring.
   */
  private static final int LEAST_BYTES = 1 << 18;

  private final InputStream in;
  private final long length;
  private final byte[] ring;
  private final Thread thread;

  // All that follows is guarded by the monitor of this.

  /** Where the first byte lies. */
  private int first;

  /** How many are there. */
  private int count;

  /** Whether the thread is within a read of the stream. */
  private boolean reading;

  private boolean stopping;
  private boolean abandoned;
  private boolean done;
  private @Nullable Throwable failure;

  /**
   * Begins to read.
   *
   * @param in nobody else may use it until {@link #take} or {@link #drop} has returned 0, and then
   *     only if this was not abandoned
   * @param length how many bytes to read at most
   * @param name what the thread is called
   */
  ReadAhead(InputStream in, long length, String name) {
    this.in = in;
    this.length = length;
    this.ring = new byte[(int) Math.min(length, MOST_BYTES)];
    this.thread = new Thread(this::read, name);
    thread.setContextClassLoader(Thread.currentThread().getContextClassLoader());
    thread.setDaemon(true);
    thread.start();
  }

  private void read() {
    Throwable thrown = null;
    try {
      long left = length;
      while (left > 0) {
        int from;
        int room;
        synchronized (this) {
          while (!stopping && ring.length - count < Math.min(left, LEAST_BYTES)) {
            wait();
          }
          if (stopping) {
            break;
          }
          from = (first + count) % ring.length;
          room = Math.min(ring.length - count, ring.length - from);
          reading = true;
        }
        int got = in.read(ring, from, (int) Math.min(left, Math.min(room, PIECE_BYTES)));
        if (got < 0) {
          break;
        }
        left -= got;
        synchronized (this) {
          reading = false;
          count += got;
          notifyAll();
        }
      }
    } catch (Throwable e) {
      // Whatever it is, the taker is to see it; uncaught it might end the process.
      thrown = e;
    }
    boolean close;
    synchronized (this) {
      reading = false;
      done = true;
      failure = thrown;
      close = abandoned;
      notifyAll();
    }
    if (close) {
      closeAbandoned();
    }
  }

  private void closeAbandoned() {
    try {
      // So that a client of a store can close.
      Thread.interrupted();
      in.close();
    } catch (Throwable e) {
      // Nobody is there who could be told, and the file was only read. With the job that opened it,
      // its classes may be gone too.
    }
  }

  /**
   * Takes bytes, and waits until some are there.
   *
   * @return how many, or 0 if no more will come
   * @throws InterruptedIOException if the caller is interrupted while it waits; its flag stays set
   */
  int take(byte[] target, int offset, int length) throws InterruptedIOException {
    int from;
    int taken;
    synchronized (this) {
      awaitSome();
      from = first;
      taken = Math.min(length, Math.min(count, ring.length - first));
    }
    System.arraycopy(ring, from, target, offset, taken);
    return release(taken);
  }

  /**
   * Passes over bytes, and waits until some are there.
   *
   * @return over how many, or 0 if no more will come
   * @throws InterruptedIOException as in {@link #take}
   */
  synchronized int drop(long most) throws InterruptedIOException {
    awaitSome();
    return release((int) Math.min(most, count));
  }

  private synchronized int release(int bytes) {
    first = (first + bytes) % ring.length;
    count -= bytes;
    notifyAll();
    return bytes;
  }

  private synchronized void awaitSome() throws InterruptedIOException {
    try {
      while (count == 0 && !done && !abandoned) {
        wait();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while it waited for bytes of a file");
    }
  }

  /** Reads no further. What is there, or comes by a read that is under way, can still be taken. */
  synchronized void stop() {
    stopping = true;
    notifyAll();
  }

  /** Why no more will come, if that is a failure. */
  synchronized Optional<Throwable> failure() {
    return Optional.ofNullable(failure);
  }

  /**
   * Ends the thread without waiting for it. If it is within a read, the ring stays until that
   * returns; a taker who waits gets 0 at once.
   *
   * @return whether the thread will close the stream, because it is reading from it now; otherwise
   *     that is for the caller
   */
  synchronized boolean abandon() {
    stopping = true;
    abandoned = reading;
    if (abandoned) {
      // A client of a store may be waiting before it tries again.
      thread.interrupt();
    }
    notifyAll();
    return abandoned;
  }
}
