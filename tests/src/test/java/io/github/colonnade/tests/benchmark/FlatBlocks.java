package io.github.colonnade.tests.benchmark;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.Eigen;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;

/**
 * Blocks as points of a vector space: their numbers in one vector each, scaled to norm 1.
 *
 * <p>Clustering algorithms use distances only, and the distances between N points of any space are
 * also those of points in N dimensions. So the vectors are replaced by their coordinates in the
 * space that they span, from the eigenvectors of their Gram matrix in double.
 */
final class FlatBlocks {

  private FlatBlocks() {}

  /** The coordinates of each block, as many for each as there are blocks. */
  static double[][] points(LinearAlgebra la, DataSet data) {
    int count = data.size();
    try (MatrixScope scope = new MatrixScope()) {
      Matrix gram = scope.own(la.gram(scope.own(vectors(la, data))));
      Eigen eigen = scope.own(la.symmetricEigen(gram));
      double[] elements = eigen.vectors().toDoubles();
      double[][] points = new double[count][count];
      for (int i = 0; i < count; i++) {
        double length = Math.sqrt(Math.max(0, eigen.values()[i]));
        for (int j = 0; j < count; j++) {
          points[j][i] = length * elements[j + i * count];
        }
      }
      return points;
    }
  }

  private static Matrix vectors(LinearAlgebra la, DataSet data) {
    int longest = data.blocks().stream().mapToInt(each -> each.length).max().orElse(0);
    double[] vectors = new double[Math.multiplyExact(longest, data.size())];
    for (int j = 0; j < data.size(); j++) {
      float[] block = data.blocks().get(j);
      double energy = 0;
      for (float x : block) {
        energy += (double) x * x;
      }
      for (int i = 0; i < block.length; i++) {
        vectors[i + j * longest] = block[i] / Math.sqrt(energy);
      }
    }
    return la.fromColumns(vectors, longest, data.size());
  }
}
