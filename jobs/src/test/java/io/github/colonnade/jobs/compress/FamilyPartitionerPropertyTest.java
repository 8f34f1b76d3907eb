package io.github.colonnade.jobs.compress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.ScaledEnergy;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockReader;
import io.github.colonnade.connectors.view.BlockValues;
import io.github.colonnade.connectors.view.ElementType;
import io.github.colonnade.connectors.view.TensorPlan;
import io.github.colonnade.jobs.compress.CompressSettings.Input;
import io.github.colonnade.jobs.compress.CompressSettings.Method;
import io.github.colonnade.jobs.compress.CompressSettings.Place;
import io.github.colonnade.jobs.manifest.Precision;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.StoreDtype;
import io.github.colonnade.jobs.manifest.Transpose;
import io.github.colonnade.jobs.testing.Tensor;
import io.github.colonnade.jobs.testing.TestCollections;
import io.github.colonnade.jobs.testing.TestCollections.Kind;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.partition.DecisionTally;
import io.github.colonnade.svd.partition.Strategies;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/** Any blocks in any proportion are divided: each is in one cluster. */
class FamilyPartitionerPropertyTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();

  /**
   * Found by chance: tiny columns beside huge ones underflowed, and their noise was a direction.
   */
  @Example
  void tinyColumnsBesideHugeOnes() throws IOException {
    List<Kind> kinds =
        List.of(
            Kind.TINY,
            Kind.TINY,
            Kind.DUPLICATE,
            Kind.NOISY,
            Kind.HUGE,
            Kind.TALL,
            Kind.NOISY,
            Kind.NOISY,
            Kind.TALL);
    for (long seed = 0; seed < 20; seed++) {
      for (Precision precision : Precision.values()) {
        everyBlockIsInOneCluster(
            kinds, List.of("F64", "BF16"), Scope.CLUSTER, precision, 1e-12, 1, seed);
      }
    }
  }

  @Property(tries = 50, shrinking = ShrinkingMode.OFF)
  void everyBlockIsInOneCluster(
      @ForAll("kinds") List<Kind> kinds,
      @ForAll("dtypes") List<String> dtypes,
      @ForAll Scope scope,
      @ForAll Precision precision,
      @ForAll("limits") double limit,
      @ForAll("columns") int columns,
      @ForAll long seed)
      throws IOException {
    Path file = Files.createTempFile("family", ".safetensors");
    Tensor.write(file, TestCollections.of(kinds, dtypes, seed));
    try {
      for (String strategy : Strategies.published()) {
        CompressSettings settings = settings(file, scope, precision, limit, columns, strategy);
        sketches(settings)
            .forEach(
                (rows, blocks) -> {
                  FamilyPartitioner partitioner =
                      new FamilyPartitioner(LA, settings, 3, new DecisionTally());
                  List<String> seen = new ArrayList<>();
                  for (EncodeTask task : partitioner.partition(rows, blocks)) {
                    assertTrue(
                        task.clusters().stream().mapToInt(each -> each.members().size()).sum() <= 3,
                        task.file());
                    for (EncodeTask.ClusterTask cluster : task.clusters()) {
                      cluster.members().forEach(each -> seen.add(each.block().id()));
                      assertTrue(cluster.droppedEnergy() >= 0, cluster.id());
                      checkProspect(cluster, scope, blocks);
                    }
                  }
                  assertEquals(
                      blocks.stream().map(each -> each.block().id()).sorted().toList(),
                      seen.stream().sorted().toList());
                });
      }
    } finally {
      Files.delete(file);
    }
  }

  /** Only in scope collection: all energy, and a curve that ends where nothing is stored. */
  private static void checkProspect(
      EncodeTask.ClusterTask cluster, Scope scope, List<SketchedBlock> blocks) {
    ScaledEnergy energy = ScaledEnergy.ZERO;
    for (EncodeTask.MemberTask member : cluster.members()) {
      for (SketchedBlock block : blocks) {
        if (block.ordinal() == member.ordinal() && block.index() == member.index()) {
          energy = energy.plus(new ScaledEnergy(energyAsRead(block), block.exponent()));
        }
      }
    }
    assertEquals(
        scope == Scope.COLLECTION && energy.value() > 0,
        cluster.prospect().isPresent(),
        cluster.id());
    if (cluster.prospect().isEmpty()) {
      return;
    }
    Prospect prospect = cluster.prospect().get();
    assertEquals(1, prospect.energy().relativeTo(energy), 1e-5, cluster.id());
    assertEquals(cluster.members().size(), prospect.members().size());
    double members = prospect.members().stream().mapToDouble(Spectrum::energy).sum();
    int ways = prospect.together().size();
    assertEquals(members, prospect.together().lost(ways - 1), 1e-6 * members, cluster.id());
    assertEquals(0, prospect.together().numbers(ways - 1), cluster.id());
  }

  /** Of a block divided by its power of two, from the file. */
  private static double energyAsRead(SketchedBlock block) {
    try {
      double energy = 0;
      for (double value : new BlockReader(ElementType.DOUBLE).read(block.block()).doubles()) {
        double scaled = Math.scalb(value, -block.exponent());
        energy += scaled * scaled;
      }
      return energy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<Integer, List<SketchedBlock>> sketches(CompressSettings settings)
      throws IOException {
    BlockSketcher sketcher = new BlockSketcher(LA, settings);
    Map<Integer, List<SketchedBlock>> families = new TreeMap<>();
    long ordinal = 0;
    for (TensorInfo tensor : TensorLister.list(settings.input().uris()).tensors()) {
      if (settings.view().plan(tensor) instanceof TensorPlan.Blocks blocks) {
        BlockReader reader = new BlockReader(sketcher.elementType(tensor.dtype(), false));
        for (int i = 0; i < blocks.blocks().size(); i++) {
          BlockValues values = reader.read(blocks.blocks().get(i));
          if (values.finite()) {
            SketchedBlock block =
                sketcher.sketch(ordinal, i, values, Optional.empty(), StageTimes.none());
            families.computeIfAbsent(block.rows(), rows -> new ArrayList<>()).add(block);
          }
        }
      }
      ordinal++;
    }
    return families;
  }

  private static CompressSettings settings(
      Path file, Scope scope, Precision precision, double limit, int columns, String strategy) {
    return new CompressSettings(
        new Input(
            List.of(file.toString()),
            columns == 0 ? 0 : TestCollections.ROWS,
            columns,
            Transpose.NEVER,
            List.of(),
            List.of(),
            false),
        new Method(scope, 0, strategy, precision, StoreDtype.SOURCE, 0),
        limit,
        new Goal.Limit(),
        new Place("", ""),
        0,
        null,
        Map.of());
  }

  @Provide
  Arbitrary<List<Kind>> kinds() {
    return Arbitraries.of(Kind.values()).list().ofMinSize(4).ofMaxSize(24);
  }

  @Provide
  Arbitrary<List<String>> dtypes() {
    return Arbitraries.of("F64", "F32", "F16", "BF16").list().ofMinSize(1).ofMaxSize(3);
  }

  @Provide
  Arbitrary<Double> limits() {
    return Arbitraries.of(0.0, 1e-12, 1e-7, 1e-4, 0.003, 0.02, 0.1, 0.5, 0.9);
  }

  @Provide
  Arbitrary<Integer> columns() {
    return Arbitraries.of(0, 0, 1, 3);
  }
}
