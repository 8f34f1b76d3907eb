package io.github.colonnade.tests.training;

import java.util.List;

/**
 * The validation losses of models of one kind while they were trained.
 *
 * @param parameters the numbers that were trained in one of them
 * @param losses for each seed the loss before the first step, after {@code every} steps, and so on
 * @param cpuSeconds of all of them together
 */
record LossCurve(
    String name, long parameters, int every, List<double[]> losses, double cpuSeconds) {

  /** How many losses there are for each seed. */
  int points() {
    return losses.get(0).length;
  }

  /** The mean over the seeds. */
  double mean(int point) {
    return losses.stream().mapToDouble(each -> each[point]).average().orElseThrow();
  }

  double least(int point) {
    return losses.stream().mapToDouble(each -> each[point]).min().orElseThrow();
  }

  double largest(int point) {
    return losses.stream().mapToDouble(each -> each[point]).max().orElseThrow();
  }
}
