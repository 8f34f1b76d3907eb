package io.github.colonnade.tests.benchmark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.roaringbitmap.RoaringBitmap;
import org.tribuo.Example;
import org.tribuo.MutableDataset;
import org.tribuo.clustering.ClusterID;
import org.tribuo.clustering.ClusteringFactory;
import org.tribuo.clustering.hdbscan.HdbscanTrainer;
import org.tribuo.clustering.kmeans.KMeansModel;
import org.tribuo.clustering.kmeans.KMeansTrainer;
import org.tribuo.clustering.kmeans.KMeansTrainer.Initialisation;
import org.tribuo.impl.ArrayExample;
import org.tribuo.math.distance.DistanceType;
import org.tribuo.math.neighbour.NeighboursQueryFactoryType;
import org.tribuo.provenance.SimpleDataSourceProvenance;

/**
 * The baselines of the literature, which know nothing of subspaces: random clusters, and k-means
 * and HDBSCAN (by Tribuo) on {@link FlatBlocks}. Each runs over a sweep of its one parameter; the
 * clusters settle as those of every method, and the best of the sweep counts.
 */
final class FlatMethods {

  private static final int ITERATIONS = 50;
  private static final long SEED = 17;

  /** HDBSCAN's label of blocks that belong nowhere; here they stay alone. */
  private static final int OUTLIER = 0;

  private static final Logger TRIBUO = Logger.getLogger("org.tribuo");

  private FlatMethods() {}

  /** Finds a label for each block. */
  private interface Labels {
    int[] of(int parameter);
  }

  /** Every block in one of k clusters by chance. */
  static final class Random implements Method {
    @Override
    public String name() {
      return "random";
    }

    @Override
    public Result run(Case of) {
      return best(
          of,
          "k",
          counts(of),
          k -> new SplittableRandom(SEED).ints(of.data().size(), 0, k).toArray());
    }
  }

  /** k-means with k-means++ seeding. */
  static final class KMeans implements Method {
    @Override
    public String name() {
      return "k-means";
    }

    @Override
    public Result run(Case of) {
      MutableDataset<ClusterID> points = dataset(of);
      return best(of, "k", counts(of), k -> labels(points, k));
    }

    private static int[] labels(MutableDataset<ClusterID> points, int k) {
      KMeansTrainer trainer =
          new KMeansTrainer(
              k, ITERATIONS, DistanceType.L2.getDistance(), Initialisation.PLUSPLUS, 1, SEED);
      KMeansModel model = trainer.train(points);
      int[] labels = new int[points.size()];
      for (int i = 0; i < labels.length; i++) {
        labels[i] = model.predict(points.getExample(i)).getOutput().getID();
      }
      return labels;
    }
  }

  /** HDBSCAN; what it calls outliers stays alone. */
  static final class Hdbscan implements Method {
    private static final int NEIGHBOURS = 3;

    @Override
    public String name() {
      return "HDBSCAN";
    }

    @Override
    public Result run(Case of) {
      MutableDataset<ClusterID> points = dataset(of);
      List<Integer> sizes = counts(of).stream().filter(each -> each <= 64).toList();
      return best(of, "minimum size", sizes, size -> labels(points, size));
    }

    private static int[] labels(MutableDataset<ClusterID> points, int size) {
      HdbscanTrainer trainer =
          new HdbscanTrainer(
              size,
              DistanceType.L2.getDistance(),
              Math.min(NEIGHBOURS, points.size() - 1),
              1,
              NeighboursQueryFactoryType.BRUTE_FORCE);
      int[] labels =
          trainer.train(points).getClusterLabels().stream().mapToInt(Integer::intValue).toArray();
      int next = Arrays.stream(labels).max().orElse(OUTLIER) + 1;
      for (int i = 0; i < labels.length; i++) {
        if (labels[i] == OUTLIER) {
          labels[i] = next++;
        }
      }
      return labels;
    }
  }

  /** 2, 4, 8 … up to half the blocks. */
  private static List<Integer> counts(Case of) {
    List<Integer> counts = new ArrayList<>();
    for (int k = 2; k <= Math.max(2, of.data().size() / 2); k *= 2) {
      counts.add(k);
    }
    return counts;
  }

  private static Result best(Case of, String name, List<Integer> sweep, Labels labels) {
    Result best = new Result(of.data().numbers(), 0, 0, 0, "raw");
    for (int parameter : sweep) {
      Stopwatch watch = new Stopwatch();
      List<RoaringBitmap> partition = partition(labels.of(parameter));
      double cpu = watch.cpuSeconds();
      double wall = watch.wallSeconds();
      long numbers = of.costs().settled(partition);
      if (numbers < best.numbers()) {
        best =
            new Result(numbers, cpu, wall, 0, String.format(Locale.ROOT, "%s %d", name, parameter));
      }
    }
    return best;
  }

  static List<RoaringBitmap> partition(int[] labels) {
    Map<Integer, RoaringBitmap> clusters = new TreeMap<>();
    for (int j = 0; j < labels.length; j++) {
      clusters.computeIfAbsent(labels[j], label -> new RoaringBitmap()).add(j);
    }
    return List.copyOf(clusters.values());
  }

  private static MutableDataset<ClusterID> dataset(Case of) {
    TRIBUO.setLevel(Level.WARNING);
    double[][] points = FlatBlocks.points(of.la(), of.data());
    String[] names = new String[points.length];
    for (int i = 0; i < names.length; i++) {
      names[i] = String.format(Locale.ROOT, "x%06d", i);
    }
    ClusteringFactory factory = new ClusteringFactory();
    MutableDataset<ClusterID> dataset =
        new MutableDataset<>(new SimpleDataSourceProvenance("blocks", factory), factory);
    for (double[] point : points) {
      Example<ClusterID> example =
          new ArrayExample<>(ClusteringFactory.UNASSIGNED_CLUSTER_ID, names, point);
      dataset.add(example);
    }
    return dataset;
  }
}
