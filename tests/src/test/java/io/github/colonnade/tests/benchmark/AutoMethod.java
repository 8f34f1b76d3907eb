package io.github.colonnade.tests.benchmark;

import io.github.colonnade.svd.auto.AutoStrategy;
import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import io.github.colonnade.svd.partition.PlannedCluster;
import java.util.List;
import java.util.Locale;
import org.roaringbitmap.RoaringBitmap;

/**
 * The default strategy, on sketches as {@code compress} makes them. What it stores is encoded by
 * the encoder of {@code compress} in float32 and measured on the stored bytes; the note tells what
 * the same clusters would cost as those of the other methods do.
 */
final class AutoMethod implements Method {

  static final String NAME = "auto";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Result run(Case of) {
    List<PlannedCluster> plan;
    double cpu;
    double wall;
    try (Family family = Families.sketched(of)) {
      PartitionSettings settings = Families.settings(of);
      Stopwatch watch = new Stopwatch();
      plan = new AutoStrategy().plan(family, settings);
      cpu = watch.cpuSeconds();
      wall = watch.wallSeconds();
    }
    Encoded encoded = Encoded.of(of, plan);
    List<RoaringBitmap> partition = plan.stream().map(PlannedCluster::members).toList();
    double exact = of.data().numbers() / (double) of.costs().settled(partition);
    String note =
        String.format(
            Locale.ROOT,
            "%d shared clusters of %d blocks; %.3f if they settled as those of other methods",
            encoded.clusters(),
            encoded.members(),
            exact);
    return new Result(encoded.numbers(), cpu, wall, encoded.broken(), note);
  }
}
