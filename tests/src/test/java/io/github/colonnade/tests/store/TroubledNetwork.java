package io.github.colonnade.tests.store;

import io.github.colonnade.tests.store.HeldRequests.Part;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Passes bytes on to a server, on a port of its own, with troubles that a test asks for. */
public final class TroubledNetwork implements Closeable {

  /** What happens to connections. */
  public enum Trouble {
    NONE,
    /** Each request is answered by 503. */
    ERRORS,
    /** Each piece of an answer comes late. */
    SLOW,
    /** Nobody listens, and connections that were open are closed. */
    GONE
  }

  private static final long SLOW_MILLIS = 30;
  private static final int BACKLOG = 100;
  private static final byte[] ERROR =
      "HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);

  private final int target;
  private final int port;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final AtomicInteger troubled = new AtomicInteger();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile ServerSocket socket;
  private volatile Trouble trouble = Trouble.NONE;
  private volatile @Nullable HeldRequests held;

  public TroubledNetwork(String endpoint) throws IOException {
    this.target = URI.create(endpoint).getPort();
    this.socket = listen(0);
    this.port = socket.getLocalPort();
  }

  public String endpoint() {
    return "http://127.0.0.1:" + port;
  }

  public void set(Trouble next) throws IOException {
    troubled.set(0);
    trouble = next;
    if (next == Trouble.GONE) {
      socket.close();
      closeConnections();
    } else if (socket.isClosed()) {
      socket = listen(port);
    }
  }

  /** How many requests were refused, or pieces delayed, since the trouble was set. */
  int troubled() {
    return troubled.get();
  }

  /**
   * From now on, holds the requests of one kind, in place of those that were held before.
   *
   * @param request a regular expression for the whole of method, blank, path and query
   */
  public HeldRequests hold(String request) {
    return hold(new HeldRequests(request, Part.REQUEST));
  }

  /** As {@link #hold}, but the server gets the requests, and their answers are held. */
  public HeldRequests holdAnswers(String request) {
    return hold(new HeldRequests(request, Part.ANSWER));
  }

  private HeldRequests hold(HeldRequests next) {
    held = next;
    return next;
  }

  private ServerSocket listen(int on) throws IOException {
    ServerSocket listening = new ServerSocket();
    listening.setReuseAddress(true);
    listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), on), BACKLOG);
    threads.execute(() -> accept(listening));
    return listening;
  }

  private void accept(ServerSocket listening) {
    try {
      while (!listening.isClosed()) {
        Socket client = listening.accept();
        threads.execute(() -> serve(client));
      }
    } catch (IOException e) {
      if (!listening.isClosed()) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void serve(Socket client) {
    open.add(client);
    try (client;
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
      AtomicReference<@Nullable HeldRequests> heldAnswer = new AtomicReference<>();
      threads.execute(() -> pass(server, client, heldAnswer));
      InputStream in = client.getInputStream();
      OutputStream out = server.getOutputStream();
      byte[] buffer = new byte[1 << 16];
      for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
        if (trouble == Trouble.ERRORS) {
          troubled.incrementAndGet();
          client.getOutputStream().write(ERROR);
          return;
        }
        HeldRequests holding = held;
        if (holding != null && holding.concerns(Part.ANSWER, buffer, got)) {
          heldAnswer.set(holding);
        }
        if (holding != null && holding.concerns(Part.REQUEST, buffer, got) && !holding.passes()) {
          return;
        }
        out.write(buffer, 0, got);
      }
    } catch (IOException e) {
      // The other side has closed, as it may.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      open.remove(client);
    }
  }

  private void pass(Socket from, Socket to, AtomicReference<@Nullable HeldRequests> heldAnswer) {
    try {
      byte[] buffer = new byte[1 << 14];
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
        if (!HeldRequests.isContinue(buffer, got)) {
          HeldRequests holding = heldAnswer.getAndSet(null);
          if (holding != null && !holding.passes()) {
            to.close();
            return;
          }
        }
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

  private void closeConnections() throws IOException {
    for (Socket each : open) {
      each.close();
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
    closeConnections();
    threads.shutdownNow();
  }
}
