package io.github.colonnade.tests.performance;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.svd.auto.AllStrategies;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.partition.Family;
import io.github.colonnade.svd.partition.PartitionSettings;
import io.github.colonnade.svd.partition.PartitionStrategy;
import io.github.colonnade.svd.partition.PlannedCluster;
import io.github.colonnade.tests.benchmark.Case;
import io.github.colonnade.tests.benchmark.Families;
import io.github.colonnade.tests.benchmark.SubspaceData;
import io.github.colonnade.tests.benchmark.SubspaceData.Shape;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Partitions of one family: blocks of 256×32, 25 to a subspace of dimension 12, with 5 % of noise,
 * at a limit of 10 %. The published strategies run at the rank of the subspaces. Each is one pass;
 * auto makes many and needs no rank.
 */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls setUp first.
public class StrategyBenchmark {

  private static final int DIMENSION = 12;

  @Param({
    "auto",
    "max-norm",
    "residual-norm",
    "residual-residual",
    "incremental-norm",
    "incremental-residual"
  })
  public String strategy;

  @Param("8")
  public int subspaces;

  private final LinearAlgebra la = new Nd4jLinearAlgebra();
  private PartitionStrategy partitioner;
  private Family family;
  private PartitionSettings settings;

  @Setup
  public void setUp() {
    Case of =
        Case.of(
            la,
            SubspaceData.of(new Shape(256, 32, subspaces, 25, DIMENSION, 0, 0, 0.05), 1),
            new ErrorLimit(0.1, io.github.colonnade.bounds.Scope.CLUSTER),
            Precision.FLOAT32);
    partitioner = AllStrategies.byName(strategy).orElseThrow();
    family = Families.sketched(of);
    settings = Families.settings(of).withRank(DIMENSION);
  }

  @TearDown
  public void tearDown() {
    family.close();
  }

  @Benchmark
  public List<PlannedCluster> plan() {
    return partitioner.plan(family, settings);
  }
}
