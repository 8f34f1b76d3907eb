package io.github.colonnade.jobs.layout;

import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.MatrixForm;
import io.github.colonnade.connectors.view.MatrixView;
import io.github.colonnade.connectors.view.Orientation;
import io.github.colonnade.connectors.view.TensorPlan;
import io.github.colonnade.connectors.view.ViewOptions;
import io.github.colonnade.jobs.compress.CompressSettings;
import io.github.colonnade.jobs.compress.CostPredictor;
import io.github.colonnade.jobs.compress.CostPredictor.Sketches;
import io.github.colonnade.svd.auto.ExpectedCost;
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
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What a sample of the collection is expected to take in different forms. */
final class SampleCosts implements AutoCloseable {

  /** The most matrices of a group, and the most blocks that they become, in a sample. */
  static final int MOST_BLOCKS = 64;

  /** The bytes of a group's sample, or {@link #SHARE} of its bytes if that is more. */
  private static final long SAMPLE_BYTES = 32L << 20;

  /** So few matrices may have more bytes. */
  private static final int FEW_BLOCKS = 8;

  private static final long FEW_SAMPLE_BYTES = 128L << 20;

  private static final long SHARE = 8;

  /** 0, 1, 4 and 6 have every distance from 1 to 6. */
  private static final Set<Integer> MARKS = Set.of(0, 1, 4, 6);

  /** Of fewer matrices, or of less than these bytes, a pilot is all of the sample. */
  private static final int FEWEST_IN_PILOTS = 6;

  private static final long PILOT_BYTES = 4L << 20;

  /** Bytes for each block in the manifest and in the header of its file. */
  private static final long BLOCK_BYTES = 750;

  /**
   * The families that some forms make.
   *
   * @param costs by family
   */
  record Families(Map<Key, Cost> costs) {

    /** The cost of the families that the other forms do not make. */
    double without(Families other) {
      return others(other).mapToDouble(Cost::numbers).sum();
    }

    /** Whether something is shared in one of these. */
    boolean sharesWithout(Families other) {
      return others(other).anyMatch(Cost::shares);
    }

    private Stream<Cost> others(Families other) {
      return costs.entrySet().stream()
          .filter(each -> !other.costs.containsKey(each.getKey()))
          .map(Map.Entry::getValue);
    }
  }

  /**
   * Of a family.
   *
   * @param numbers extrapolated to the whole collection
   * @param shares whether some blocks have a basis in common
   */
  private record Cost(double numbers, boolean shares) {}

  /** A family by what is in it: the matrices of some groups that have these rows in their forms. */
  private record Key(long rows, List<Part> parts) {}

  /**
   * What a group adds to a family.
   *
   * @param matrices how many there are in the sample
   */
  private record Part(int group, Form form, int matrices) {}

  private record Taken(int group, Form form) {}

  /**
   * The blocks that a group adds to a family.
   *
   * @param times how many blocks of the group each of a tensor stands for: as many as the tensor
   *     has numbers for each that is in the sample
   */
  private record Blocks(
      Part part, Map<TensorInfo, List<BlockRef>> byTensor, Map<TensorInfo, Double> times) {}

  private final List<ShapeGroup> groups;
  private final List<List<TensorInfo>> samples;
  private final List<List<TensorInfo>> pilots;
  private final boolean turns;
  private final LinearAlgebra la = new Nd4jLinearAlgebra();
  private final CostPredictor predictor;
  private final ExecutorService threads;
  private final Map<Key, Cost> known = new HashMap<>();
  private final Map<Taken, Map<List<BlockRef>, Optional<Sketches>>> sketches = new HashMap<>();

  /**
   * @param groups each with a {@link #sample}
   * @param parallelism how many matrices are sketched at a time; nothing else depends on it
   */
  SampleCosts(CompressSettings settings, List<ShapeGroup> groups, int parallelism) {
    this(settings, groups, parallelism, PILOT_BYTES);
  }

