package io.github.colonnade.svd.linalg;

/**
 * Matrices in memory of the host, of which large products go to a device; all else, decompositions
 * in particular, stays on the host.
 *
 * <p>If the device fails, as when its memory is used up, the host does that product and all later
 * ones of this backend, and the log says so.
 */
final class DeviceBackend implements Backend {

  private final HostBackend host = new HostBackend();
  private final Device device;
  private final OffloadThreshold threshold;
  private volatile boolean deviceFailed;

  DeviceBackend(Device device, OffloadThreshold threshold) {
    this.device = device;
    this.threshold = threshold;
  }

  @Override
  public String name() {
    return device.name();
  }

  @Override
  public void close() {
    host.close();
  }

  @Override
  public NativeMatrix.Memory allocate(int rows, int columns, Precision precision) {
    return host.allocate(rows, columns, precision);
  }

  @Override
  public void product(
      NativeMatrix a, boolean transposeA, NativeMatrix b, boolean transposeB, NativeMatrix c) {
    if (!onDevice(a, transposeA, b, transposeB, c)) {
      host.product(a, transposeA, b, transposeB, c);
    }
  }

  /** The device never sees C: it is added to where it lies, which is the cheaper way to move it. */
  @Override
  public void addProduct(
      double weight,
      NativeMatrix a,
      boolean transposeA,
      NativeMatrix b,
      boolean transposeB,
      NativeMatrix c) {
    if (isForDevice(a, transposeA, c)) {
      try (NativeMatrix product =
          NativeMatrix.uninitialized(host, c.rows(), c.columns(), c.precision())) {
        if (onDevice(a, transposeA, b, transposeB, product)) {
          host.add(weight, product, c);
          return;
        }
      }
    }
    host.addProduct(weight, a, transposeA, b, transposeB, c);
  }

  @Override
  public void symmetricProduct(NativeMatrix a, boolean transposeA, NativeMatrix c) {
    if (isForDevice(a, transposeA, c)) {
      product(a, transposeA, a, !transposeA, c);
    } else {
      host.symmetricProduct(a, transposeA, c);
    }
  }

  @Override
  public void addSymmetricProduct(
      double weight, NativeMatrix a, boolean transposeA, NativeMatrix c) {
    if (isForDevice(a, transposeA, c)) {
      addProduct(weight, a, transposeA, a, !transposeA, c);
    } else {
      host.addSymmetricProduct(weight, a, transposeA, c);
    }
  }

  private boolean isForDevice(NativeMatrix a, boolean transposeA, NativeMatrix c) {
    int k = transposeA ? a.rows() : a.columns();
    return !deviceFailed && threshold.isReached(c.rows(), c.columns(), k);
  }

  /** Whether the product was worth the device and the device made it. */
  private boolean onDevice(
      NativeMatrix a, boolean transposeA, NativeMatrix b, boolean transposeB, NativeMatrix c) {
    if (!isForDevice(a, transposeA, c)) {
      return false;
    }
    try {
      device.product(a, transposeA, b, transposeB, c);
      return true;
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      deviceFailed = true;
      CpuFallback.warnOnce(device.name(), "a product of it failed: " + CpuFallback.cause(e));
      return false;
    }
  }
}
