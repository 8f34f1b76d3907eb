package io.github.colonnade.jobs.verify;

import io.github.colonnade.jobs.manifest.Scope;
import java.io.Serializable;

/**
 * The error limit and what it holds for.
 *
 * @param maxError infinite if there is no limit
 * @param weights the URI of the weights of the run; empty if it had none or they are not there
 */
record Limit(double maxError, Scope scope, String weights) implements Serializable {

  /** Whether weighted errors can be measured. */
  boolean weighed() {
    return !weights.isEmpty();
  }
}
