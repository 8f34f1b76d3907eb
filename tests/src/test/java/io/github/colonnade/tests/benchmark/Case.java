package io.github.colonnade.tests.benchmark;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;

/**
 * One row of the comparison, ready to run.
 *
 * @param la the algebra of all methods
 * @param data the blocks
 * @param limit the error limit with its scope
 * @param precision of the methods' products; costs are always found in double
 * @param costs the judge
 */
public record Case(
    LinearAlgebra la, DataSet data, ErrorLimit limit, Precision precision, ExactCosts costs) {

  public static Case of(LinearAlgebra la, DataSet data, ErrorLimit limit, Precision precision) {
    return new Case(la, data, limit, precision, new ExactCosts(la, data, limit));
  }
}
