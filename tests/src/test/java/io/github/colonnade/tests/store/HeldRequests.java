package io.github.colonnade.tests.store;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * HTTP requests of one kind, or the answers to them, that wait in the network until a test decides.
 * A client sends its next request when it has the answer to the last, so every request begins a
 * piece of what it sends.
 */
public final class HeldRequests {
  private static final int LONGEST = 4096;
  private static final Pattern LINE =
      Pattern.compile("((?:GET|HEAD|PUT|POST|DELETE) \\S+) HTTP/1\\.1\r\n.*", Pattern.DOTALL);

  /** What is held back. */
  enum Part {
    REQUEST,
    ANSWER
  }

  private final Pattern request;
  private final Part part;
  private final CountDownLatch first = new CountDownLatch(1);
  private final CountDownLatch decided = new CountDownLatch(1);
  private volatile boolean passed;

  HeldRequests(String request, Part part) {
    this.request = Pattern.compile(request);
    this.part = part;
  }

  /** Waits until there is one. */
  public void awaitOne(long seconds) throws InterruptedException, TimeoutException {
    if (!first.await(seconds, TimeUnit.SECONDS)) {
      throw new TimeoutException("no request as " + request + " in " + seconds + " seconds");
    }
  }

  /** Lets all go on, and those that come later. */
  public void pass() {
    passed = true;
    decided.countDown();
  }

  /** Closes the connections of all that wait; those that come later go on. */
  public void drop() {
    decided.countDown();
  }

  /** Whether what a client has sent is, or its answer will be, held. */
  boolean concerns(Part which, byte[] buffer, int length) {
    if (which != part || decided.getCount() == 0) {
      return false;
    }
    String text = new String(buffer, 0, Math.min(length, LONGEST), StandardCharsets.US_ASCII);
    Matcher line = LINE.matcher(text);
    return line.matches() && request.matcher(line.group(1)).matches();
  }

  /** Whether a server asks for the rest of a request, which is not yet the answer to it. */
  static boolean isContinue(byte[] buffer, int length) {
    return new String(buffer, 0, Math.min(length, LONGEST), StandardCharsets.US_ASCII)
        .startsWith("HTTP/1.1 100 ");
  }

  /** Waits for the decision: whether it goes on to where it is to go. */
  boolean passes() throws InterruptedException {
    first.countDown();
    decided.await();
    return passed;
  }
}
