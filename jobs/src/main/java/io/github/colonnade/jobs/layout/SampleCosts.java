package io.github.colonnade.jobs.layout;

import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.MatrixView;
import io.github.colonnade.connectors.view.TensorPlan;
import io.github.colonnade.connectors.view.ViewOptions;
import io.github.colonnade.jobs.compress.CompressSettings;
import io.github.colonnade.jobs.compress.CostPredictor;
import io.github.colonnade.jobs.compress.CostPredictor.Sketches;
import io.github.colonnade.svd.auto.ExpectedCost.Origin;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** What a sample of the collection is expected to take in different forms. */
final class SampleCosts implements AutoCloseable {

  /** The most matrices of a group, and the most blocks that they become, in a sample. */
  static final int MOST_BLOCKS = 64;

  /** The bytes of a group's sample, or {@link #SHARE} of its bytes if that is more. */
  private static final long SAMPLE_BYTES = 128L << 20;

  private static final long SHARE = 8;

  /** Bytes for each block in the manifest and in the header of its file. */
  private static final long BLOCK_BYTES = 750;

  /**
   * The families that some forms make.
   *
   * @param costs by family, extrapolated to the whole collection
   */
  record Families(Map<Key, Double> costs) {

    /** The cost of the families that the other forms do not make. */
    double without(Families other) {
      double sum = 0;
      for (Map.Entry<Key, Double> each : costs.entrySet()) {
        sum += other.costs.containsKey(each.getKey()) ? 0 : each.getValue();
      }
      return sum;
    }
  }

  /** A family by what is in it: the matrices of some groups that have these rows in their forms. */
  private record Key(long rows, List<Part> parts) {}

  private record Part(int group, Form form) {}

  /**
   * The blocks that a group adds to a family.
   *
   * @param times how many blocks of the group each of them stands for
   */
  private record Blocks(Part part, Map<TensorInfo, List<BlockRef>> byTensor, double times) {}

  private final List<ShapeGroup> groups;
  private final List<List<TensorInfo>> samples;
  private final LinearAlgebra la = new Nd4jLinearAlgebra();
  private final CostPredictor predictor;
  private final ExecutorService threads;
  private final Map<Key, Double> known = new HashMap<>();
  private final Map<Part, Map<TensorInfo, Optional<Sketches>>> sketches = new HashMap<>();

