package io.github.colonnade.svd.partition;

import io.github.colonnade.svd.linalg.Matrix;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A matrix that is made when it is first asked for: many passes never do. */
final class LazyMatrix implements AutoCloseable {

  private final Supplier<Matrix> maker;
  private @Nullable Matrix made;

  LazyMatrix(Supplier<Matrix> maker) {
    this.maker = maker;
  }

  /** The matrix, which stays owned by this. */
  Matrix get() {
    Matrix matrix = made;
    if (matrix == null) {
      matrix = maker.get();
      made = matrix;
    }
    return matrix;
  }

  @Override
  public void close() {
    if (made != null) {
      made.close();
    }
  }
}
