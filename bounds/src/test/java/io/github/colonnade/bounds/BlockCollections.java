package io.github.colonnade.bounds;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Provide;
import net.jqwik.api.domains.DomainContextBase;

/**
 * Small collections of blocks with one to six rows: dense, zero, of rank one, single columns, wide,
 * graded over many magnitudes and exact duplicates, at ordinary, tiny and huge scale.
 */
final class BlockCollections extends DomainContextBase {

  /** Blocks that share their row count. */
  record Blocks(List<double[][]> list) {

    int rows() {
      return list.get(0).length;
    }

    double[][] joined() {
      return Matrices.concatenate(list);
    }

    double energy() {
      return Matrices.energy(list);
    }

    double exactError(int r) {
      return Matrices.spectrum(joined()).error(r);
    }

    @Override
    public String toString() {
      return list.stream().map(Arrays::deepToString).toList().toString();
    }
  }

  private enum Kind {
    DENSE,
    ZERO,
    RANK_ONE,
    GRADED,
    DUPLICATE
  }

  private record Shape(Kind kind, int columns, double weight) {}

  @Provide
  Arbitrary<Blocks> blocks() {
    Arbitrary<Shape> shapes =
        Combinators.combine(
                Arbitraries.of(Kind.class),
                Arbitraries.integers().between(1, 8),
                Arbitraries.of(1.0, 1.0, 0.01, 1e-6))
            .as(Shape::new);
    return Combinators.combine(
            Arbitraries.integers().between(1, 6),
            shapes.list().ofMinSize(1).ofMaxSize(5),
            Arbitraries.of(1e-20, 1.0, 1.0, 1e20),
            Arbitraries.longs())
        .as(BlockCollections::generate);
  }

  private static Blocks generate(int rows, List<Shape> shapes, double scale, long seed) {
    Random random = new Random(seed);
    List<double[][]> blocks = new ArrayList<>();
    for (Shape shape : shapes) {
      boolean copies = shape.kind == Kind.DUPLICATE && !blocks.isEmpty();
      blocks.add(copies ? blocks.get(0) : block(rows, shape, scale * shape.weight, random));
    }
    return new Blocks(blocks);
  }

  private static double[][] block(int rows, Shape shape, double scale, Random random) {
    double[][] a = new double[rows][shape.columns];
    double[] left = random.doubles(rows, -1, 1).toArray();
    double[] right = random.doubles(shape.columns, -1, 1).toArray();
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < shape.columns; j++) {
        double entry = random.nextGaussian();
        a[i][j] =
            scale
                * switch (shape.kind) {
                  case ZERO -> 0;
                  case RANK_ONE -> left[i] * right[j];
                  case GRADED -> entry * Math.pow(10, -j);
                  case DENSE, DUPLICATE -> entry;
                };
      }
    }
    return a;
  }
}
