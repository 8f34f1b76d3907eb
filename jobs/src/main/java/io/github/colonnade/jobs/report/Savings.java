package io.github.colonnade.jobs.report;

import io.github.colonnade.jobs.console.Formats;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.manifest.Treatment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.LongStream;

/**
 * Numbers in and stored, added up in one way.
 *
 * @param by what a group is
 * @param groups those with the most numbers in first; the sums over all of them are the totals
 */
record Savings(String by, List<Group> groups) {
  /** How {@link #byPart} is called. */
  static final String PARTS = "what is stored";

  /** More groups than so many are one. */
  static final int MOST_GROUPS = 200;

  /**
   * A part of the collection.
   *
   * @param blocks in it
   * @param numbersIn of its blocks
   * @param stored for it; a basis that several groups share is divided by their columns
   */
  record Group(String name, long blocks, long numbersIn, double stored) {

    Group plus(Group other) {
      return new Group(
          name, blocks + other.blocks, numbersIn + other.numbersIn, stored + other.stored);
    }
  }

  /** By treatment. */
  static Savings byKind(Manifest manifest, Optional<StoredNumbers> stored) {
    return of("kind", manifest, stored, i -> manifest.blocks().get(i).treatment().key());
  }

  /** By the rows of the blocks; what passes through is a group. */
  static Savings byFamily(Manifest manifest, Optional<StoredNumbers> stored) {
    return of("family", manifest, stored, i -> family(manifest.blocks().get(i)));
  }

  /** By input file. */
  static Savings byFile(Manifest manifest, Optional<StoredNumbers> stored, Sources sources) {
    return of("file", manifest, stored, i -> sources.name(manifest.blocks().get(i).source()));
  }

  /** What is stored, by what it is for. */
  static Savings byPart(Manifest manifest, StoredNumbers stored) {
    List<Group> parts = new ArrayList<>();
    add(parts, "bases", Arrays.stream(stored.bases()));
    add(parts, "coefficients", Arrays.stream(stored.coefficients()));
    add(parts, "masks: which directions blocks use", Arrays.stream(stored.masks()));
    add(parts, "columns as they are", Arrays.stream(stored.wholeColumns()));
    for (Treatment treatment : List.of(Treatment.RAW, Treatment.PASSTHROUGH)) {
      LongStream.Builder copies = LongStream.builder();
      for (int i = 0; i < manifest.blocks().size(); i++) {
        if (manifest.blocks().get(i).treatment() == treatment) {
          copies.add(stored.copies()[i]);
        }
      }
      add(
          parts,
          treatment == Treatment.RAW ? "raw blocks" : "tensors that pass through",
          copies.build());
    }
    add(parts, "scales", Arrays.stream(stored.scales()));
    return new Savings(PARTS, parts);
  }

  private static void add(List<Group> parts, String name, LongStream numbers) {
    long sum = numbers.sum();
    if (sum > 0) {
      parts.add(new Group(name, 0, 0, sum));
    }
  }

  static String family(BlockEntry block) {
    return block
        .view()
        .map(view -> Formats.count(view.rows()) + " rows")
        .orElse("tensors that pass through");
  }

  static long numbersIn(BlockEntry block) {
    return block
        .view()
        .map(view -> view.rows() * view.columns())
        .orElseGet(() -> block.shape().stream().reduce(1L, (a, b) -> a * b));
  }

  private static Savings of(
      String by, Manifest manifest, Optional<StoredNumbers> stored, IntFunction<String> group) {
    Map<String, Group> groups = new LinkedHashMap<>();
    double[] shares =
        stored
            .map(numbers -> shares(manifest, numbers))
            .orElse(new double[manifest.blocks().size()]);
    for (int i = 0; i < manifest.blocks().size(); i++) {
      String name = group.apply(i);
      Group one = new Group(name, 1, numbersIn(manifest.blocks().get(i)), shares[i]);
      groups.merge(name, one, Group::plus);
    }
    return new Savings(by, largest(new ArrayList<>(groups.values())));
  }

  private static List<Group> largest(List<Group> groups) {
    groups.sort(Comparator.comparingLong(Group::numbersIn).reversed());
    if (groups.size() <= MOST_GROUPS) {
      return groups;
    }
    List<Group> kept = new ArrayList<>(groups.subList(0, MOST_GROUPS - 1));
    List<Group> others = groups.subList(MOST_GROUPS - 1, groups.size());
    Group sum = new Group(Formats.count(others.size()) + " others", 0, 0, 0);
    for (Group other : others) {
      sum = sum.plus(other);
    }
    kept.add(sum);
    return kept;
  }

  /**
   * What is stored for each block, with its share of bases, by columns of all blocks that use them,
   * and of masks, by blocks.
   */
  private static double[] shares(Manifest manifest, StoredNumbers stored) {
    Map<TensorLocation, Double> perColumn = new HashMap<>();
    Map<TensorLocation, Long> columns = new HashMap<>();
    Map<String, Integer> places = new HashMap<>();
    for (int i = 0; i < manifest.clusters().size(); i++) {
      ClusterEntry cluster = manifest.clusters().get(i);
      places.put(cluster.id(), i);
      if (cluster.basis().isPresent()) {
        columns.merge(cluster.basis().get(), cluster.columns(), Long::sum);
        perColumn.merge(cluster.basis().get(), (double) stored.bases()[i], Double::sum);
      }
    }
    perColumn.replaceAll((basis, numbers) -> numbers / columns.getOrDefault(basis, 1L));
    double[] shares = new double[manifest.blocks().size()];
    for (int i = 0; i < shares.length; i++) {
      BlockEntry block = manifest.blocks().get(i);
      shares[i] = stored.ofBlock(i);
      if (block.cluster().isPresent()) {
        int place = places.getOrDefault(block.cluster().get(), 0);
        ClusterEntry cluster = manifest.clusters().get(place);
        double ofBasis =
            cluster.basis().map(basis -> perColumn.getOrDefault(basis, 0.0)).orElse(0.0);
        shares[i] += ofBasis * block.view().orElseThrow().columns();
        shares[i] += (double) stored.masks()[place] / cluster.blocks();
      }
    }
    return shares;
  }
}
