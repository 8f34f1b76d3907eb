package io.github.colonnade.svd.linalg;

import static org.bytedeco.openblas.global.openblas.LAPACKE_dge_trans;
import static org.bytedeco.openblas.global.openblas.LAPACKE_dtr_trans;
import static org.bytedeco.openblas.global.openblas.LAPACK_COL_MAJOR;

import org.bytedeco.javacpp.DoublePointer;

/** Symmetric matrices of which one triangle is there. */
final class Triangles {

  /** Up to here a tile is the whole matrix. */
  private static final int ONE_TILE = 100;

  /** Edge of a tile: as many lines as fit into the cache where columns are powers of two apart. */
  private static final int TILE = 8;

  private Triangles() {}

  /**
   * Copies the upper triangle to the lower one.
   *
   * @param a n×n, at least 1×1, column after column
   */
  static void mirror(DoublePointer a, int n) {
    int edge = n <= ONE_TILE ? n : TILE;
    DoublePointer from = new DoublePointer(a);
    DoublePointer to = new DoublePointer(a);
    for (int j = 0; j < n; j += edge) {
      int columns = Math.min(edge, n - j);
      for (int i = 0; i < j; i += edge) {
        from.position((long) j * n + i);
        to.position((long) i * n + j);
        LAPACKE_dge_trans(LAPACK_COL_MAJOR, edge, columns, from, n, to, n);
      }
      from.position((long) j * n + j);
      LAPACKE_dtr_trans(LAPACK_COL_MAJOR, (byte) 'U', (byte) 'N', columns, from, n, from, n);
    }
  }
}
