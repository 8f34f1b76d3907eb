package io.github.colonnade.tests.benchmark;

import java.util.ArrayList;
import java.util.List;

/** Blocks that lie near a few subspaces, each shared by many of them. */
public final class SubspaceData {

  private SubspaceData() {}

  /**
   * What the blocks are made of.
   *
   * @param rows m
   * @param columns n of each block
   * @param families how many subspaces there are
   * @param blocksEach blocks of one subspace
   * @param dimension of each subspace
   * @param privateDirections of each block, which no other block has
   * @param privateShare the mean share of a block's energy in these; it differs between blocks
   * @param noise the norm of white noise over that of the rest
   */
  public record Shape(
      int rows,
      int columns,
      int families,
      int blocksEach,
      int dimension,
      int privateDirections,
      double privateShare,
      double noise) {}

  /** The blocks, taking turns among the subspaces; norms differ by about a factor of three. */
  public static DataSet of(Shape shape, long seed) {
    Noise noise = new Noise(seed);
    List<double[]> subspaces = new ArrayList<>();
    for (int i = 0; i < shape.families; i++) {
      subspaces.add(noise.gaussians(shape.rows * shape.dimension));
    }
    List<float[]> blocks = new ArrayList<>();
    for (int k = 0; k < shape.families * shape.blocksEach; k++) {
      double share = shape.privateShare * noise.uniform(0, 2);
      double[] block = new double[shape.rows * shape.columns];
      add(
          block,
          Math.sqrt(1 - share),
          product(subspaces.get(k % shape.families), shape.rows, shape.columns, noise));
      if (shape.privateDirections > 0) {
        double[] own = noise.gaussians(shape.rows * shape.privateDirections);
        add(block, Math.sqrt(share), product(own, shape.rows, shape.columns, noise));
      }
      add(block, shape.noise, unit(noise.gaussians(block.length)));
      blocks.add(floats(block, Math.exp(0.35 * noise.gaussian())));
    }
    return new DataSet(shape.rows, blocks);
  }

  /** Basis times random coefficients, scaled to norm 1. */
  private static double[] product(double[] basis, int rows, int columns, Noise noise) {
    double[] product = new double[rows * columns];
    for (int j = 0; j < columns; j++) {
      for (int l = 0; l < basis.length / rows; l++) {
        double weight = noise.gaussian();
        for (int i = 0; i < rows; i++) {
          product[i + j * rows] += weight * basis[i + l * rows];
        }
      }
    }
    return unit(product);
  }

  private static double[] unit(double[] values) {
    double energy = 0;
    for (double x : values) {
      energy += x * x;
    }
    double factor = 1 / Math.sqrt(energy);
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
    return values;
  }

  private static void add(double[] sum, double factor, double[] values) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += factor * values[i];
    }
  }

  private static float[] floats(double[] values, double factor) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) (factor * values[i]);
    }
    return floats;
  }
}
