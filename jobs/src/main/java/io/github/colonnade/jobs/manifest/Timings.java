package io.github.colonnade.jobs.manifest;

/** The wall time of each step of a run and of the whole, in seconds. */
public record Timings(double list, double sketch, double partition, double encode, double total) {
  public Timings {
    Checks.measure("list", list);
    Checks.measure("sketch", sketch);
    Checks.measure("partition", partition);
    Checks.measure("encode", encode);
    Checks.measure("total", total);
  }

  /** The time that two runs took together. */
  Timings plus(Timings other) {
    return new Timings(
        list + other.list,
        sketch + other.sketch,
        partition + other.partition,
        encode + other.encode,
        total + other.total);
  }
}
