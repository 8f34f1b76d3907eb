package io.github.colonnade.tests.benchmark;

import io.github.colonnade.bounds.Scope;
import io.github.colonnade.svd.factor.BlockLoader;
import io.github.colonnade.svd.factor.ClusterEncoder;
import io.github.colonnade.svd.factor.EncodedBlock;
import io.github.colonnade.svd.factor.EncoderSettings;
import io.github.colonnade.svd.factor.Encoding;
import io.github.colonnade.svd.factor.KeptRows;
import io.github.colonnade.svd.factor.Member;
import io.github.colonnade.svd.lost.LostPlan;
import io.github.colonnade.svd.partition.PlannedCluster;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A partition as the encoder stores it, with limits checked by multiplying the stored factors.
 *
 * @param numbers stored, from the lengths of what is stored
 * @param broken limits
 * @param clusters that several blocks share
 * @param members of these
 */
record Encoded(long numbers, int broken, int clusters, int members) {

  private static final Float32 FORMAT = new Float32();

  static Encoded of(Case of, List<PlannedCluster> partition) {
    DataSet data = of.data();
    ClusterEncoder encoder =
        new ClusterEncoder(of.la(), new EncoderSettings(of.limit(), Integer.MAX_VALUE, FORMAT));
    Encoded sum = new Encoded(0, 0, 0, 0);
    for (PlannedCluster cluster : partition) {
      List<Member> members = new ArrayList<>();
      for (int j : cluster.members()) {
        int exponent = Families.exponent(data.blocks().get(j));
        members.add(new Member(j, data.columns(j), exponent, of.costs().lone(j)));
      }
      for (Encoding each :
          encoder.encode(data.rows(), members, cluster.sharedDirections(), loader(of))) {
        sum = sum.plus(measured(of, each));
      }
    }
    return sum;
  }

  private Encoded plus(Encoded other) {
    return new Encoded(
        numbers + other.numbers,
        broken + other.broken,
        clusters + other.clusters,
        members + other.members);
  }

  private static BlockLoader loader(Case of) {
    return position -> {
      float[] block = of.data().blocks().get(position);
      int exponent = Families.exponent(block);
      double[] scaled = new double[block.length];
      for (int i = 0; i < block.length; i++) {
        scaled[i] = Math.scalb((double) block[i], -exponent);
      }
      return of.la().fromColumns(scaled, of.data().rows(), of.data().columns(position));
    };
  }

  private static Encoded measured(Case of, Encoding encoding) {
    if (encoding instanceof Encoding.Raw raw) {
      return new Encoded(of.data().blocks().get(raw.position()).length, 0, 0, 0);
    }
    Encoding.LowRank shared = (Encoding.LowRank) encoding;
    double[] basis = FORMAT.decode(shared.basis());
    long numbers = numbers(shared.basis()) + numbers(shared.mask());
    int number = 0;
    int broken = 0;
    double outside = 0;
    double all = 0;
    for (EncodedBlock block : shared.blocks()) {
      numbers += numbers(block.coefficients());
      numbers +=
          (long) of.data().rows() * block.channels().length
              + LostPlan.bitmapNumbers(block.channels(), Float.BYTES);
      float[] a = of.data().blocks().get(block.position());
      int[] used =
          shared.mask().length == 0
              ? KeptRows.all(shared.rank())
              : KeptRows.read(shared.mask(), shared.blocks().size(), shared.rank()).rows(number++);
      double rest = residual(a, of.data().rows(), basis, shared.rank(), block, used);
      double energy = energy(a);
      outside += rest;
      all += energy;
      if (of.limit().scope() == Scope.BLOCK && of.costs().isOver(rest, energy)) {
        broken++;
      }
    }
    if (of.limit().scope() == Scope.CLUSTER && of.costs().isOver(outside, all)) {
      broken = 1;
    }
    boolean several = shared.blocks().size() > 1;
    return new Encoded(numbers, broken, several ? 1 : 0, several ? shared.blocks().size() : 0);
  }

  private static long numbers(byte[] bytes) {
    return ((long) bytes.length + Float.BYTES - 1) / Float.BYTES;
  }

  /** ‖A − scale·U·C‖² with the stored factors, whose numbers come row after row. */
  private static double residual(
      float[] a, int m, double[] basis, int rank, EncodedBlock block, int[] used) {
    int n = a.length / m;
    double[] coefficients = block.values(FORMAT, n);
    int[] channels = block.channels();
    int[] others =
        IntStream.range(0, n).filter(j -> Arrays.binarySearch(channels, j) < 0).toArray();
    double sum = 0;
    double[] row = new double[n];
    for (int i = 0; i < m; i++) {
      Arrays.fill(row, 0);
      for (int l = 0; l < used.length; l++) {
        double u = block.scale() * basis[i * rank + used[l]];
        for (int j = 0; j < others.length; j++) {
          row[others[j]] += u * coefficients[l * others.length + j];
        }
      }
      for (int j : others) {
        double difference = a[i + j * m] - row[j];
        sum += difference * difference;
      }
    }
    return sum;
  }

  private static double energy(float[] values) {
    double sum = 0;
    for (float x : values) {
      sum += (double) x * x;
    }
    return sum;
  }
}
