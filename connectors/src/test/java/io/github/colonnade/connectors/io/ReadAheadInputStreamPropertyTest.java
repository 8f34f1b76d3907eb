package io.github.colonnade.connectors.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;

class ReadAheadInputStreamPropertyTest {

  /** What a reader got of what it asked for, and what it was thrown then. */
  private record Outcome(byte[] bytes, @Nullable Throwable failure) {
    static Outcome of(InputStream in, int count) {
      byte[] bytes = new byte[count];
      int length = 0;
      try {
        while (length < count) {
          int got = in.read(bytes, length, count - length);
          if (got < 0) {
            break;
          }
          length += got;
        }
      } catch (IOException | RuntimeException | Error e) {
        return new Outcome(Arrays.copyOf(bytes, length), e);
      }
      return new Outcome(Arrays.copyOf(bytes, length), null);
    }
  }

  private static Throwable failure(Random random) {
    return List.of(
            new IOException("of the storage"),
            FormatException.of("file:/f", "it ends early"),
            new IllegalStateException("of a client"),
            new OutOfMemoryError("Java heap space"))
        .get(random.nextInt(4));
  }

  /** Whatever is read and skipped, and wherever it fails, nobody can tell it from the stream. */
  @Property(tries = 150)
  void itIsReadAsTheStreamBelow(@ForAll long seed) throws Exception {
    Random random = new Random(seed);
    long length = random.nextInt(12 << 20);
    int piece = 1 << (10 + random.nextInt(12));
    Map<Long, Throwable> failures = new HashMap<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      failures.put((long) (random.nextDouble() * length), failure(random));
    }
    String thread = "ahead " + seed;
    ScriptedInputStream plain = new ScriptedInputStream(length, piece, failures);
    ScriptedInputStream below = new ScriptedInputStream(length, piece, failures);
    if (random.nextBoolean()) {
      plain.failOnce();
      below.failOnce();
    }
    long mayBeReadInVain = ReadAhead.MOST_BYTES;
    try (InputStream ahead = new ReadAheadInputStream(below, length, thread)) {
      for (int step = random.nextInt(60); step > 0; step--) {
        int kind = random.nextInt(20);
        if (kind == 0) {
          long gap = random.nextInt(4 << 20) - 1000L;
          assertEquals(plain.skip(gap), ahead.skip(gap));
          mayBeReadInVain += ReadAhead.MOST_BYTES;
        } else if (kind < 5) {
          long gap = random.nextInt(ReadAheadInputStream.GAP_BYTES + 1);
          assertEquals(plain.skip(gap), ahead.skip(gap));
          mayBeReadInVain += gap;
        } else {
          int count = kind == 5 ? 1 : random.nextInt(1 << (12 + random.nextInt(10)));
          Outcome expected = Outcome.of(plain, count);
          Outcome actual = Outcome.of(ahead, count);
          assertArrayEquals(expected.bytes, actual.bytes);
          assertSame(expected.failure, actual.failure);
        }
      }
    }
    below.awaitClose();
    AheadThreads.awaitEnd(thread);
    assertFalse(below.wasShared());
    assertTrue(below.bytesRead() <= plain.bytesRead() + mayBeReadInVain);
  }

  @Property(tries = 60)
  void aClosedStreamIsClosedBelowAndRefusesToBeRead(@ForAll long seed) throws Exception {
    Random random = new Random(seed);
    long length = random.nextInt(8 << 20);
    String thread = "closed " + seed;
    ScriptedInputStream below = new ScriptedInputStream(length, 1 << 18, Map.of());
    InputStream ahead = new ReadAheadInputStream(below, length, thread);
    Outcome.of(ahead, random.nextInt(8 << 20));
    ahead.close();
    ahead.close();
    below.awaitClose();
    AheadThreads.awaitEnd(thread);
    assertFalse(below.wasShared());
    assertThrows(IOException.class, ahead::read);
    assertThrows(IOException.class, () -> ahead.skip(1));
  }
}
