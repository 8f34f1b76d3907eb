package io.github.colonnade.tests.benchmark;

/** A way to partition blocks and store them. */
interface Method {

  /** The heading of its column. */
  String name();

  Result run(Case of);
}
