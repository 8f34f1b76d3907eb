package io.github.colonnade.svd.auto;

import io.github.colonnade.bounds.Decision;
import io.github.colonnade.bounds.Proof;
import io.github.colonnade.svd.partition.DecisionTally;

/** Whether a basis serves blocks: one projection for many of them, so they are counted together. */
final class Answers {

  private final long started = System.nanoTime();
  private long all;
  private long serving;

  /** Notes what was said of one, and returns it. */
  boolean serves(boolean answer) {
    all++;
    serving += answer ? 1 : 0;
    return answer;
  }

  /** Counts them, and the time since this was made. */
  void countIn(DecisionTally decisions) {
    decisions.count(Proof.PROJECTION, Decision.ACCEPT, serving);
    decisions.count(Proof.PROJECTION, Decision.UNDECIDED, all - serving);
    decisions.took(Proof.PROJECTION, started);
  }
}
