package io.github.colonnade.svd.partition;

import io.github.colonnade.bounds.ErrorInterval;
import io.github.colonnade.svd.partition.GreedyPass.Order;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The published strategies by name. */
public final class Strategies {

  private static final Map<String, GreedyPass> PUBLISHED = new LinkedHashMap<>();

  static {
    publish("max-norm", Order.NORM, Strategies::weyl);
    publish("residual-norm", Order.NORM, Strategies::residual);
    publish("residual-residual", Order.RESIDUAL, Strategies::residual);
    publish("incremental-norm", Order.NORM, Strategies::incremental);
    publish("incremental-residual", Order.RESIDUAL, Strategies::incremental);
  }

  private Strategies() {}

  private static void publish(String name, Order order, GreedyPass.EstimatorFactory estimators) {
    PUBLISHED.put(name, new GreedyPass(name, order, estimators));
  }

  private static ClusterEstimator weyl(Family family, PartitionSettings settings) {
    return new WeylEstimator(family.algebra(), family.precision(), family.rows(), settings.rank());
  }

  private static ClusterEstimator residual(Family family, PartitionSettings settings) {
    return new ResidualEstimator(
        family.algebra(), family.precision(), family.rows(), settings.rank());
  }

  private static ClusterEstimator incremental(Family family, PartitionSettings settings) {
    return new IncrementalEstimator(
        family.algebra(),
        family.precision(),
        family.rows(),
        settings.rank(),
        settings.oversampling());
  }

  /** The names that {@link #byName} knows. */
  public static List<String> published() {
    return List.copyOf(PUBLISHED.keySet());
  }

  /** The published strategy of this name, if there is one. */
  public static Optional<PartitionStrategy> byName(String name) {
    return Optional.ofNullable(PUBLISHED.get(name));
  }

  /**
   * The published comparison: what each variant's estimator says about the whole family as one
   * cluster at the settings' rank. The limit is not used.
   */
  public static Map<String, ErrorInterval> estimates(Family family, PartitionSettings settings) {
    Map<String, ErrorInterval> estimates = new LinkedHashMap<>();
    PUBLISHED.forEach((name, pass) -> estimates.put(name, pass.estimate(family, settings)));
    return estimates;
  }
}