  /**
   * @param pilotBytes of less than these a pilot is all of the sample
   */
  SampleCosts(
      CompressSettings settings, List<ShapeGroup> groups, int parallelism, long pilotBytes) {
    this.groups = groups;
    this.samples = groups.stream().map(SampleCosts::sample).toList();
    this.pilots =
        samples.stream().map(each -> sizeBytes(each) < pilotBytes ? each : pilot(each)).toList();
    this.turns = settings.undecided().orientation();
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

  private static long sizeBytes(List<TensorInfo> tensors) {
    return tensors.stream().mapToLong(TensorInfo::sizeBytes).sum();
  }

  /** The matrices of a group's sample; none if too few of them are small enough. */
  static List<TensorInfo> sample(ShapeGroup group) {
    return sample(group.tensors(), TensorInfo::sizeBytes, group);
  }

  private static <T> List<T> sample(List<T> all, ToLongFunction<T> sizeBytes, ShapeGroup group) {
    long share = group.sizeBytes() / SHARE;
    int least = Math.min(all.size(), 2);
    int most = Math.min(all.size(), MOST_BLOCKS);
    while (most >= least) {
      List<T> some = Spread.of(all, most);
      long budget = some.size() > FEW_BLOCKS ? SAMPLE_BYTES : FEW_SAMPLE_BYTES;
      if (some.stream().mapToLong(sizeBytes).sum() <= Math.max(budget, share)) {
        return some;
      }
      int fewer = most > FEW_BLOCKS ? Math.max(FEW_BLOCKS, most / 2) : most / 2;
      most = most == least ? 0 : Math.max(least, fewer);
    }
    return List.of();
  }

  /**
   * About half of a sample, in which two neighbours, and two that lie up to six apart, are together
   * as often as can be: of eight in a row, those at the marks of a Golomb ruler.
   */
  static <T> List<T> pilot(List<T> sample) {
    return sample.size() < FEWEST_IN_PILOTS
        ? sample
        : IntStream.range(0, sample.size())
            .filter(i -> MARKS.contains(i % Spread.RUN))
            .mapToObj(sample::get)
            .toList();
  }

  /**
   * Whether half of the sample speaks for looking at all of it: blocks share something in a family
   * that changes, or the change saves something also where none do.
   *
   * @param least the share that it is to save
   */
  boolean mayPay(List<Form> now, List<Form> then, double least) throws IOException {
    Families before = families(now, pilots);
    Families after = families(then, pilots);
    return before.sharesWithout(after)
        || after.sharesWithout(before)
        || after.without(before) <= (1 - least) * before.without(after);
  }

  /**
   * By all of the sample.
   *
   * @param forms of the groups
   */
  Families families(List<Form> forms) throws IOException {
    return families(forms, samples);
  }

  private Families families(List<Form> forms, List<List<TensorInfo>> tensors) throws IOException {
    Map<Long, List<Blocks>> byRows = new TreeMap<>();
    for (int i = 0; i < forms.size(); i++) {
      blocks(i, forms.get(i), tensors.get(i))
          .forEach(
              (rows, blocks) -> byRows.computeIfAbsent(rows, r -> new ArrayList<>()).add(blocks));
    }
    Map<Key, Cost> costs = new LinkedHashMap<>();
    for (Map.Entry<Long, List<Blocks>> family : byRows.entrySet()) {
      Key key = new Key(family.getKey(), family.getValue().stream().map(Blocks::part).toList());
      Cost cost = known.get(key);
      if (cost == null) {
        cost = cost(family.getKey(), family.getValue());
        known.put(key, cost);
      }
      costs.put(key, cost);
    }
    return new Families(costs);
  }

  /** Forgets the sketches of all other forms, but for those that were made with these. */
  void keepOnly(List<Form> forms) {
    sketches
        .keySet()
        .removeIf(
            taken -> {
              Form form = forms.get(taken.group);
              return !taken.form.equals(form)
                  && !(hasBothWays(form) && taken.form.equals(form.turned()));
            });
  }

  /** Whether sketches are made of both orientations at once. */
  private boolean hasBothWays(Form form) {
    return turns && form.width() == MatrixForm.WHOLE && predictor.sketchesBothWays();
  }

  private Map<Long, Blocks> blocks(int group, Form form, List<TensorInfo> tensors) {
    Part part = new Part(group, form, tensors.size());
    List<BlockRef> all = new ArrayList<>();
    for (TensorInfo tensor : tensors) {
      all.addAll(Spread.of(blocks(tensor, form), MOST_BLOCKS));
    }
    Map<TensorInfo, Long> sampled = new HashMap<>();
    List<BlockRef> some = sample(all, BlockRef::sizeBytes, groups.get(group));
    some.forEach(block -> sampled.merge(block.tensor(), block.elements(), Long::sum));
    long numbers = sampled.keySet().stream().mapToLong(TensorInfo::elements).sum();
    double ofTensors = (double) groups.get(group).numbers() / numbers;
    Map<Long, Blocks> byRows = new TreeMap<>();
    for (BlockRef block : some) {
      TensorInfo tensor = block.tensor();
      Blocks blocks =
          byRows.computeIfAbsent(
              block.rows(), rows -> new Blocks(part, new LinkedHashMap<>(), new HashMap<>()));
      blocks.byTensor.computeIfAbsent(tensor, each -> new ArrayList<>()).add(block);
      blocks.times.put(tensor, ofTensors * tensor.elements() / sampled.getOrDefault(tensor, 1L));
    }
    return byRows;
  }

  private static List<BlockRef> blocks(TensorInfo tensor, Form form) {
    MatrixForm ofShape = form.of(tensor.shape());
    MatrixView view = MatrixView.of(ViewOptions.defaults(), Map.of(tensor.shape(), ofShape));
    return view.plan(tensor) instanceof TensorPlan.Blocks blocks ? blocks.blocks() : List.of();
  }

  private Cost cost(long rows, List<Blocks> family) throws IOException {
    List<Sketches> all = new ArrayList<>();
    List<Origin> origins = new ArrayList<>();
    double overhead = 0;
    int matrix = 0;
    for (Blocks blocks : family) {
      Map<TensorInfo, Sketches> sketched = sketched(blocks);
      double matrices =
          (double) groups.get(blocks.part.group).tensors().size() / blocks.part.matrices;
      for (Map.Entry<TensorInfo, List<BlockRef>> each : blocks.byTensor.entrySet()) {
        int count = each.getValue().size();
        double numbers = (double) BLOCK_BYTES / each.getKey().dtype().sizeBytes();
        double times = blocks.times.getOrDefault(each.getKey(), 1.0);
        overhead += times * numbers * count;
        Sketches ofTensor = sketched.get(each.getKey());
        if (ofTensor != null) {
          all.add(ofTensor);
          origins.addAll(Collections.nCopies(count, new Origin(matrix, times, matrices)));
        }
        matrix++;
      }
    }
    ExpectedCost expected = predictor.expectedCost(rows, all);
    return new Cost(expected.extrapolated(origins) + overhead, !expected.bases().isEmpty());
  }

  private Map<TensorInfo, Sketches> sketched(Blocks blocks) throws IOException {
    int group = blocks.part.group;
    Form form = blocks.part.form;
    Map<List<BlockRef>, Optional<Sketches>> done = of(group, form);
    Map<TensorInfo, Future<Map<Form, Sketches>>> running = new LinkedHashMap<>();
    blocks.byTensor.forEach(
        (tensor, refs) -> {
          if (!done.containsKey(refs)) {
            running.put(tensor, threads.submit(() -> sketch(tensor, refs, form)));
          }
        });
    for (Map.Entry<TensorInfo, Future<Map<Form, Sketches>>> each : running.entrySet()) {
      Map<Form, Sketches> made = result(each.getValue());
      TensorInfo tensor = each.getKey();
      done.put(
          blocks.byTensor.getOrDefault(tensor, List.of()), Optional.ofNullable(made.get(form)));
      Sketches turned = made.get(form.turned());
      if (turned != null) {
        of(group, form.turned())
            .put(List.copyOf(blocks(tensor, form.turned())), Optional.of(turned));
      }
    }
    Map<TensorInfo, Sketches> sketched = new HashMap<>();
    blocks.byTensor.forEach(
        (tensor, refs) ->
            done.getOrDefault(refs, Optional.empty())
                .ifPresent(each -> sketched.put(tensor, each)));
    return sketched;
  }

  private Map<List<BlockRef>, Optional<Sketches>> of(int group, Form form) {
    return sketches.computeIfAbsent(new Taken(group, form), each -> new HashMap<>());
  }

  /** The sketches of a tensor in a form, and those that come with them; none if it has NaN. */
  private Map<Form, Sketches> sketch(TensorInfo tensor, List<BlockRef> refs, Form form)
      throws IOException {
    BlockRef block = refs.get(0);
    if (!hasBothWays(form) || refs.size() > 1 || block.rows() == 1 || block.columns() == 1) {
      return predictor.sketch(tensor, refs).map(each -> Map.of(form, each)).orElse(Map.of());
    }
    Form stored = form.orientation() == Orientation.AS_STORED ? form : form.turned();
    return predictor
        .sketchBothWays(blocks(tensor, stored).get(0), blocks(tensor, stored.turned()).get(0))
        .map(both -> Map.of(stored, both.asStored(), stored.turned(), both.transposed()))
        .orElse(Map.of());
  }

  private static Map<Form, Sketches> result(Future<Map<Form, Sketches>> sketching)
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
