package io.github.colonnade.svd.linalg;

import java.util.Optional;
import java.util.OptionalInt;

/** Chooses the linear algebra of a task. */
public final class LinearAlgebras {

  private LinearAlgebras() {}

  /**
   * The linear algebra for the calling thread.
   *
   * @param device the index of the CUDA device for large products, to which the thread is pinned;
   *     empty for the host alone. If the device cannot be used, the host does its work, and a
   *     warning in the log says why, once for the process
   */
  public static LinearAlgebra open(OptionalInt device) {
    if (device.isEmpty()) {
      return new Nd4jLinearAlgebra();
    }
    int index = device.getAsInt();
    Optional<String> obstacle = Cuda.obstacle(index);
    if (obstacle.isPresent()) {
      return insteadOfDevice("device " + index, obstacle.get());
    }
    return new Nd4jLinearAlgebra(
        new DeviceBackend(new Nd4jDevice(index), OffloadThreshold.DEFAULT));
  }

  /**
   * The linear algebra of the host, where a device was to be used and there is none; a warning in
   * the log says so, once for the process.
   *
   * @param reason why, as the end of a sentence
   */
  public static LinearAlgebra insteadOfDevice(String reason) {
    return insteadOfDevice("a device", reason);
  }

  private static LinearAlgebra insteadOfDevice(String device, String reason) {
    CpuFallback.warnOnce(device, reason);
    return new Nd4jLinearAlgebra();
  }
}
