package io.github.colonnade.svd.measure;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A sum to which one thread at a time adds, in about a nanosecond. Any thread may read it, and gets
 * what was added up to about now.
 */
public final class Sum {

  private final AtomicLong value = new AtomicLong();

  /** Sums of 0 for all constants. */
  public static <E extends Enum<E>> Map<E, Sum> each(Class<E> type) {
    Map<E, Sum> sums = new EnumMap<>(type);
    EnumSet.allOf(type).forEach(each -> sums.put(each, new Sum()));
    return sums;
  }

  /** Adds; there is one writer, so nothing is lost between reading and writing. */
  public void add(long more) {
    value.lazySet(value.getPlain() + more);
  }

  public long value() {
    return value.get();
  }
}
