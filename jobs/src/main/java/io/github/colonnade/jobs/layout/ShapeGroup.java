package io.github.colonnade.jobs.layout;

import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.Orientation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Matrices that are taken in the same way: those of one shape, or of several rare shapes that have
 * a side in common at the same place, as snapshots of different lengths have.
 *
 * @param name for the user, as {@code 1536×384} or {@code *×384}
 * @param tensors in the order of the listing
 */
record ShapeGroup(String name, List<TensorInfo> tensors) {

  /** A shape of fewer matrices is rare. */
  private static final int RARE = 4;

  /** The groups of some matrices, the largest first. */
  static List<ShapeGroup> of(List<TensorInfo> matrices) {
    Map<Shape, Integer> ofShape = new HashMap<>();
    Map<Long, Integer> ofSide = new HashMap<>();
    for (TensorInfo matrix : matrices) {
      ofShape.merge(matrix.shape(), 1, Integer::sum);
      sides(matrix.shape()).forEach(side -> ofSide.merge(side, 1, Integer::sum));
    }
    Map<String, List<TensorInfo>> byName = new LinkedHashMap<>();
    for (TensorInfo matrix : matrices) {
      Shape shape = matrix.shape();
      String name = shape.dim(0) + "×" + shape.dim(1);
      int first = ofSide.getOrDefault(shape.dim(0), 0);
      int last = ofSide.getOrDefault(shape.dim(1), 0);
      if (ofShape.getOrDefault(shape, 0) < RARE && first != last) {
        name = first > last ? shape.dim(0) + "×*" : "*×" + shape.dim(1);
      }
      byName.computeIfAbsent(name, each -> new ArrayList<>()).add(matrix);
    }
    List<ShapeGroup> groups = new ArrayList<>();
    byName.forEach((name, tensors) -> groups.add(new ShapeGroup(name, List.copyOf(tensors))));
    groups.sort(Comparator.comparingLong(ShapeGroup::sizeBytes).reversed());
    return groups;
  }

  private static Set<Long> sides(Shape shape) {
    return new TreeSet<>(List.of(shape.dim(0), shape.dim(1)));
  }

  Set<Long> sides() {
    Set<Long> sides = new TreeSet<>();
    shapes().forEach(shape -> sides.addAll(sides(shape)));
    return sides;
  }

  /** The shapes, that of most numbers first. */
  List<Shape> shapes() {
    return tensors.stream()
        .map(TensorInfo::shape)
        .distinct()
        .sorted(Comparator.comparingLong(Shape::elements).reversed())
        .toList();
  }

  long numbers() {
    return tensors.stream().mapToLong(TensorInfo::elements).sum();
  }

  long sizeBytes() {
    return tensors.stream().mapToLong(TensorInfo::sizeBytes).sum();
  }

  boolean hasWide(Orientation orientation) {
    return tensors.stream().anyMatch(each -> Form.isWide(each.shape(), orientation));
  }
}
