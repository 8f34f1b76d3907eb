package io.github.colonnade.jobs.layout;

import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.view.MatrixForm;
import io.github.colonnade.connectors.view.Orientation;
import io.github.colonnade.jobs.plan.Undecided;

/**
 * How the matrices of a group are taken.
 *
 * @param width about how many columns the blocks of wide matrices have; {@link MatrixForm#WHOLE} if
 *     none is cut
 * @param exact whether every matrix is cut at just this width, as the user said
 */
record Form(Orientation orientation, long width, boolean exact) {

  static Form whole(Orientation orientation) {
    return new Form(orientation, MatrixForm.WHOLE, false);
  }

  Form turned() {
    return new Form(other(orientation), width, exact);
  }

  static Orientation other(Orientation orientation) {
    return orientation == Orientation.AS_STORED ? Orientation.TRANSPOSED : Orientation.AS_STORED;
  }

  /** The form of one shape: parts of it are equally wide, but for the last. */
  MatrixForm of(Shape shape) {
    long n = columns(shape, orientation);
    if (exact) {
      return new MatrixForm(orientation, width);
    }
    if (width >= n || !isWide(shape, orientation)) {
      return MatrixForm.whole(orientation);
    }
    long parts = Math.max(1, Math.round((double) n / width));
    return new MatrixForm(orientation, (n - 1) / parts + 1);
  }

  static boolean isWide(Shape shape, Orientation orientation) {
    return columns(shape, orientation) > Undecided.WIDE * rows(shape, orientation);
  }

  static long rows(Shape shape, Orientation orientation) {
    return shape.dim(orientation == Orientation.AS_STORED ? 0 : 1);
  }

  static long columns(Shape shape, Orientation orientation) {
    return rows(shape, other(orientation));
  }
}
