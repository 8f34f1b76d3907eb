package io.github.colonnade.svd.linalg;

import java.util.Optional;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.factory.Nd4jBackend;

/**
 * ND4J's CUDA backend, which a class path may have or not.
 *
 * <p>ND4J chooses the backend of a process by itself, the CUDA one first, and prints a stack trace
 * if that cannot run. So it is asked here first, and ND4J is started only if it can; if it cannot,
 * this process does without ND4J.
 */
final class Cuda {

  private static final String BACKEND = "org.nd4j.linalg.jcublas.JCublasBackend";

  private static final boolean ON_CLASS_PATH =
      Cuda.class.getClassLoader().getResource(BACKEND.replace('.', '/') + ".class") != null;

  private Cuda() {}

  /** Looked for without starting it. */
  static boolean isOnClassPath() {
    return ON_CLASS_PATH;
  }

  /** Why a device cannot be used in this process, or nothing. Starts the backend. */
  static Optional<String> obstacle(int device) {
    if (!ON_CLASS_PATH) {
      return Optional.of("ND4J's CUDA backend is not on the class path");
    }
    if (Started.OBSTACLE.isPresent()) {
      return Started.OBSTACLE;
    }
    int devices = Nd4j.getAffinityManager().getNumberOfDevices();
    return device < devices
        ? Optional.empty()
        : Optional.of("CUDA has " + devices + " devices in this process, numbered from 0");
  }

  /** Starts the backend once for the process. */
  private static final class Started {
    private static final Optional<String> OBSTACLE = start();

    private static Optional<String> start() {
      try {
        Nd4jBackend backend =
            Class.forName(BACKEND).asSubclass(Nd4jBackend.class).getConstructor().newInstance();
        if (!backend.canRun()) {
          return Optional.of("ND4J's CUDA backend cannot run here");
        }
        Nd4jRuntime.ensureStarted();
        return backend.getClass().isInstance(Nd4j.getBackend())
            ? Optional.empty()
            : Optional.of("ND4J chose " + Nd4j.getBackend().getClass().getSimpleName());
      } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
        return Optional.of("ND4J's CUDA backend does not start: " + CpuFallback.cause(e));
      }
    }
  }
}
