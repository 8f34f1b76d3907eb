package io.github.colonnade.bounds;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.DoubleStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.domains.Domain;

/** The decomposition that the other tests take for the truth. */
@Domain(BlockCollections.class)
class JacobiSvdReferenceTest {

  @Example
  void knownSingularValues() {
    double[][] a = {{3, 0}, {4, 5}};
    assertArrayEquals(new double[] {45, 5}, JacobiSvd.of(a).squaredSingularValues(), 1e-13);
  }

  @Example
  void keepsTheRelativePrecisionOfSmallSingularValues() {
    double[][] a = {{1, 1}, {0, 1e-12}};
    double[] values = JacobiSvd.of(a).squaredSingularValues();
    assertEquals(5e-25, values[1], 1e-35);
  }

  @Property(tries = 100)
  void diagonalisesTheGramMatrix(@ForAll BlockCollections.Blocks blocks) {
    double[][] a = blocks.joined();
    JacobiSvd svd = JacobiSvd.of(a);
    double energy = blocks.energy();
    double[] values = svd.squaredSingularValues();
    assertEquals(energy, DoubleStream.of(values).sum(), 1e-13 * energy);

    double[][] identity = Matrices.transposeTimes(svd.left(), svd.left());
    double[][] rotated = Matrices.transposeTimes(svd.left(), a);
    for (int i = 0; i < values.length; i++) {
      for (int j = 0; j < values.length; j++) {
        assertEquals(i == j ? 1 : 0, identity[i][j], 1e-13);
        double gram = 0;
        for (int k = 0; k < a[0].length; k++) {
          gram += rotated[i][k] * rotated[j][k];
        }
        assertEquals(i == j ? values[i] : 0, gram, 1e-13 * energy);
      }
    }
  }
}
