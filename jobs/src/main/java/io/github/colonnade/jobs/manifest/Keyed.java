package io.github.colonnade.jobs.manifest;

/** A closed choice that is written in the manifest and on the command line as a fixed word. */
interface Keyed {
  /** The word in {@code manifest.json} and on the command line. */
  String key();
}
