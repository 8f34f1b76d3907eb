package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.jobs.compress.EncodeTask.StoredBasis;
import io.github.colonnade.jobs.stored.StoredTensors;
import io.github.colonnade.svd.factor.GivenBasis;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import java.io.Closeable;
import java.io.IOException;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/** The bases that a collection has. Not safe for use by several threads. */
final class StoredBases implements Closeable {

  private final LinearAlgebra la;
  private final String directory;
  private @Nullable StoredTensors tensors;

  /**
   * @param directory of the collection, a URI; looked into when the first basis is opened
   */
  StoredBases(LinearAlgebra la, String directory) {
    this.la = la;
    this.directory = directory;
  }

  /**
   * Reads a basis, which the caller closes.
   *
   * @param rows m
   * @param format the number format that it must have
   */
  GivenBasis open(StoredBasis basis, int rows, FactorFormat format) throws IOException {
    DType dtype = dtype(basis);
    if (dtype != format.dtype()) {
      throw FormatException.of(
          basis.file(), basis.tensor(), "expected " + format.dtype() + ", found " + dtype);
    }
    double[] values = opened().columns(basis.location(), rows, basis.rank());
    try (Matrix stored = la.fromColumns(values, rows, basis.rank())) {
      return GivenBasis.of(la, stored, format);
    }
  }

  /** The number format of a basis. */
  DType dtype(StoredBasis basis) throws IOException {
    return opened().info(basis.location()).dtype();
  }

  private StoredTensors opened() {
    if (tensors == null) {
      tensors = new StoredTensors(new Path(directory));
    }
    return tensors;
  }

  @Override
  public void close() throws IOException {
    if (tensors != null) {
      tensors.close();
    }
  }
}
