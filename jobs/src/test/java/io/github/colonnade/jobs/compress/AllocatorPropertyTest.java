package io.github.colonnade.jobs.compress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.bounds.ScaledEnergy;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.bounds.TradeOff;
import io.github.colonnade.connectors.tensor.Arrangement;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.Layout;
import io.github.colonnade.jobs.compress.CompressSettings.Input;
import io.github.colonnade.jobs.compress.CompressSettings.Method;
import io.github.colonnade.jobs.compress.CompressSettings.Place;
import io.github.colonnade.jobs.compress.EncodeTask.ClusterTask;
import io.github.colonnade.jobs.compress.EncodeTask.MemberTask;
import io.github.colonnade.jobs.manifest.Precision;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.StoreDtype;
import io.github.colonnade.jobs.manifest.Transpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;

class AllocatorPropertyTest {
  private static final int ROWS = 24;

  /** Clusters whose members have nothing in common, with what is known about each member. */
  private static final class Collection {
    final Random random;
    final List<EncodeTask> files = new ArrayList<>();
    final Map<Long, ScaledEnergy> energies = new HashMap<>();

    Collection(long seed, int fileCount) {
      random = new Random(seed);
      for (int f = 0; f < fileCount; f++) {
        // Sketches of another family have another unit.
        int exponent = random.nextInt(9) - 4;
        List<ClusterTask> clusters = new ArrayList<>();
        for (int c = random.nextInt(4); c >= 0; c--) {
          clusters.add(cluster("f" + f + "-c" + c, 1 + random.nextInt(4), exponent));
        }
        clusters.add(zero("f" + f + "-zero"));
        files.add(new EncodeTask("f" + f, clusters, List.of(), StageTimes.none()));
      }
    }

    private MemberTask member(int columns, ScaledEnergy energy) {
      long ordinal = energies.size();
      energies.put(ordinal, energy);
      TensorInfo tensor =
          new TensorInfo(
              "file:/in",
              "t" + ordinal,
              DType.F64,
              Shape.of(ROWS, columns),
              new Payload.ByteRange("file:/in", 0, 8L * ROWS * columns, Arrangement.CANONICAL));
      BlockRef block = new BlockRef(tensor, ROWS, columns, 0, Layout.ROW_MAJOR);
      return new MemberTask(ordinal, 0, block, 0, OptionalInt.empty(), "", (long) ROWS * columns);
    }

    private ClusterTask zero(String id) {
      List<MemberTask> members = List.of(member(3, ScaledEnergy.ZERO));
      return new ClusterTask(
          id,
          members,
          new double[0],
          0,
          Integer.MAX_VALUE,
          OptionalInt.empty(),
          OptionalDouble.empty(),
          Optional.empty());
    }

    private ClusterTask cluster(String id, int count, int exponent) {
      List<MemberTask> members = new ArrayList<>();
      List<Spectrum> spectra = new ArrayList<>();
      List<Double> pooled = new ArrayList<>();
      double dropped = 0;
      long columns = 0;
      for (int k = 0; k < count; k++) {
        int n = 2 + random.nextInt(8);
        double[] squares = new double[n];
        double square = Math.pow(10, random.nextInt(7) - 3);
        for (int i = 0; i < n; i++) {
          squares[i] = square;
          square *= random.nextDouble();
          pooled.add(squares[i]);
        }
        Spectrum spectrum = Spectrum.ofKept(squares, square * 1e-3);
        spectra.add(spectrum);
        dropped += spectrum.droppedEnergy();
        columns += n;
        members.add(member(n, new ScaledEnergy(spectrum.energy(), exponent)));
      }
      pooled.sort((a, b) -> Double.compare(b, a));
      double energy = spectra.stream().mapToDouble(Spectrum::energy).sum();
      double[] lost = new double[pooled.size() + 1];
      long[] numbers = new long[lost.length];
      lost[0] = energy;
      for (int rank = 1; rank < lost.length; rank++) {
        lost[rank] = Math.max(0, lost[rank - 1] - pooled.get(rank - 1));
        numbers[rank] = rank * (ROWS + columns);
      }
      return new ClusterTask(
          id,
          members,
          pooled.stream().mapToDouble(x -> x).toArray(),
          dropped,
          Integer.MAX_VALUE,
          OptionalInt.of(1),
          OptionalDouble.empty(),
          Optional.of(
              new Prospect(
                  new ScaledEnergy(energy, exponent),
                  exponent,
                  TradeOff.of(lost, numbers),
                  spectra)));
    }

    ScaledEnergy energy(List<MemberTask> members) {
      ScaledEnergy sum = ScaledEnergy.ZERO;
      for (MemberTask member : members) {
        sum = sum.plus(energies.getOrDefault(member.ordinal(), ScaledEnergy.ZERO));
      }
      return sum;
    }
  }

