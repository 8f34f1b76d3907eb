package io.github.colonnade.svd.auto;

import io.github.colonnade.bounds.Scope;
import io.github.colonnade.svd.linalg.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/**
 * Moves each block to the cluster that serves it at the smallest rank: its coefficients cost rank ×
 * columns there. Clusters then get a new basis and rank for the members they have.
 */
final class Reassignment {

  private final Blocks blocks;

  Reassignment(Blocks blocks) {
    this.blocks = blocks;
  }

  /** The sets of members after one round of moves, each block in at most one set. */
  List<int[]> round(List<Group> groups) {
    int[] home = new int[blocks.count];
    double[] price = new double[blocks.count];
    Arrays.fill(home, -1);
    for (int j = 0; j < blocks.count; j++) {
      price[j] = blocks.loneCosts[j];
    }
    for (int g = 0; g < groups.size(); g++) {
      for (int j : groups.get(g).members()) {
        home[j] = g;
        price[j] = (double) groups.get(g).rank() * blocks.columns[j];
      }
    }
    for (int g = 0; g < groups.size(); g++) {
      Group group = groups.get(g);
      try (Matrix q = blocks.la.columns(group.vectors(), 0, group.rank())) {
        double[] residuals = blocks.residualEnergies(q);
        offer(g, group, residuals, home, price);
      }
    }
    TreeMap<Integer, List<Integer>> sets = new TreeMap<>();
    for (int j = 0; j < blocks.count; j++) {
      if (home[j] >= 0) {
        sets.computeIfAbsent(home[j], each -> new ArrayList<>()).add(j);
      }
    }
    return sets.values().stream()
        .map(set -> set.stream().mapToInt(Integer::intValue).toArray())
        .toList();
  }

  private void offer(int g, Group group, double[] residuals, int[] home, double[] price) {
    double allowed = blocks.limit() * blocks.limit();
    boolean single = blocks.settings.limit().scope() == Scope.BLOCK;
    double slack = allowed * group.spectrum().energy() - group.spectrum().tailEnergy(group.rank());
    for (int j = 0; j < blocks.count; j++) {
      double here = (double) group.rank() * blocks.columns[j];
      if (home[j] == g || here >= price[j]) {
        continue;
      }
      double excess = residuals[j] - allowed * blocks.energies[j];
      if (excess <= 0 || (!single && excess <= slack)) {
        slack -= excess;
        home[j] = g;
        price[j] = here;
      }
    }
  }
}
