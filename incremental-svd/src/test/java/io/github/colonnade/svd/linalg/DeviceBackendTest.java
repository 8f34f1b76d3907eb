package io.github.colonnade.svd.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class DeviceBackendTest {

  private static final LinearAlgebra HOST = new Nd4jLinearAlgebra(new HostBackend());

  /** Counts what comes to a device, and fails from a product on. */
  private static final class CountingDevice implements Device {
    private final Nd4jDevice device = new Nd4jDevice(0);
    private final int failsFrom;
    private int products;

    CountingDevice(int failsFrom) {
      this.failsFrom = failsFrom;
    }

    @Override
    public String name() {
      return "a device that fails from product " + failsFrom + " on";
    }

    @Override
    public void product(
        NativeMatrix a, boolean transposeA, NativeMatrix b, boolean transposeB, NativeMatrix c) {
      if (++products >= failsFrom) {
        throw new IllegalStateException("out of device memory");
      }
      device.product(a, transposeA, b, transposeB, c);
    }
  }

  private static double[] gaussian(int length, long seed) {
    return new Random(seed).doubles(length, -1, 1).toArray();
  }

  @Test
  void onlyProductsAboveTheThresholdGoToTheDevice() {
    CountingDevice device = new CountingDevice(Integer.MAX_VALUE);
    // 2mnk of 20x30 by 30x20 is 24,000, for 1,600 elements: 15 for each.
    LinearAlgebra la =
        new Nd4jLinearAlgebra(new DeviceBackend(device, new OffloadThreshold(24_000, 15)));
    try (MatrixScope scope = new MatrixScope()) {
      Matrix a = scope.own(la.fromColumns(gaussian(600, 1), 20, 30));
      Matrix b = scope.own(la.fromColumns(gaussian(600, 2), 30, 20));
      scope.own(la.product(a, b));
      assertEquals(1, device.products);
      // 2mnk of 30x20 by 20x30 is 36,000, for 2,100 elements: 17 for each.
      scope.own(la.transposedProduct(a, a));
      assertEquals(2, device.products);
      scope.own(la.productTransposed(a, scope.own(la.columns(a, 0, 30))));
      assertEquals(3, device.products);
      // One column less is not enough.
      scope.own(la.product(a, scope.own(la.columns(b, 0, 19))));
      assertEquals(3, device.products);
      // Enough operations, and too few for each element.
      Matrix thin = scope.own(la.fromColumns(gaussian(6000, 3), 3000, 2));
      scope.own(la.productTransposed(thin, thin));
      assertEquals(3, device.products);
      assertTrue(new OffloadThreshold(24_000, 0).isReached(3000, 3000, 2));
    }
  }

  @Test
  void theDefaultKeepsProjectionsOnFewDirectionsOnTheHost() {
    assertTrue(OffloadThreshold.DEFAULT.isReached(1024, 1024, 1024));
    assertFalse(OffloadThreshold.DEFAULT.isReached(100_000, 100_000, 32));
    assertFalse(OffloadThreshold.DEFAULT.isReached(256, 256, 256));
    assertTrue(
        OffloadThreshold.NONE.isReached(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE));
  }

  @Test
  void aDeviceThatFailsIsNotAskedAgainAndNoResultIsLost() {
    for (int failsFrom = 1; failsFrom <= 3; failsFrom++) {
      CountingDevice device = new CountingDevice(failsFrom);
      LinearAlgebra la = new Nd4jLinearAlgebra(new DeviceBackend(device, OffloadThreshold.NONE));
      double[] a = gaussian(12 * 7, 4);
      double[] b = gaussian(7 * 9, 5);
      double[] c = gaussian(12 * 9, 6);
      try (MatrixScope scope = new MatrixScope()) {
        for (LinearAlgebra each : new LinearAlgebra[] {HOST, la}) {
          Matrix left = scope.own(each.fromColumns(a, 12, 7));
          Matrix right = scope.own(each.fromColumns(b, 7, 9));
          Matrix sum = scope.own(each.fromColumns(c, 12, 9));
          each.subtractProductInPlace(sum, left, right);
          Matrix product = scope.own(each.product(left, right));
          each.subtractProductInPlace(sum, left, right);
          double[] expected = c.clone();
          double[] exact = LinearAlgebraContract.multiply(a, 12, 7, b, 9);
          for (int i = 0; i < expected.length; i++) {
            expected[i] -= 2 * exact[i];
          }
          assertArrayEquals(expected, sum.toDoubles(), 1e-13);
          assertArrayEquals(exact, product.toDoubles(), 1e-13);
        }
      }
      assertEquals(failsFrom, device.products);
    }
  }

  @Test
  void decompositionsNeverGoToTheDevice() {
    CountingDevice device = new CountingDevice(1);
    LinearAlgebra la = new Nd4jLinearAlgebra(new DeviceBackend(device, OffloadThreshold.NONE));
    try (MatrixScope scope = new MatrixScope()) {
      Matrix a = scope.own(la.fromColumns(gaussian(40 * 30, 7), 40, 30));
      scope.own(la.qr(a));
      scope.own(la.leftSvd(a));
      Matrix g = scope.own(HOST.gram(a));
      scope.own(la.symmetricEigen(g));
      la.symmetricEigenvalues(g);
      assertEquals(0, device.products);
    }
  }
}
