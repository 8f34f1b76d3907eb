package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.jobs.compress.Outcome.FileWritten;
import io.github.colonnade.jobs.compress.Outcome.Rejected;
import io.github.colonnade.jobs.compress.Outcome.StoredBlock;
import io.github.colonnade.jobs.compress.Outcome.StoredCluster;
import io.github.colonnade.jobs.compress.Outcome.StoredColumns;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.Layout;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.ManifestWriter;
import io.github.colonnade.jobs.manifest.Part;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.Settings;
import io.github.colonnade.jobs.manifest.SparseEntry;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.manifest.Timings;
import io.github.colonnade.jobs.manifest.Totals;
import io.github.colonnade.jobs.manifest.View;
import io.github.colonnade.jobs.plan.Partitions;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;

/**
 * Puts the outcomes of a run into one manifest, in an order that does not depend on the subtasks.
 */
public final class ManifestBuilder {

  /** More than five timings and two numbers of the totals can grow by. */
  private static final int SPARE_BYTES = 192;

  private static final Timings NO_TIMINGS = new Timings(0, 0, 0, 0, 0);

  /**
   * A manifest and the size its file must have for its own totals to be right.
   *
   * @param sizeBytes at least the manifest's own; the rest is white space
   */
  public record Sized(Manifest manifest, long sizeBytes) {

    /** Writes the manifest and white space up to its size. */
    public void write(OutputStream target) throws IOException {
      CountingOutputStream out = new CountingOutputStream(new BufferedOutputStream(target));
      ManifestWriter.write(manifest, out);
      while (out.byteCount() < sizeBytes) {
        out.write('\n');
      }
      out.flush();
    }
  }

  private record Located(String file, StoredBlock block) {}

  private final CompressSettings settings;
  private final Partitions partitions;
  private final List<FileWritten> files;
  private final List<Rejected> rejected;
  private final Set<String> sources = new TreeSet<>();
  private final Set<String> taken = new HashSet<>();
  private final List<RejectedEntry> rejectedBefore = new ArrayList<>();
  private List<String> inputs;

  /** How many characters all sources share, or −1 if ids need no source. */
  private final int prefix;

  /** A manifest of all outcomes of a run. */
  ManifestBuilder(
      CompressSettings settings,
      Partitions partitions,
      List<FileWritten> files,
      List<Rejected> rejected) {
    this(settings, partitions, files, rejected, Set.of());
  }

  /**
   * A manifest of these outcomes.
   *
   * @param roots URIs under which all sources are, these and those of other manifests of the same
   *     collection, so that ids differ between them; if there are none, the sources themselves
   */
  public ManifestBuilder(
      CompressSettings settings,
      Partitions partitions,
      List<FileWritten> files,
      List<Rejected> rejected,
      Set<String> roots) {
    this.settings = settings;
    this.inputs = settings.input().uris();
    this.partitions = partitions;
    this.files = files.stream().sorted(Comparator.comparing(FileWritten::file)).toList();
    this.rejected = rejected.stream().sorted(Comparator.comparingLong(Rejected::ordinal)).toList();
    files.forEach(file -> file.blocks().forEach(each -> sources.add(each.tensor().source())));
    rejected.forEach(each -> sources.add(each.source()));
    if (roots.isEmpty()) {
      this.prefix = sources.size() == 1 ? -1 : commonParent(sources);
    } else {
      this.prefix = commonParent(roots);
    }
  }

  /** Ids of blocks that are in use already, and so are given to none of these. */
  ManifestBuilder avoiding(Set<String> ids) {
    taken.addAll(ids);
    return this;
  }

  /** Says that the tensors came from other inputs, some of whose tensors were rejected before. */
  ManifestBuilder from(List<String> others, List<RejectedEntry> refused) {
    inputs = others;
    rejectedBefore.addAll(refused);
    return this;
  }

  /** The URIs of all files that tensors were listed in or read from. */
  public Set<String> inputFiles() {
    Set<String> inputs = new TreeSet<>(sources);
    files.forEach(
        file -> file.blocks().forEach(each -> inputs.add(each.tensor().payload().path())));
    return inputs;
  }

  /**
   * The manifest.
   *
   * @param inputBytes the bytes of the input files
   */
  public Sized build(long inputBytes, Timings timings) throws IOException {
    List<ClusterEntry> clusters = new ArrayList<>();
    List<Located> located = new ArrayList<>();
    long numbersStored = 0;
    long dataBytes = 0;
    for (FileWritten file : files) {
      file.clusters().forEach(each -> clusters.add(entry(file.file(), each)));
      file.blocks().forEach(each -> located.add(new Located(file.file(), each)));
      numbersStored += file.numbers();
      dataBytes += file.sizeBytes();
    }
    located.sort(
        Comparator.comparingLong((Located each) -> each.block.ordinal())
            .thenComparingInt(each -> each.block.index()));
    List<BlockEntry> blocks = new ArrayList<>();
    Set<String> ids = new HashSet<>(taken);
    long numbersIn = 0;
    for (Located each : located) {
      blocks.add(entry(each, ids));
      numbersIn +=
          each.block.matrix().map(BlockRef::elements).orElse(each.block.tensor().elements());
    }
    List<RejectedEntry> refused = new ArrayList<>(rejectedBefore);
    for (Rejected each : rejected) {
      refused.add(new RejectedEntry(each.source(), each.tensor(), each.cause(), each.reason()));
    }
    Settings asked = settings.forManifest(partitions);
    if (!inputs.equals(asked.inputs())) {
      asked = asked.withInputs(inputs);
    }
    // The manifest counts itself, and is padded to what it claims. Its timings count as 0, so that
    // equal runs have equal totals.
    Totals unknown = totals(clusters, blocks, numbersIn, numbersStored, inputBytes, dataBytes);
    Manifest draft = new Manifest(asked, unknown, NO_TIMINGS, clusters, blocks, refused);
    long claimed = size(draft) + SPARE_BYTES;
    Totals totals =
        totals(clusters, blocks, numbersIn, numbersStored, inputBytes, dataBytes + claimed);
    return new Sized(new Manifest(asked, totals, timings, clusters, blocks, refused), claimed);
  }