  private static CompressSettings settings(double limit) {
    return new CompressSettings(
        new Input(List.of("in"), 0, 0, Transpose.NEVER, List.of(), List.of(), false),
        new Method(Scope.COLLECTION, 0, "auto", Precision.FLOAT64, StoreDtype.SOURCE, 0),
        limit,
        new Goal.Limit(),
        new Place("", ""),
        0,
        null,
        Map.of());
  }

  private static List<MemberTask> members(List<EncodeTask> files) {
    return files.stream()
        .flatMap(file -> file.clusters().stream())
        .flatMap(cluster -> cluster.members().stream())
        .toList();
  }

  /** Σ ε_c²·E_c ≤ ε²·Σ E_c, whatever is kept together; and nobody is lost. */
  @Property(tries = 300)
  void theLimitsKeepToTheJointLimit(
      @ForAll @DoubleRange(min = 0, max = 0.99) double limit,
      @ForAll @IntRange(min = 1, max = 5) int fileCount,
      @ForAll long seed) {
    Collection collection = new Collection(seed, fileCount);
    List<EncodeTask> allocated = new Allocator(settings(limit)).allocate(collection.files);

    assertEquals(
        collection.files.stream().map(EncodeTask::file).toList(),
        allocated.stream().map(EncodeTask::file).toList());
    assertEquals(
        members(collection.files).stream().map(MemberTask::ordinal).toList(),
        members(allocated).stream().map(MemberTask::ordinal).toList());
    Set<String> ids = new HashSet<>();
    ScaledEnergy lost = ScaledEnergy.ZERO;
    for (EncodeTask file : allocated) {
      for (ClusterTask cluster : file.clusters()) {
        assertTrue(ids.add(cluster.id()), cluster.id());
        assertTrue(cluster.prospect().isEmpty());
        ScaledEnergy energy = collection.energy(cluster.members());
        if (energy.value() > 0) {
          double own = cluster.limit().orElseThrow();
          assertTrue(own >= 0 && own <= 1, own + " for " + cluster.id());
          lost = lost.plus(energy.times(own * own));
        }
      }
    }
    ScaledEnergy all = collection.energy(members(allocated));
    double joint = lost.relativeTo(all);
    assertTrue(joint <= limit, joint + " of " + limit);
  }

  /** One cluster has no one to share with. */
  @Property(tries = 50)
  void aClusterByItselfHasTheLimitOfTheRun(
      @ForAll @DoubleRange(min = 0.01, max = 0.9) double limit, @ForAll long seed) {
    Collection collection = new Collection(seed, 1);
    ClusterTask only = collection.cluster("only", 1, 0);
    EncodeTask file = new EncodeTask("f", List.of(only), List.of(), StageTimes.none());
    List<EncodeTask> allocated = new Allocator(settings(limit)).allocate(List.of(file));
    double own = allocated.get(0).clusters().get(0).limit().orElseThrow();
    assertEquals(limit, own, limit * 1e-5);
  }

  /** A large cluster with nothing to save leaves the budget to one that loses directions for it. */
  @Property(tries = 30)
  void theBudgetGoesWhereItSaves(@ForAll long seed) {
    Collection collection = new Collection(seed, 1);
    int n = 12;
    double[] flat = new double[n];
    Arrays.fill(flat, 1);
    double[] steep = new double[n];
    for (int i = 0; i < n; i++) {
      steep[i] = Math.scalb(0.1, -i);
    }
    EncodeTask file =
        new EncodeTask(
            "f",
            List.of(one(collection, "flat", flat), one(collection, "steep", steep)),
            List.of(),
            StageTimes.none());
    List<ClusterTask> clusters =
        new Allocator(settings(0.1)).allocate(List.of(file)).get(0).clusters();
    double limitOfSteep = clusters.get(1).limit().orElseThrow();
    assertTrue(limitOfSteep > 0.2, String.valueOf(limitOfSteep));
  }

  private static ClusterTask one(Collection collection, String id, double[] squares) {
    Spectrum spectrum = Spectrum.ofKept(squares, 0);
    int n = squares.length;
    TradeOff curve = TradeOff.ofMatrix(spectrum, ROWS, n, Integer.MAX_VALUE, 0);
    ScaledEnergy energy = new ScaledEnergy(spectrum.energy(), 0);
    return new ClusterTask(
        id,
        List.of(collection.member(n, energy)),
        squares,
        0,
        Integer.MAX_VALUE,
        OptionalInt.empty(),
        OptionalDouble.empty(),
        Optional.of(new Prospect(energy, 0, curve, List.of(spectrum))));
  }
}
