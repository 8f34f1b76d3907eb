package io.github.colonnade.svd.auto;

import io.github.colonnade.svd.partition.PartitionStrategy;
import io.github.colonnade.svd.partition.Strategies;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Every strategy that a user can select. */
public final class AllStrategies {

  private AllStrategies() {}

  /** The names, the default first. */
  public static List<String> names() {
    List<String> names = new ArrayList<>(List.of(AutoStrategy.NAME, GallopStrategy.NAME));
    names.addAll(Strategies.published());
    return names;
  }

  /** The strategy of this name, if there is one. */
  public static Optional<PartitionStrategy> byName(String name) {
    return switch (name) {
      case AutoStrategy.NAME -> Optional.of(new AutoStrategy());
      case GallopStrategy.NAME -> Optional.of(new GallopStrategy());
      default -> Strategies.byName(name);
    };
  }
}