  /**
   * @param groups each with a {@link #sample}
   * @param parallelism how many matrices are sketched at a time; nothing else depends on it
   */
  SampleCosts(CompressSettings settings, List<ShapeGroup> groups, int parallelism) {
    this.groups = groups;
    this.samples = groups.stream().map(SampleCosts::sample).toList();
    this.predictor = new CostPredictor(la, settings);
    this.threads =
        Executors.newFixedThreadPool(
            parallelism,
            work -> {
              Thread thread = new Thread(work, "sample");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** The matrices of a group's sample; none if too few of them are small enough. */
  static List<TensorInfo> sample(ShapeGroup group) {
    long budget = Math.max(SAMPLE_BYTES, group.sizeBytes() / SHARE);
    int most = Math.min(group.tensors().size(), MOST_BLOCKS);
    int least = Math.min(group.tensors().size(), 2);
    while (most >= least) {
      List<TensorInfo> some = Spread.of(group.tensors(), most);
      if (some.stream().mapToLong(TensorInfo::sizeBytes).sum() <= budget) {
        return some;
      }
      most = most == least ? 0 : Math.max(least, most / 2);
    }
    return List.of();
  }

  /**
   * @param forms of the groups
   */
  Families families(List<Form> forms) throws IOException {
    Map<Long, List<Blocks>> byRows = new TreeMap<>();
    for (int i = 0; i < forms.size(); i++) {
      blocks(i, forms.get(i))
          .forEach(
              (rows, blocks) -> byRows.computeIfAbsent(rows, r -> new ArrayList<>()).add(blocks));
    }
    Map<Key, Double> costs = new LinkedHashMap<>();
    for (Map.Entry<Long, List<Blocks>> family : byRows.entrySet()) {
      Key key = new Key(family.getKey(), family.getValue().stream().map(Blocks::part).toList());
      Double cost = known.get(key);
      if (cost == null) {
        cost = cost(family.getKey(), family.getValue());
        known.put(key, cost);
      }
      costs.put(key, cost);
    }
    return new Families(costs);
  }

  /** Forgets the sketches of all other forms. */
  void keepOnly(List<Form> forms) {
    sketches.keySet().removeIf(part -> !forms.get(part.group).equals(part.form));
  }

  private Map<Long, Blocks> blocks(int group, Form form) {
    Part part = new Part(group, form);
    List<BlockRef> all = new ArrayList<>();
    for (TensorInfo tensor : samples.get(group)) {
      MatrixView view =
          MatrixView.of(ViewOptions.defaults(), Map.of(tensor.shape(), form.of(tensor.shape())));
      if (view.plan(tensor) instanceof TensorPlan.Blocks blocks) {
        all.addAll(Spread.of(blocks.blocks(), MOST_BLOCKS));
      }
    }
    List<BlockRef> some = Spread.of(all, MOST_BLOCKS);
    long numbers = some.stream().mapToLong(BlockRef::elements).sum();
    double times = (double) groups.get(group).numbers() / numbers;
    Map<Long, Blocks> byRows = new TreeMap<>();
    for (BlockRef block : some) {
      byRows
          .computeIfAbsent(block.rows(), rows -> new Blocks(part, new LinkedHashMap<>(), times))
          .byTensor
          .computeIfAbsent(block.tensor(), tensor -> new ArrayList<>())
          .add(block);
    }
    return byRows;
  }

  private double cost(long rows, List<Blocks> family) throws IOException {
    List<Sketches> all = new ArrayList<>();
    List<Origin> origins = new ArrayList<>();
    double overhead = 0;
    int matrix = 0;
    for (Blocks blocks : family) {
      Map<TensorInfo, Sketches> sketched = sketched(blocks);
      double matrices = matrices(blocks.part.group);
      for (Map.Entry<TensorInfo, List<BlockRef>> each : blocks.byTensor.entrySet()) {
        int count = each.getValue().size();
        double numbers = (double) BLOCK_BYTES / each.getKey().dtype().sizeBytes();
        overhead += blocks.times * numbers * count;
        Sketches ofTensor = sketched.get(each.getKey());
        if (ofTensor != null) {
          all.add(ofTensor);
          origins.addAll(Collections.nCopies(count, new Origin(matrix, blocks.times, matrices)));
        }
        matrix++;
      }
    }
    return predictor.expectedCost(rows, all).extrapolated(origins) + overhead;
  }

  /** How many matrices of a group each of its sample stands for. */
  private double matrices(int group) {
    return (double) groups.get(group).tensors().size() / samples.get(group).size();
  }

  private Map<TensorInfo, Sketches> sketched(Blocks blocks) throws IOException {
    Map<TensorInfo, Optional<Sketches>> done =
        sketches.computeIfAbsent(blocks.part, part -> new HashMap<>());
    Map<TensorInfo, Future<Optional<Sketches>>> running = new LinkedHashMap<>();
    blocks.byTensor.forEach(
        (tensor, refs) -> {
          if (!done.containsKey(tensor)) {
            running.put(tensor, threads.submit(() -> predictor.sketch(tensor, refs)));
          }
        });
    for (Map.Entry<TensorInfo, Future<Optional<Sketches>>> each : running.entrySet()) {
      done.put(each.getKey(), result(each.getValue()));
    }
    Map<TensorInfo, Sketches> sketched = new HashMap<>();
    for (TensorInfo tensor : blocks.byTensor.keySet()) {
      done.getOrDefault(tensor, Optional.empty()).ifPresent(each -> sketched.put(tensor, each));
    }
    return sketched;
  }

  private static Optional<Sketches> result(Future<Optional<Sketches>> sketching)
      throws IOException {
    try {
      return sketching.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException storage) {
        throw storage;
      } else if (e.getCause() instanceof RuntimeException wrong) {
        throw wrong;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while the form of matrices was chosen", e);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    la.close();
  }
}
