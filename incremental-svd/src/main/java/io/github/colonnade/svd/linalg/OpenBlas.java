package io.github.colonnade.svd.linalg;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;

/**
 * The BLAS and LAPACK of the host, loaded once for the process.
 *
 * <p>It is set to one thread: parallelism belongs to the Flink slots, and BLAS threads that fight
 * them make small products a hundred times slower.
 */
final class OpenBlas {

  static {
    Loader.load(openblas.class);
    useOneThread();
  }

  private OpenBlas() {}

  static void ensureLoaded() {}

  static void useOneThread() {
    openblas.blas_set_num_threads(1);
  }
}
