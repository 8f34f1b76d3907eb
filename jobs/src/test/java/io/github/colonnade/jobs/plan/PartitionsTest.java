package io.github.colonnade.jobs.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.MatrixView;
import io.github.colonnade.connectors.view.TensorPlan;
import io.github.colonnade.connectors.view.ViewOptions;
import io.github.colonnade.jobs.testing.Tensor;
import io.github.colonnade.svd.auto.PartTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionsTest {

  @TempDir private Path directory;

  private static MatrixView columns(long columns) {
    return MatrixView.of(
        new ViewOptions(
            ViewOptions.defaults().orientation(),
            OptionalLong.empty(),
            OptionalLong.of(columns),
            List.of(),
            List.of()));
  }

  private List<TensorInfo> tensors(long[]... shapes) throws IOException {
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < shapes.length; i++) {
      int numbers = Math.toIntExact(Arrays.stream(shapes[i]).reduce(1, (a, b) -> a * b));
      tensors.add(Tensor.of("t" + i, "F32", new double[numbers], shapes[i]));
    }
    Path file = Tensor.write(directory.resolve("in.safetensors"), tensors);
    return TensorLister.list(List.of(file.toString())).tensors();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 7, 64, 5000})
  void runsAreNeighboursAndEveryBlockIsInOne(int asked) throws IOException {
    List<TensorInfo> tensors =
        tensors(
            new long[] {6, 90},
            new long[] {4, 7},
            new long[] {6, 1},
            new long[] {5},
            new long[] {6, 33},
            new long[] {4, 70});
    MatrixView view = columns(2);
    Partitions partitions = Partitions.of(tensors, view, asked);
    Map<Integer, Map<Integer, Integer>> sizes = new HashMap<>();
    Map<Integer, Integer> last = new HashMap<>();
    Set<Integer> tasks = new HashSet<>();
    for (int ordinal = 0; ordinal < tensors.size(); ordinal++) {
      if (view.plan(tensors.get(ordinal)) instanceof TensorPlan.Blocks blocks) {
        int index = 0;
        for (BlockRef block : blocks.blocks()) {
          int rows = (int) block.rows();
          int run = partitions.run(rows, ordinal, index);
          int before = last.getOrDefault(rows, 0);
          assertTrue(run == before || run == before + 1, run + " after " + before);
          last.put(rows, run);
          sizes.computeIfAbsent(rows, each -> new HashMap<>()).merge(run, 1, Integer::sum);
          tasks.add(partitions.task(rows, ordinal, index));
          index++;
        }
      }
    }
    assertEquals(partitions.taskCount(), tasks.size());
    sizes.forEach(
        (rows, runs) -> {
          int blocks = runs.values().stream().mapToInt(each -> each).sum();
          assertEquals(Math.max(1, Math.min(asked, blocks / 2)), runs.size());
          assertEquals(partitions.width(rows, 0), runs.size());
          int largest = runs.values().stream().mapToInt(each -> each).max().orElse(0);
          assertTrue(largest <= 2 + blocks / runs.size(), runs.toString());
        });
  }

  @Test
  void largeFamiliesAreDividedByThemselves() throws IOException {
    int most = Partitions.MOST_BLOCKS;
    MatrixView view = columns(1);
    assertEquals(1, Partitions.of(tensors(new long[] {4, most}), view, 0).width(4, 0));
    assertEquals(2, Partitions.of(tensors(new long[] {4, most + 1}), view, 0).width(4, 0));
    assertEquals(1, Partitions.of(tensors(new long[] {4, most + 1}), view, 1).width(4, 0));
  }

  @Test
  void everyNodeHasANumberOfItsOwn() throws IOException {
    List<TensorInfo> tensors =
        tensors(new long[] {4, 60}, new long[] {3, 4}, new long[] {6, 40}, new long[] {5, 1});
    Partitions partitions = Partitions.of(tensors, columns(1), 18);
    assertEquals(3, partitions.levels());
    int all = 0;
    for (int level = 1; level <= partitions.levels(); level++) {
      Set<Integer> numbers = new HashSet<>();
      for (int rows : List.of(3, 4, 5, 6)) {
        if (partitions.width(rows, level - 1) > 1) {
          for (int node = 0; node < partitions.width(rows, level); node++) {
            assertTrue(numbers.add(partitions.node(rows, level, node)));
          }
        }
      }
      assertEquals(partitions.nodes(level), numbers.size());
      assertTrue(numbers.stream().allMatch(each -> each >= 0 && each < numbers.size()));
      all += numbers.size();
    }
    assertEquals(partitions.allNodes(), all);
    assertEquals(1, partitions.width(4, PartTree.levels(18)));
  }
}
