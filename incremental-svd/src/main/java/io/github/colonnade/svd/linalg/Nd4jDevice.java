package io.github.colonnade.svd.linalg;

import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.concurrency.AffinityManager.Location;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A device of ND4J's CUDA backend: operands are copied to arrays of ND4J, multiplied there in their
 * own precision, and the result is copied back.
 *
 * <p>With ND4J's CPU backend the same steps run on arrays of the host, which is how they are tested
 * without a device.
 *
 * <p>For the maintainer, what the CUDA backend of ND4J 1.0.0-M2.1 wants: (1) an array has a copy on
 * the host and one on the device, each with a time stamp; whoever writes through {@code
 * data().pointer()} says so by {@code tagLocation(HOST)}, and whoever reads calls {@code
 * ensureLocation(HOST)} before. (2) What a product overwrites is not brought to the device, so that
 * products never add to an array that the host wrote. (3) {@code createUninitializedDetached}
 * ignores the order that it is given, so arrays are made by {@code createUninitialized}; no
 * workspace is open here. (4) Threads of a process share one cuBLAS handle for each device and set
 * their stream on it, so products on a device are made one at a time; copies need no lock.
 */
final class Nd4jDevice implements Device {

  private final int index;
  private final Object lock;

  /** The device with this index, to which the calling thread is pinned. */
  Nd4jDevice(int index) {
    Nd4jRuntime.ensureStarted();
    this.index = index;
    this.lock = lock(index);
    pinThread();
  }

  /** One object for the process, though every job of a Flink TaskManager loads this class anew. */
  static Object lock(int index) {
    return (Nd4jDevice.class.getName() + " " + index).intern();
  }

  /** Only where the thread is on another device: setting one throws its streams away. */
  private void pinThread() {
    AffinityManager affinity = Nd4j.getAffinityManager();
    if (affinity.getDeviceForCurrentThread() != index) {
      affinity.unsafeSetDevice(index);
    }
  }

  @Override
  public String name() {
    return "nd4j-" + Nd4j.getBackend().getClass().getSimpleName() + ", device " + index;
  }

  @Override
  public void product(
      NativeMatrix a, boolean transposeA, NativeMatrix b, boolean transposeB, NativeMatrix c) {
    pinThread();
    try (INDArray left = copied(a);
        INDArray right = a == b ? left : copied(b);
        INDArray result = uninitialized(c)) {
      multiply(left, transposeA, right, transposeB, result);
      Nd4j.getAffinityManager().ensureLocation(result, Location.HOST);
      Pointer.memcpy(c.memory().pointer(), result.data().pointer(), c.sizeBytes());
    }
  }

  /** The product alone, of arrays that are on the device; when it returns it is done. */
  void multiply(
      INDArray left, boolean transposeA, INDArray right, boolean transposeB, INDArray result) {
    synchronized (lock) {
      Nd4j.gemm(left, right, result, transposeA, transposeB, 1.0, 0.0);
    }
  }

  /** An array with the elements of A that is on the device when this returns. */
  INDArray copied(NativeMatrix a) {
    INDArray array = uninitialized(a);
    AffinityManager affinity = Nd4j.getAffinityManager();
    Pointer.memcpy(array.data().pointer(), a.memory().pointer(), a.sizeBytes());
    affinity.tagLocation(array, Location.HOST);
    affinity.ensureLocation(array, Location.DEVICE);
    return array;
  }

  INDArray uninitialized(NativeMatrix like) {
    return Nd4j.createUninitialized(
        Nd4jRuntime.dataType(like.precision()), new long[] {like.rows(), like.columns()}, 'f');
  }
}
