package io.github.colonnade.jobs.verify;

import io.github.colonnade.jobs.manifest.LostMode;
import io.github.colonnade.jobs.manifest.Scope;
import java.io.Serializable;

/**
 * The error limit and what it holds for.
 *
 * @param maxError infinite if there is no limit
 * @param weights the URI of the weights of the run; empty if it had none or they are not there
 * @param factors what they are for: with {@link LostMode#PRETRAIN} they are no approximation, and
 *     errors are those of the low-rank part alone
 */
record Limit(double maxError, Scope scope, String weights, LostMode factors)
    implements Serializable {

  /** Whether weighted errors can be measured. */
  boolean weighed() {
    return !weights.isEmpty();
  }
}
