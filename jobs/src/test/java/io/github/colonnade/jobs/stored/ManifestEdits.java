package io.github.colonnade.jobs.stored;

import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.BoundEntry;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.manifest.RejectionCause;
import io.github.colonnade.jobs.manifest.Settings;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.manifest.Totals;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/** Copies of manifests that differ in one place. */
public final class ManifestEdits {
  private ManifestEdits() {}

  public static Manifest blocks(Manifest m, UnaryOperator<BlockEntry> change) {
    return of(m, m.settings(), m.totals(), m.clusters(), m.blocks().stream().map(change).toList());
  }

  public static Manifest block(Manifest m, String id, UnaryOperator<BlockEntry> change) {
    if (m.blocks().stream().noneMatch(block -> block.id().equals(id))) {
      throw new AssertionError("no block " + id);
    }
    return blocks(m, block -> block.id().equals(id) ? change.apply(block) : block);
  }

  public static Manifest cluster(Manifest m, String id, UnaryOperator<ClusterEntry> change) {
    List<ClusterEntry> clusters =
        m.clusters().stream().map(c -> c.id().equals(id) ? change.apply(c) : c).toList();
    Totals t = m.totals();
    Totals totals =
        Totals.of(
            t.blocks(),
            t.clusters(),
            t.numbersIn(),
            t.numbersStored(),
            t.bytesIn(),
            t.bytesStored(),
            t.maxBlockError(),
            clusters.stream().mapToDouble(ClusterEntry::error).max().orElse(0),
            t.compressedBlocks());
    return of(m, m.settings(), totals, clusters, m.blocks());
  }

  public static Manifest limit(Manifest m, double maxError) {
    Settings s = m.settings();
    Settings settings =
        new Settings(
            s.tool(),
            s.inputs(),
            maxError,
            s.scope(),
            s.rankLimit(),
            s.strategy(),
            s.precision(),
            s.storeDtype(),
            s.rows(),
            s.columns(),
            s.transpose(),
            s.include(),
            s.exclude(),
            s.strict());
    return of(m, settings, m.totals(), m.clusters(), m.blocks());
  }

  public static Manifest rankLimit(Manifest m, int rankLimit) {
    Settings s = m.settings();
    Settings settings =
        new Settings(
            s.tool(),
            s.inputs(),
            s.maxError().orElseThrow(),
            s.scope(),
            OptionalInt.of(rankLimit),
            s.strategy(),
            s.precision(),
            s.storeDtype(),
            s.rows(),
            s.columns(),
            s.transpose(),
            s.include(),
            s.exclude(),
            s.strict());
    return of(m, settings, m.totals(), m.clusters(), m.blocks());
  }

  /** Without one block that is in no cluster. */
  public static Manifest withoutBlock(Manifest m, String id) {
    List<BlockEntry> blocks = new ArrayList<>(m.blocks());
    if (!blocks.removeIf(block -> block.id().equals(id))) {
      throw new AssertionError("no block " + id);
    }
    Totals t = m.totals();
    Totals totals =
        Totals.of(
            t.blocks() - 1,
            t.clusters(),
            t.numbersIn(),
            t.numbersStored(),
            t.bytesIn(),
            t.bytesStored(),
            t.maxBlockError(),
            t.maxClusterError(),
            t.compressedBlocks());
    return of(m, m.settings(), totals, m.clusters(), blocks);
  }

  /** With an entry among the rejected for the tensor of a block. */
  public static Manifest rejectedToo(Manifest m, String id) {
    List<RejectedEntry> rejected = new ArrayList<>(m.rejected());
    m.blocks().stream()
        .filter(block -> block.id().equals(id))
        .forEach(
            block ->
                rejected.add(
                    new RejectedEntry(
                        block.source(), block.tensor(), RejectionCause.NOT_FINITE, "?")));
    return new Manifest(m.settings(), m.totals(), m.timings(), m.clusters(), m.blocks(), rejected);
  }

