package io.github.colonnade.bounds;

/** What an {@link ErrorInterval} says about an error limit. */
public enum Decision {
  /** Even the largest error the interval allows is within the limit. */
  ACCEPT,
  /** Even the smallest error the interval allows is over the limit: no method can meet it. */
  REJECT,
  /** The limit lies inside the interval; a tighter bound has to decide. */
  UNDECIDED
}
