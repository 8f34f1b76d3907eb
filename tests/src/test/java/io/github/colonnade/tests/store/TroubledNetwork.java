package io.github.colonnade.tests.store;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Passes bytes on to a server, on a port of its own, with troubles that a test asks for. */
final class TroubledNetwork implements Closeable {

  /** What happens to connections. */
  enum Trouble {
    NONE,
    /** Each request is answered by 503. */
    ERRORS,
    /** Each piece of an answer comes late. */
    SLOW
  }

  private static final long SLOW_MILLIS = 30;
  private static final byte[] ERROR =
      "HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);

  private final ServerSocket socket;
  private final int target;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicInteger troubled = new AtomicInteger();
  private volatile Trouble trouble = Trouble.NONE;

  TroubledNetwork(String endpoint) throws IOException {
    this.target = URI.create(endpoint).getPort();
    this.socket = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    threads.execute(this::accept);
  }

  String endpoint() {
    return "http://127.0.0.1:" + socket.getLocalPort();
  }

  void set(Trouble next) {
    troubled.set(0);
    trouble = next;
  }

  /** How many requests were refused, or pieces delayed, since the trouble was set. */
  int troubled() {
    return troubled.get();
  }

  private void accept() {
    try {
      while (!socket.isClosed()) {
        Socket client = socket.accept();
        threads.execute(() -> serve(client));
      }
    } catch (IOException e) {
      if (!socket.isClosed()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
      threads.execute(() -> pass(server, client));
      InputStream in = client.getInputStream();
      OutputStream out = server.getOutputStream();
      byte[] buffer = new byte[1 << 16];
      for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
        if (trouble == Trouble.ERRORS) {
          troubled.incrementAndGet();
          client.getOutputStream().write(ERROR);
          return;
        }
        out.write(buffer, 0, got);
      }
    } catch (IOException e) {
      // The other side has closed, as it may.
    }
  }

  private void pass(Socket from, Socket to) {
    try {
      byte[] buffer = new byte[1 << 14];
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
        if (trouble == Trouble.SLOW) {
          troubled.incrementAndGet();
          TimeUnit.MILLISECONDS.sleep(SLOW_MILLIS);
        }
        out.write(buffer, 0, got);
      }
      to.shutdownOutput();
    } catch (IOException e) {
      // The other side has closed, as it may.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
    threads.shutdownNow();
  }
}
