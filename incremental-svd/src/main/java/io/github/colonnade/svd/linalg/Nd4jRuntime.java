package io.github.colonnade.svd.linalg;

import org.nd4j.common.config.ND4JClassLoading;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J, started once for the process with the backend that it finds. */
final class Nd4jRuntime {

  static {
    // Otherwise that of the first caller's thread. In a Flink task that one ends with its job, as
    // does the one of this class; ND4J's own stays as long as what it loads for it.
    ND4JClassLoading.setNd4jClassloader(Nd4j.class.getClassLoader());
    Nd4j.create(1).close();
    // It has given BLAS as many threads as the machine has cores.
    OpenBlas.useOneThread();
  }

  private Nd4jRuntime() {}

  static void ensureStarted() {}

  static DataType dataType(Precision precision) {
    return precision == Precision.FLOAT32 ? DataType.FLOAT : DataType.DOUBLE;
  }
}
