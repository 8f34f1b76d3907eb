package io.github.colonnade.svd.training;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.svd.lost.Activation;
import io.github.colonnade.svd.lost.LostFactors;
import io.github.colonnade.svd.lost.LostLayer;
import java.util.Arrays;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.roaringbitmap.RoaringBitmap;

/**
 * A {@link LostLayer} as part of a SameDiff graph: Y = γ·act(X·Aᵀ)·Bᵀ + (1 − γ)·X_I·Sᵀ for X:
 * batch×in, which is what {@link LostLayer#forward} computes, with examples as rows.
 *
 * <p>B, A and S are trained; the channels I and γ are constants. In a graph a layer is known by its
 * name, and so is found again in one that was saved and loaded ({@link #find}):
 *
 * <ul>
 *   <li>{@code name.B}: out×r, {@code name.A}: r×in, {@code name.S}: out×k, variables of the type
 *       of X; no {@code name.S} if there are no channels
 *   <li>{@code name.channels}: k INT32 in ascending order, {@code name.gamma}: DOUBLE, constants
 *   <li>{@code name.silu}: what that activation gives; only with {@link Activation#SILU}
 *   <li>{@code name}: Y
 * </ul>
 *
 * <p>The graph owns the variables; a layer needs no closing.
 */
public final class LostLinear {

  private final SameDiff graph;
  private final String name;

  private LostLinear(SameDiff graph, String name) {
    this.graph = graph;
    this.name = name;
  }

  /**
   * Adds a layer to a graph. Its values are copied.
   *
   * <p>SameDiff gives wrong derivatives with respect to a <b>placeholder</b> X: it follows only
   * those paths that meet a variable, and so leaves the channels out. Those with respect to a
   * variable, and so all that a training uses, are right.
   *
   * @param name of the layer, and of Y; not in the graph yet
   * @param x X: batch×in, FLOAT or DOUBLE, the type that the variables get too
   * @param layer of rank 1 or more, in any precision, not modified
   * @throws IllegalArgumentException if X is of another type or has other columns than the layer
   *     channels, its rank is 0, or the name is taken
   */
  public static LostLinear add(SameDiff graph, String name, SDVariable x, LostLayer layer) {
    LostFactors factors = layer.factors();
    DataType type = x.dataType();
    check(graph, name, x, factors);

    SDVariable a = graph.var(name + ".A", array(factors.a(), type));
    SDVariable b = graph.var(name + ".B", array(factors.b(), type));
    SDVariable gamma = graph.constant(name + ".gamma", Nd4j.scalar(layer.gamma()));

    SDVariable hidden = graph.mmul(x, a, false, true, false);
    if (layer.activation() == Activation.SILU) {
      hidden = graph.nn().swish(name + ".silu", hidden);
    }
    // γ goes to the smaller operand of the product.
    SDVariable weighted = hidden.mul(gamma.castTo(type));
    int[] channels = factors.channelNumbers();
    if (channels.length == 0) {
      graph.mmul(name, weighted, b, false, true, false);
      return new LostLinear(graph, name);
    }

    SDVariable s = graph.var(name + ".S", array(factors.columns(), type));
    SDVariable numbers = graph.constant(name + ".channels", Nd4j.createFromArray(channels));
    // A product with zeros and ones, since the derivative of SameDiff's gather fails.
    SDVariable selection = graph.oneHot(null, numbers, factors.in(), -1, 1, 0, type);
    SDVariable chosen =
        graph.mmul(x, selection, false, true, false).mul(gamma.rsub(1).castTo(type));
    graph
        .mmul(weighted, b, false, true, false)
        .add(name, graph.mmul(chosen, s, false, true, false));
    return new LostLinear(graph, name);
  }

  private static void check(SameDiff graph, String name, SDVariable x, LostFactors factors) {
    if (factors.rank() == 0) {
      throw new IllegalArgumentException("layer " + name + ": expected rank 1 or more, got 0");
    }
    if (graph.hasVariable(name) || graph.hasVariable(name + ".B")) {
      throw new IllegalArgumentException("layer " + name + ": the graph has this name already");
    }
    if (x.dataType() != DataType.FLOAT && x.dataType() != DataType.DOUBLE) {
      throw new IllegalArgumentException(
          "layer " + name + ": expected inputs of type FLOAT or DOUBLE, got " + x.dataType());
    }
    long[] shape = x.getShape();
    if (shape != null && (shape.length != 2 || (shape[1] >= 0 && shape[1] != factors.in()))) {
      throw new IllegalArgumentException(
          String.format(
              "layer %s: expected inputs of shape (batch, %d), got %s",
              name, factors.in(), Arrays.toString(shape)));
    }
  }

  /**
   * A layer that is in a graph, as in one that {@link SameDiff#load} has read.
   *
   * @throws IllegalArgumentException if the graph has no LOST layer of this name
   */
  public static LostLinear find(SameDiff graph, String name) {
    for (String variable : new String[] {name, name + ".B", name + ".A", name + ".gamma"}) {
      if (!graph.hasVariable(variable)) {
        throw new IllegalArgumentException("the graph has no LOST layer named " + name);
      }
    }
    return new LostLinear(graph, name);
  }

  /** Y: batch×out. */
  public SDVariable output() {
    return graph.getVariable(name);
  }

  /**
   * The layer with the values that the variables have now.
   *
   * @return in the precision of the variables, closed by the caller
   */
  public LostLayer layer(LinearAlgebra la) {
    try (MatrixScope scope = new MatrixScope()) {
      Matrix b = scope.own(matrix(la, "B"));
      Matrix a = scope.own(matrix(la, "A"));
      boolean sparse = graph.hasVariable(name + ".S");
      Matrix columns = scope.own(sparse ? matrix(la, "S") : la.zeros(b.rows(), 0, b.precision()));
      int[] channels = sparse ? values("channels").toIntVector() : new int[0];
      LostFactors factors =
          new LostFactors(
              scope.release(b),
              scope.release(a),
              scope.release(columns),
              RoaringBitmap.bitmapOf(channels));
      return new LostLayer(
          factors,
          values("gamma").getDouble(),
          graph.hasVariable(name + ".silu") ? Activation.SILU : Activation.NONE);
    }
  }

  private Matrix matrix(LinearAlgebra la, String variable) {
    INDArray values = values(variable);
    double[] columnByColumn = values.dup('f').data().asDouble();
    int rows = Math.toIntExact(values.rows());
    int columns = Math.toIntExact(values.columns());
    try (Matrix exact = la.fromColumns(columnByColumn, rows, columns)) {
      return la.cast(
          exact, values.dataType() == DataType.FLOAT ? Precision.FLOAT32 : Precision.FLOAT64);
    }
  }

  private INDArray values(String variable) {
    return graph.getVariable(name + "." + variable).getArr();
  }

  private static INDArray array(Matrix matrix, DataType type) {
    return Nd4j.createFromArray(matrix.toDoubles())
        .reshape('f', matrix.rows(), matrix.columns())
        .castTo(type)
        .dup('c');
  }
}
