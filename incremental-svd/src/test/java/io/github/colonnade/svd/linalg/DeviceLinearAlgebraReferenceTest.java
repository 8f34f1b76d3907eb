package io.github.colonnade.svd.linalg;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Every product by way of ND4J's arrays: those of device 0 with the CUDA backend on the class path,
 * and those of the host with the CPU backend.
 */
class DeviceLinearAlgebraReferenceTest extends LinearAlgebraContract {

  private static final LinearAlgebra ALGEBRA =
      new Nd4jLinearAlgebra(new DeviceBackend(new Nd4jDevice(0), OffloadThreshold.NONE));

  @Override
  LinearAlgebra algebra() {
    return ALGEBRA;
  }

  @Test
  void theArraysAreThoseOfTheBackendOnTheClassPath() {
    String backend = Nd4j.getBackend().getClass().getSimpleName();
    assertTrue(
        backend.equals(Cuda.isOnClassPath() ? "JCublasBackend" : "CpuBackend"),
        "ND4J chose " + backend);
  }
}