  private Totals totals(
      List<ClusterEntry> clusters,
      List<BlockEntry> blocks,
      long numbersIn,
      long numbersStored,
      long bytesIn,
      long bytesStored) {
    Totals totals =
        Totals.of(
                blocks.size(),
                clusters.size(),
                numbersIn,
                numbersStored,
                bytesIn,
                bytesStored,
                blocks.stream().mapToDouble(BlockEntry::error).max().orElse(0),
                clusters.stream().mapToDouble(ClusterEntry::error).max().orElse(0),
                blocks.stream().filter(each -> each.cluster().isPresent()).count())
            .withWeightedErrors(blocks, clusters);
    return settings.method().scope() == Scope.COLLECTION ? withCollectionError(totals) : totals;
  }

  private Totals withCollectionError(Totals totals) {
    EnergySums sums = EnergySums.ZERO;
    for (FileWritten file : files) {
      sums = sums.plus(file.energies());
    }
    OptionalDouble weighted =
        settings.weights() == null
            ? OptionalDouble.empty()
            : OptionalDouble.of(sums.weightedError());
    double deciding = weighted.orElse(sums.error());
    if (settings.isAllocated() && !(deciding <= settings.maxError())) {
      throw new IllegalStateException(
          "the joint error " + deciding + " is above the limit " + settings.maxError());
    }
    return totals.withCollectionError(sums.error(), weighted);
  }

  private static long size(Manifest manifest) throws IOException {
    CountingOutputStream counter = new CountingOutputStream(OutputStream.nullOutputStream());
    ManifestWriter.write(manifest, counter);
    return counter.byteCount();
  }

  private static ClusterEntry entry(String file, StoredCluster cluster) {
    return new ClusterEntry(
        cluster.id(),
        cluster.rows(),
        cluster.rank(),
        cluster.columns(),
        cluster.blocks(),
        cluster.bound(),
        cluster.error(),
        location(cluster.basisFile().isEmpty() ? file : cluster.basisFile(), cluster.basis()),
        location(file, cluster.mask()),
        cluster.weightedError(),
        cluster.limit());
  }

  private static Optional<TensorLocation> location(String file, String tensor) {
    return tensor.isEmpty() ? Optional.empty() : Optional.of(new TensorLocation(file, tensor));
  }

  /**
   * @param ids those in use, to which the block's is added
   */
  private BlockEntry entry(Located located, Set<String> ids) {
    StoredBlock block = located.block;
    String source = block.tensor().source();
    String name = block.matrix().map(BlockRef::id).orElse(block.tensor().name());
    String id = prefix < 0 ? name : source.substring(prefix) + ":" + name;
    boolean inCluster = block.treatment().isInCluster();
    Optional<TensorLocation> stored = location(located.file, block.stored());
    return new BlockEntry(
        FreeNames.take(ids, id.isEmpty() ? "(unnamed)" : id, block.ordinal()),
        source,
        block.tensor().name(),
        Arrays.stream(block.tensor().shape().dims()).boxed().toList(),
        block.tensor().dtype().label(),
        block.treatment(),
        block.matrix().map(ManifestBuilder::view),
        block
            .matrix()
            .filter(each -> !each.isWhole())
            .map(each -> new Part(each.fromColumn(), each.fromColumn() + each.columns())),
        inCluster ? Optional.of(block.cluster()) : Optional.empty(),
        settings.input().rows() == 0
            && block.matrix().filter(ManifestBuilder::isTransposed).isPresent(),
        block.error(),
        inCluster ? stored : Optional.empty(),
        block.scale(),
        inCluster ? Optional.empty() : stored,
        block.sha256(),
        block.note().isEmpty() ? Optional.empty() : Optional.of(block.note()),
        block.weightedError(),
        block.sparse().map(sparse -> entry(located.file, sparse)));
  }

  private static SparseEntry entry(String file, StoredColumns sparse) {
    return new SparseEntry(
        Arrays.stream(sparse.channels()).asLongStream().boxed().toList(),
        new TensorLocation(file, sparse.columns()),
        new TensorLocation(file, sparse.bitmap()));
  }

  private static boolean isTransposed(BlockRef block) {
    return block.layout() == io.github.colonnade.connectors.view.Layout.COLUMN_MAJOR;
  }

  private static View view(BlockRef block) {
    return new View(
        block.rows(),
        block.columns(),
        block.layout() == io.github.colonnade.connectors.view.Layout.ROW_MAJOR
            ? Layout.ROW_MAJOR
            : Layout.COLUMN_MAJOR);
  }

  /** The length of the part up to the last slash that all sources share. */
  private static int commonParent(Set<String> sources) {
    if (sources.isEmpty()) {
      return 0;
    }
    String first = sources.iterator().next();
    int shared = first.lastIndexOf('/') + 1;
    for (String source : sources) {
      while (!source.startsWith(first.substring(0, shared))) {
        shared = first.lastIndexOf('/', shared - 2) + 1;
      }
    }
    return shared;
  }
}