  /** With another count of bytes stored, and its ratio. */
  static Manifest bytesStored(Manifest m, long bytes) {
    Totals t = m.totals();
    double ratioError = t.bytesRatio() - Totals.ratio(t.bytesIn(), t.bytesStored());
    Totals totals =
        new Totals(
            t.blocks(),
            t.clusters(),
            t.numbersIn(),
            t.numbersStored(),
            t.bytesIn(),
            bytes,
            t.compressionRatio(),
            Totals.ratio(t.bytesIn(), bytes) + ratioError,
            t.maxBlockError(),
            t.maxClusterError(),
            t.compressedBlocks(),
            t.maxWeightedBlockError(),
            t.maxWeightedClusterError(),
            t.collectionError(),
            t.weightedCollectionError());
    return of(m, m.settings(), totals, m.clusters(), m.blocks());
  }

  /** All totals that the manifest does not check itself are wrong. */
  public static Manifest wrongTotals(Manifest m) {
    Totals t = m.totals();
    Totals totals =
        new Totals(
            t.blocks(),
            t.clusters(),
            t.numbersIn() + 1,
            t.numbersStored() + 1,
            t.bytesIn() + 1,
            t.bytesStored() + 1000,
            t.compressionRatio() + 1,
            t.bytesRatio() + 1,
            t.maxBlockError() + 1e-9,
            t.maxClusterError() + 1e-9,
            t.compressedBlocks() - 1,
            t.maxWeightedBlockError(),
            t.maxWeightedClusterError(),
            t.collectionError(),
            t.weightedCollectionError());
    return of(m, m.settings(), totals, m.clusters(), m.blocks());
  }

  public static ClusterEntry error(ClusterEntry c, double error) {
    return new ClusterEntry(
        c.id(), c.rows(), c.rank(), c.columns(), c.blocks(), c.bound(), error, c.basis(), c.mask());
  }

  public static ClusterEntry lower(ClusterEntry c, double lower) {
    return new ClusterEntry(
        c.id(),
        c.rows(),
        c.rank(),
        c.columns(),
        c.blocks(),
        new BoundEntry(lower, c.bound().upper(), c.bound().provedBy()),
        c.error(),
        c.basis(),
        c.mask());
  }

  public static ClusterEntry mask(ClusterEntry c, Optional<TensorLocation> mask) {
    return new ClusterEntry(
        c.id(), c.rows(), c.rank(), c.columns(), c.blocks(), c.bound(), c.error(), c.basis(), mask);
  }

  public static BlockEntry error(BlockEntry b, double error) {
    return with(b, b.tensor(), b.source(), error, b.coefficients());
  }

  public static BlockEntry coefficients(BlockEntry b, Optional<TensorLocation> coefficients) {
    return with(b, b.tensor(), b.source(), b.error(), coefficients);
  }

  public static BlockEntry tensor(BlockEntry b, String tensor) {
    return with(b, tensor, b.source(), b.error(), b.coefficients());
  }

  public static BlockEntry source(BlockEntry b, String source) {
    return with(b, b.tensor(), source, b.error(), b.coefficients());
  }

  private static BlockEntry with(
      BlockEntry b,
      String tensor,
      String source,
      double error,
      Optional<TensorLocation> coefficients) {
    return new BlockEntry(
        b.id(),
        source,
        tensor,
        b.shape(),
        b.dtype(),
        b.treatment(),
        b.view(),
        b.part(),
        b.cluster(),
        b.transposed(),
        error,
        coefficients,
        b.scale(),
        b.data(),
        b.sha256(),
        b.note());
  }

  private static Manifest of(
      Manifest m,
      Settings settings,
      Totals totals,
      List<ClusterEntry> clusters,
      List<BlockEntry> blocks) {
    return new Manifest(settings, totals, m.timings(), clusters, blocks, m.rejected());
  }
}
