package io.github.colonnade.svd.linalg;

import io.github.colonnade.svd.sketch.Sketch;
import io.github.colonnade.svd.sketch.Sketcher;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Products and sketches on the host and on device 0, as a table. {@code tests/gpu/run.sh} runs it
 * on a machine with a device; with ND4J's CPU backend the device is the host by way of ND4J's
 * arrays.
 *
 * <p>A main program and not JMH: each product takes long enough to be timed by itself, and the
 * parts of one product are to be set beside each other.
 */
final class DeviceBenchmark {

  private static final int LEAST_REPEATS = 5;
  private static final long LEAST_NANOS = 500_000_000L;

  /** m, k, n of products of m×k by k×n: square ones, projections and a panel. */
  private static final List<int[]> PRODUCTS =
      List.of(
          new int[] {128, 128, 128},
          new int[] {256, 256, 256},
          new int[] {512, 512, 512},
          new int[] {1024, 1024, 1024},
          new int[] {2048, 2048, 2048},
          new int[] {4096, 4096, 4096},
          new int[] {4096, 4096, 16},
          new int[] {4096, 4096, 64},
          new int[] {4096, 4096, 256},
          new int[] {256, 16384, 256});

  private static final List<int[]> BLOCKS =
      List.of(
          new int[] {384, 64},
          new int[] {512, 2048},
          new int[] {1024, 4096},
          new int[] {2048, 8192});

  private final HostBackend host = new HostBackend();
  private final Nd4jDevice device = new Nd4jDevice(0);
  private final long largest;

  private DeviceBenchmark(long largest) {
    this.largest = largest;
  }

  /**
   * Prints the table.
   *
   * @param arguments nothing, or the operations of the largest product to be made, as 1e9
   */
  public static void main(String[] arguments) {
    DeviceBenchmark benchmark =
        new DeviceBenchmark(
            arguments.length == 0 ? Long.MAX_VALUE : (long) Double.parseDouble(arguments[0]));
    System.out.println("host: " + benchmark.host.name() + ", one thread");
    System.out.println("device: " + benchmark.device.name());
    benchmark.products();
    benchmark.sketches();
  }

  private void products() {
    System.out.printf(
        Locale.ROOT,
        "%n%-22s %-8s %10s %10s %10s %8s %10s %7s%n",
        "product",
        "",
        "host ms",
        "device ms",
        "no copies",
        "speedup",
        "difference",
        "goes to");
    for (Precision precision : Precision.values()) {
      for (int[] size : PRODUCTS) {
        if (2L * size[0] * size[1] * size[2] <= largest) {
          product(size[0], size[1], size[2], precision);
        }
      }
    }
  }

  private void product(int m, int k, int n, Precision precision) {
    LinearAlgebra la = new Nd4jLinearAlgebra(host);
    try (MatrixScope scope = new MatrixScope()) {
      NativeMatrix a = NativeMatrix.of(scope.own(gaussian(la, m, k, precision)));
      NativeMatrix b = NativeMatrix.of(scope.own(gaussian(la, k, n, precision)));
      NativeMatrix onHost = NativeMatrix.of(scope.own(la.zeros(m, n, precision)));
      NativeMatrix onDevice = NativeMatrix.of(scope.own(la.zeros(m, n, precision)));
      double hostMillis = millis(() -> host.product(a, false, b, false, onHost));
      double deviceMillis = millis(() -> device.product(a, false, b, false, onDevice));
      double noCopies;
      try (INDArray left = device.copied(a);
          INDArray right = device.copied(b);
          INDArray result = device.uninitialized(onDevice)) {
        noCopies = millis(() -> device.multiply(left, false, right, false, result));
      }
      double norm = Math.sqrt(la.energy(onHost));
      host.add(-1, onHost, onDevice);
      System.out.printf(
          Locale.ROOT,
          "%-22s %-8s %10.3f %10.3f %10.3f %8.2f %10.1e %7s%n",
          m + "x" + k + " by " + k + "x" + n,
          precision.label(),
          hostMillis,
          deviceMillis,
          noCopies,
          hostMillis / deviceMillis,
          Math.sqrt(la.energy(onDevice)) / norm,
          OffloadThreshold.DEFAULT.isReached(m, n, k) ? "device" : "host");
    }
  }

  private void sketches() {
    System.out.printf(
        Locale.ROOT,
        "%n%-22s %-8s %10s %10s %8s %10s%n",
        "sketch",
        "",
        "host ms",
        "device ms",
        "speedup",
        "difference");
    LinearAlgebra onHost = new Nd4jLinearAlgebra(host);
    LinearAlgebra onDevice =
        new Nd4jLinearAlgebra(new DeviceBackend(device, OffloadThreshold.DEFAULT));
    for (Precision precision : Precision.values()) {
      for (int[] size : BLOCKS) {
        if (2L * size[0] * size[0] * size[1] <= largest) {
          double[] energies = new double[2];
          double hostMillis = sketch(onHost, size[0], size[1], precision, energies, 0);
          double deviceMillis = sketch(onDevice, size[0], size[1], precision, energies, 1);
          System.out.printf(
              Locale.ROOT,
              "%-22s %-8s %10.3f %10.3f %8.2f %10.1e%n",
              size[0] + "x" + size[1],
              precision.label(),
              hostMillis,
              deviceMillis,
              hostMillis / deviceMillis,
              Math.abs(energies[0] - energies[1]) / energies[0]);
        }
      }
    }
  }

  /** A sketch of an eighth of the directions; tells the energy that it captures. */
  private static double sketch(
      LinearAlgebra la, int m, int n, Precision precision, double[] energies, int at) {
    try (Matrix a = gaussian(la, m, n, precision)) {
      Sketcher sketcher = new Sketcher(la, precision, Math.min(m, n) / 8);
      return millis(
          () -> {
            try (Sketch sketch = sketcher.sketch(a)) {
              energies[at] = 0;
              for (int i = 0; i < sketch.rank(); i++) {
                energies[at] += sketch.spectrum().squaredSingularValue(i);
              }
            }
          });
    }
  }

  private static Matrix gaussian(LinearAlgebra la, int m, int n, Precision precision) {
    Random random = new Random(m * 31L + n);
    double[] values = new double[m * n];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
    try (Matrix doubles = la.fromColumns(values, m, n)) {
      return la.cast(doubles, precision);
    }
  }

  /** The median of some runs after one that does not count. */
  private static double millis(Runnable work) {
    work.run();
    double[] times = new double[1000];
    int runs = 0;
    long begin = System.nanoTime();
    while (runs < LEAST_REPEATS
        || (runs < times.length && System.nanoTime() - begin < LEAST_NANOS)) {
      long start = System.nanoTime();
      work.run();
      times[runs++] = (System.nanoTime() - start) / 1e6;
    }
    Arrays.sort(times, 0, runs);
    return times[runs / 2];
  }
}
