package io.github.colonnade.jobs.flink;

import java.io.IOException;
import java.io.Serializable;

/**
 * What is left to do when a job has come to its end, whoever waits for it. Doing it twice does not
 * harm.
 */
public interface Ending extends Serializable {

  /** For a job that leaves nothing. */
  static Ending nothing() {
    return new Nothing();
  }

  /** The job has finished, by itself or because it was stopped with a savepoint. */
  default void finished() throws IOException {}

  /** The job has failed or was cancelled. */
  default void failed() throws IOException {}

  /** Does nothing. */
  record Nothing() implements Ending {}
}
