package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.jobs.compress.EncodeTask.ClusterTask;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Root;
import io.github.colonnade.jobs.stored.TensorKey;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Tensors that come to a collection which is there already: what they meet.
 *
 * @param root of the collection as it was read; null if it has one manifest
 * @param segment the number of the segment that they become
 * @param directory where their files are, relative to the collection's, as {@code data/000002}
 * @param clusters what the ids of their clusters begin with, as no other does
 * @param known the keys of those tensors of the inputs that are in the collection
 * @param counted the files of the inputs whose bytes the collection counts already
 * @param roots the first and the last source of the collection
 * @param bases those that blocks may join
 * @param replaces whether the segment takes the place of all others, having the same tensors
 */
public record Addition(
    @Nullable Root root,
    long segment,
    String directory,
    String clusters,
    Set<TensorKey> known,
    Set<String> counted,
    Set<String> roots,
    ExistingBases bases,
    boolean replaces)
    implements Serializable {

  /**
   * What tensors meet in a collection.
   *
   * @param manifest of the collection
   */
  public static Addition of(
      Optional<Root> root, String directory, AdditionPlan plan, Manifest manifest) {
    long segment = root.map(Root::count).orElse(1L) + 1;
    String clusters = "s" + segment;
    while (isUsed(clusters + "-", manifest)) {
      clusters += "x";
    }
    TreeSet<String> sources = new TreeSet<>();
    manifest.blocks().forEach(each -> sources.add(each.source()));
    manifest.rejected().forEach(each -> sources.add(each.source()));
    Set<String> roots = sources.isEmpty() ? Set.of() : new TreeSet<>(List.of(sources.first()));
    if (!sources.isEmpty()) {
      roots.add(sources.last());
    }
    return new Addition(
        root.orElse(null),
        segment,
        directory,
        clusters,
        plan.known(),
        plan.counted(),
        roots,
        ExistingBases.of(manifest),
        false);
  }

  /**
   * The tensors of a collection, which are compressed again, all together.
   *
   * @param directory where their files will be, relative to the collection's
   * @param leftOut the keys of tensors of the same files that are not in it
   */
  public static Addition replacing(Root root, String directory, Set<TensorKey> leftOut) {
    return new Addition(
        root, 1, directory, "", leftOut, Set.of(), Set.of(), ExistingBases.NONE, true);
  }

  private static boolean isUsed(String start, Manifest manifest) {
    return manifest.clusters().stream().anyMatch(each -> each.id().startsWith(start));
  }

  /** Whether a tensor is in the collection already. */
  public boolean has(TensorInfo tensor) {
    return known.contains(TensorKey.of(tensor));
  }

  /**
   * A task with names that differ from those of other runs of its family and of other segments.
   *
   * @param run the number of the run
   */
  EncodeTask named(EncodeTask task, int run) {
    String before = run == 0 ? "" : String.format(Locale.ROOT, "r%05d-", run);
    return new EncodeTask(
        before + task.file(),
        task.clusters().stream().map(each -> named(each, before)).toList(),
        task.copies(),
        task.times());
  }

  private ClusterTask named(ClusterTask cluster, String before) {
    return new ClusterTask(
        clusters + "-" + before + cluster.id(),
        cluster.members(),
        cluster.squares(),
        cluster.droppedEnergy(),
        cluster.rankLimit(),
        cluster.sharedDirections(),
        cluster.limit(),
        cluster.prospect(),
        cluster.basis());
  }
}
