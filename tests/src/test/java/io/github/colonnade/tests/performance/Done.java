package io.github.colonnade.tests.performance;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What a benchmark has done, which JMH divides by the seconds. */
public final class Done {

  private Done() {}

  /** Floating-point operations that the result needs at least, whoever makes it. */
  @State(Scope.Thread)
  @AuxCounters
  public static class Operations {
    /** 10⁹ operations. */
    public double gflop;
  }

  /** Bytes that went in. */
  @State(Scope.Thread)
  @AuxCounters
  public static class Bytes {
    /** 10⁶ bytes. */
    public double megabytes;
  }
}
