package io.github.colonnade.jobs.compress;

import io.github.colonnade.jobs.compress.EncodeTask.StoredBasis;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The bases of a collection that are offered to blocks which come later: of each family those with
 * most members, as far as they are not too many.
 *
 * @param byRows by the rows of the family, most members first
 */
public record ExistingBases(Map<Integer, List<StoredBasis>> byRows) implements Serializable {

  /** The bases of a family have at most so many columns for each row. */
  static final ExistingBases NONE = new ExistingBases(Map.of());

  static final int COLUMNS_PER_ROW = 32;

  private record Used(StoredBasis basis, long members) {}

  /** The bases of a manifest. One that several clusters name has the members of all. */
  public static ExistingBases of(Manifest manifest) {
    Map<Integer, Map<StoredBasis, Used>> found = new TreeMap<>();
    for (ClusterEntry cluster : manifest.clusters()) {
      cluster
          .basis()
          .map(at -> new StoredBasis(at.file(), at.tensor(), cluster.rank()))
          .ifPresent(
              basis ->
                  found
                      .computeIfAbsent(
                          Math.toIntExact(cluster.rows()), rows -> new LinkedHashMap<>())
                      .merge(
                          basis,
                          new Used(basis, cluster.blocks()),
                          (a, b) -> new Used(basis, a.members + b.members)));
    }
    Map<Integer, List<StoredBasis>> byRows = new TreeMap<>();
    found.forEach((rows, used) -> byRows.put(rows, offered(rows, List.copyOf(used.values()))));
    return new ExistingBases(byRows);
  }

  private static List<StoredBasis> offered(int rows, List<Used> used) {
    List<Used> sorted = new ArrayList<>(used);
    // Stable, so that of equals the first of the manifest stays first.
    sorted.sort(Comparator.comparingLong(Used::members).reversed());
    List<StoredBasis> offered = new ArrayList<>();
    long left = (long) COLUMNS_PER_ROW * rows;
    for (Used each : sorted) {
      left -= each.basis.rank();
      if (left < 0) {
        break;
      }
      offered.add(each.basis);
    }
    return offered;
  }

  /** Those with so many rows, most members first. */
  public List<StoredBasis> of(int rows) {
    return byRows.getOrDefault(rows, List.of());
  }
}
