package io.github.colonnade.jobs.compress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockReader;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.TensorPlan;
import io.github.colonnade.jobs.compress.CompressSettings.Input;
import io.github.colonnade.jobs.compress.CompressSettings.Method;
import io.github.colonnade.jobs.compress.CompressSettings.Place;
import io.github.colonnade.jobs.manifest.Precision;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.StoreDtype;
import io.github.colonnade.jobs.manifest.Transpose;
import io.github.colonnade.jobs.testing.PublishedCollection;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.partition.DecisionTally;
import io.github.colonnade.svd.partition.Strategies;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The published collections through the first half of the job, in double: what is handed to the
 * encoder is the published partition, although strategies see sketches instead of blocks.
 */
class PublishedPartitionReferenceTest {

  private static final LinearAlgebra LA = new Nd4jLinearAlgebra();

  @ParameterizedTest
  @ValueSource(strings = {"advection", "mimo", "minilm", "sar"})
  void everyStrategyGivesThePublishedPartition(String fixture) throws IOException {
    JsonNode expected = PublishedCollection.load(fixture).expected();
    String input = PublishedCollection.load(fixture).file().toString();
    CompressSettings any = settings(input, expected, "max-norm");
    List<SketchedBlock> blocks = sketches(input, any);
    List<String> names = new ArrayList<>();
    blocks.forEach(each -> names.add(each.block().tensor().name()));
    List<String> sorted = names.stream().sorted().toList();
    for (String strategy : Strategies.published()) {
      List<TreeSet<Integer>> published = new ArrayList<>();
      for (JsonNode cluster : expected.get("variants").get(strategy).get("clusters")) {
        TreeSet<Integer> members = new TreeSet<>();
        cluster.forEach(each -> members.add(each.asInt()));
        published.add(members);
      }
      List<TreeSet<Integer>> found = new ArrayList<>();
      FamilyPartitioner partitioner =
          new FamilyPartitioner(
              LA,
              settings(input, expected, strategy),
              FamilyPartitioner.MAX_MEMBERS,
              new DecisionTally());
      for (EncodeTask file : partitioner.partition(blocks.get(0).rows(), blocks)) {
        for (EncodeTask.ClusterTask cluster : file.clusters()) {
          TreeSet<Integer> members = new TreeSet<>();
          cluster
              .members()
              .forEach(each -> members.add(sorted.indexOf(each.block().tensor().name())));
          found.add(members);
        }
      }
      assertEquals(published, found, strategy);
    }
  }

  private static List<SketchedBlock> sketches(String input, CompressSettings settings)
      throws IOException {
    BlockSketcher sketcher = new BlockSketcher(LA, settings);
    List<SketchedBlock> sketches = new ArrayList<>();
    for (TensorInfo tensor : TensorLister.list(List.of(input)).tensors()) {
      BlockRef block = ((TensorPlan.Blocks) settings.view().plan(tensor)).blocks().get(0);
      BlockReader reader = new BlockReader(sketcher.elementType(tensor.dtype(), false));
      sketches.add(
          sketcher.sketch(
              sketches.size(), 0, reader.read(block), Optional.empty(), StageTimes.none()));
    }
    return sketches;
  }

  private static CompressSettings settings(String input, JsonNode expected, String strategy) {
    return new CompressSettings(
        new Input(List.of(input), 0, 0, Transpose.NEVER, List.of(), List.of(), false),
        new Method(
            Scope.CLUSTER,
            expected.get("rank").asInt(),
            strategy,
            Precision.FLOAT64,
            StoreDtype.SOURCE,
            0),
        expected.get("eps").asDouble(),
        new Goal.Limit(),
        new Place("", ""),
        0,
        null,
        Map.of());
  }
}
