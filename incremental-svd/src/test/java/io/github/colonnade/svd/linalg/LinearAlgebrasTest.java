package io.github.colonnade.svd.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIf;

class LinearAlgebrasTest {

  static boolean cudaIsThere() {
    return Cuda.isOnClassPath();
  }

  @Test
  void withoutADeviceNothingIsTried() {
    assertEquals(new Nd4jLinearAlgebra().name(), LinearAlgebras.open(OptionalInt.empty()).name());
  }

  @Test
  @DisabledIf("cudaIsThere")
  void withoutTheCudaBackendTheHostDoesTheWorkOfTheDevice() {
    Optional<String> obstacle = Cuda.obstacle(0);
    assertEquals("ND4J's CUDA backend is not on the class path", obstacle.orElseThrow());
    LinearAlgebra la = LinearAlgebras.open(OptionalInt.of(0));
    assertTrue(la.name().endsWith("CpuBackend"), la.name());
    try (Matrix a = la.fromColumns(new double[] {1, 2, 3, 4}, 2, 2);
        Matrix b = la.product(a, a)) {
      assertArrayEquals(new double[] {7, 10, 15, 22}, b.toDoubles());
    }
  }

  @Test
  void theFirstCauseIsToldInALine() {
    assertEquals(
        "no jnicudart in java.library.path",
        CpuFallback.cause(
            new ExceptionInInitializerError(
                new IllegalStateException(
                    "not loaded",
                    new UnsatisfiedLinkError("no jnicudart in java.library.path\n at x")))));
    assertEquals("StackOverflowError", CpuFallback.cause(new StackOverflowError()));
  }
}
