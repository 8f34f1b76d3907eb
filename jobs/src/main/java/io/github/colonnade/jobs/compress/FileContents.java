package io.github.colonnade.jobs.compress;

import io.github.colonnade.bounds.ErrorBounds;
import io.github.colonnade.bounds.ErrorInterval;
import io.github.colonnade.bounds.Proof;
import io.github.colonnade.bounds.ScaledEnergy;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.Sha256;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorReader;
import io.github.colonnade.connectors.view.BlockReader;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.Layout;
import io.github.colonnade.connectors.write.SafetensorsSpool;
import io.github.colonnade.connectors.write.TensorHeader;
import io.github.colonnade.jobs.compress.EncodeTask.ClusterTask;
import io.github.colonnade.jobs.compress.EncodeTask.MemberTask;
import io.github.colonnade.jobs.compress.EncodeTask.StoredBasis;
import io.github.colonnade.jobs.compress.Outcome.StoredBlock;
import io.github.colonnade.jobs.compress.Outcome.StoredCluster;
import io.github.colonnade.jobs.compress.Outcome.StoredColumns;
import io.github.colonnade.jobs.manifest.BoundEntry;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.StoreDtype;
import io.github.colonnade.jobs.manifest.Treatment;
import io.github.colonnade.jobs.memory.PayloadNeed;
import io.github.colonnade.jobs.memory.PayloadShare;
import io.github.colonnade.jobs.stored.StoredTensors;
import io.github.colonnade.jobs.weights.BlockWeights;
import io.github.colonnade.svd.factor.BlockLoader;
import io.github.colonnade.svd.factor.ClusterEncoder;
import io.github.colonnade.svd.factor.ColumnWeight;
import io.github.colonnade.svd.factor.EncodedBlock;
import io.github.colonnade.svd.factor.EncoderSettings;
import io.github.colonnade.svd.factor.Encoding;
import io.github.colonnade.svd.factor.FixedRankEncoder;
import io.github.colonnade.svd.factor.GivenBasis;
import io.github.colonnade.svd.factor.GivenBasisEncoder;
import io.github.colonnade.svd.factor.LostEncoder;
import io.github.colonnade.svd.factor.Member;
import io.github.colonnade.svd.factor.RepairTally;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.lost.LostSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.LongConsumer;

/** Fills one output file and keeps what the manifest has to say of it. */
final class FileContents {

  private static final String USELESS_WEIGHT =
      "its weight leaves nothing of it, so the limit is on the plain error";

  private final String file;
  private final SafetensorsSpool spool;
  private final LinearAlgebra la;
  private final CompressSettings settings;
  private final Set<String> names = new HashSet<>();
  private final List<StoredCluster> clusters = new ArrayList<>();
  private final List<StoredBlock> blocks = new ArrayList<>();
  private final BlockWeights weights;
  private final StoredBases bases;
  private final PayloadShare memory;
  private final RepairTally repairs;
  private final LongConsumer read;
  private long numbers;
  private EnergySums energies = EnergySums.ZERO;

  /**
   * @param memory in which each cluster is held
   * @param repairs where repairs are counted
   * @param read receives the payload bytes of each block and tensor once, as they are read
   */
  FileContents(
      String file,
      SafetensorsSpool spool,
      LinearAlgebra la,
      CompressSettings settings,
      BlockWeights weights,
      StoredBases bases,
      PayloadShare memory,
      RepairTally repairs,
      LongConsumer read) {
    this.file = file;
    this.spool = spool;
    this.la = la;
    this.settings = settings;
    this.weights = weights;
    this.bases = bases;
    this.memory = memory;
    this.repairs = repairs;
    this.read = read;
  }

  Outcome.FileWritten written(long sizeBytes, StageTimes times) {
    return new Outcome.FileWritten(file, sizeBytes, numbers, energies, clusters, blocks, times);
  }

  /** Encodes a cluster; its members may end in several clusters or stay raw. */
  void encode(ClusterTask task) throws IOException {
    ClusterNeed need =
        ClusterNeed.of(
            task, weights, settings.rank(), FactorFormat.of(settings, task.members()).sizeBytes());
    boolean keep =
        need.payloadBytes() <= PayloadCache.BUDGET_BYTES && memory.isInShare(need.keeping());
    memory.holding(
        keep ? need.keeping() : need.bare(),
        () -> ClusterNeed.describe(task),
        () -> {
          encode(task, keep ? PayloadCache.BUDGET_BYTES : 0);
          return task;
        });
  }

  private void encode(ClusterTask task, long cacheBytes) throws IOException {
    List<MemberTask> tasks = task.members();
    int rows = Math.toIntExact(tasks.get(0).block().rows());
    FactorFormat format = FactorFormat.of(settings, tasks);
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < tasks.size(); i++) {
      MemberTask each = tasks.get(i);
      members.add(
          new Member(
              i, each.block().columns(), each.exponent(), each.loneCost(), each.weightExponent()));
    }
    EncoderSettings encoder =
        new EncoderSettings(
            settings.limit(task.limit().orElse(settings.maxError())),
            task.rankLimit(),
            format,
            repairs);
    try (PayloadCache payloads = new PayloadCache(la, tasks, cacheBytes, read)) {
      int part = 0;
      List<Encoding.Raw> raws = new ArrayList<>();
      BlockLoader loader = new Loader(tasks, payloads, weights);
      List<Member> others = members;
      if (task.basis().isPresent()) {
        GivenBasisEncoder.Result result =
            join(rows, members, task.basis().get(), encoder, format, loader);
        others = result.others();
        if (result.joined().isPresent()) {
          store(task.id(), rows, result.joined().get(), task, task.basis(), format, loader);
          part++;
        }
      }
      for (Encoding encoding : encode(rows, others, task, encoder, loader)) {
        if (encoding instanceof Encoding.Raw raw) {
          raws.add(raw);
          energies =
              energies.plus(
                  new EnergySums(
                      ScaledEnergy.ZERO, raw.energy(), ScaledEnergy.ZERO, raw.weightedEnergy()));
        } else if (encoding instanceof Encoding.LowRank cluster) {
          boolean whole = cluster.intact() && others.size() == members.size();
          String id = whole ? task.id() : task.id() + "-" + part++;
          store(id, rows, cluster, task, Optional.empty(), format, loader);
        }
      }
      storeRaw(tasks, raws);
      payloads.countUnread();
    }
  }

  private GivenBasisEncoder.Result join(
      int rows,
      List<Member> members,
      StoredBasis stored,
      EncoderSettings encoder,
      FactorFormat format,
      BlockLoader loader)
      throws IOException {
    try (GivenBasis basis = bases.open(stored, rows, format)) {
      return new GivenBasisEncoder(la, encoder).encode(rows, members, basis, loader);
    }
  }

  private List<Encoding> encode(
      int rows,
      List<Member> members,
      ClusterTask task,
      EncoderSettings encoder,
      BlockLoader loader) {
    Optional<LostMethod> lost = settings.lost();
    int rank = settings.rank();
    if (members.isEmpty()) {
      return List.of();
    }
    if (rank == 0) {
      ClusterEncoder clusters =
          lost.isPresent()
              ? ClusterEncoder.ofLayers(la, encoder)
              : settings.keepsColumns()
                  ? ClusterEncoder.keepingColumns(la, encoder)
                  : new ClusterEncoder(la, encoder);
      return clusters.encode(rows, members, task.sharedDirections(), loader);
    }
    if (lost.isEmpty()) {
      return new FixedRankEncoder(la, encoder).encode(rows, members, loader);
    }
    Member member = members.get(0);
    LostEncoder encodesAlone = new LostEncoder(la, encoder);
    if (lost.get() instanceof LostMethod.Fixed fixed) {
      int count = LostSettings.channels(fixed.sparsity(), Math.toIntExact(member.columns()));
      return List.of(encodesAlone.encodeFixed(member, loader, rank, count));
    }
    TensorInfo tensor = task.members().get(0).block().tensor();
    LostMethod.Pretrain layer = (LostMethod.Pretrain) lost.get();
    try {
      return List.of(encodesAlone.initialize(member, loader, layer.settings(rank, tensor.name())));
    } catch (IllegalArgumentException e) {
      throw FormatException.of(
          tensor.source(), tensor.name(), e.getMessage() + "; leave it out with --exclude");
    }
  }

  /** The payloads of blocks and their weights. */
  private record Loader(List<MemberTask> tasks, PayloadCache payloads, BlockWeights weights)
      implements BlockLoader {

    @Override
    public Matrix load(int position) {
      return payloads.load(position);
    }

    @Override
    public Matrix load(LinearAlgebra la, int[] positions) {
      return payloads.load(la, positions);
    }

    @Override
    public int sourceBytes(int position) {
      return tasks.get(position).block().tensor().dtype().sizeBytes();
    }

    @Override
    public ColumnWeight weight(int position) {
      MemberTask task = tasks.get(position);
      try {
        return weights.weight(task.block()).withExponent(task.weightExponent().orElseThrow());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void store(
      String id,
      int rows,
      Encoding.LowRank cluster,
      ClusterTask task,
      Optional<StoredBasis> given,
      FactorFormat format,
      BlockLoader loader)
      throws IOException {
    String basis = given.map(StoredBasis::tensor).orElse("");
    if (cluster.rank() > 0 && given.isEmpty()) {
      basis = add(free(id + "/basis", 0), format.dtype(), cluster.basis(), rows, cluster.rank());
    }
    String mask = "";
    if (cluster.mask().length > 0) {
      mask = free(id + "/mask", 0);
      addBytes(mask, cluster.mask(), format);
    }
    long columns = 0;
    boolean alone = cluster.blocks().size() == 1;
    for (EncodedBlock encoded : cluster.blocks()) {
      MemberTask member = task.members().get(encoded.position());
      columns += member.block().columns();
      String coefficients = "";
      if (encoded.rows() > 0) {
        coefficients = free(member.block().id() + "/coefficients", member.ordinal());
        if (encoded.sparse()) {
          addBytes(coefficients, encoded.coefficients(), format);
        } else {
          add(
              coefficients,
              format.dtype(),
              encoded.coefficients(),
              encoded.rows(),
              encoded.coefficients().length / format.sizeBytes() / encoded.rows());
        }
        numbers += encoded.scale() == 1 ? 0 : 1;
      }
      Optional<StoredColumns> sparse = Optional.empty();
      Treatment treatment = alone ? Treatment.ALONE : Treatment.SHARED;
      if (encoded.channels().length > 0) {
        sparse = Optional.of(storeColumns(member, encoded, loader));
        treatment = Treatment.LOST;
      }
      blocks.add(
          new StoredBlock(
              member.ordinal(),
              member.index(),
              member.block().tensor(),
              Optional.of(member.block()),
              treatment,
              id,
              encoded.error(),
              encoded.weightedError(),
              encoded.scale(),
              coefficients,
              member.sha256(),
              (cluster.rank() > 0 || sparse.isPresent()) && hasUselessWeight(member)
                  ? USELESS_WEIGHT
                  : "",
              sparse));
    }
    clusters.add(
        new StoredCluster(
            id,
            rows,
            cluster.rank(),
            columns,
            cluster.blocks().size(),
            bound(cluster, task, given.isPresent()),
            cluster.error(),
            cluster.weightedError(),
            given.map(StoredBasis::file).orElse(""),
            basis,
            mask,
            task.limit()));
    double weighted = cluster.weightedError().orElse(cluster.error());
    energies =
        energies.plus(
            new EnergySums(
                cluster.energy().times(cluster.error() * cluster.error()),
                cluster.energy(),
                cluster.weightedEnergy().times(weighted * weighted),
                cluster.weightedEnergy()));
  }

  /** Writes some columns of a block as they are, and which these are. */
  private StoredColumns storeColumns(MemberTask member, EncodedBlock encoded, BlockLoader loader)
      throws IOException {
    int[] channels = encoded.channels();
    DType dtype = member.block().tensor().dtype();
    double[] values;
    try (Matrix block = loader.load(encoded.position());
        Matrix columns = la.selectColumns(block, channels)) {
      values = columns.toDoubles();
    }
    int rows = Math.toIntExact(member.block().rows());
    double[] rowByRow = new double[values.length];
    for (int j = 0; j < channels.length; j++) {
      for (int i = 0; i < rows; i++) {
        rowByRow[j + i * channels.length] = Math.scalb(values[i + j * rows], member.exponent());
      }
    }
    String columns =
        add(
            free(member.block().id() + "/columns", member.ordinal()),
            dtype,
            FactorFormat.of(StoreDtype.SOURCE, List.of(dtype)).encode(rowByRow),
            rows,
            channels.length);
    byte[] bitmap = StoredTensors.bitmap(channels);
    String name = free(member.block().id() + "/channels", member.ordinal());
    spool.add(new TensorHeader(name, DType.U8, Shape.of(bitmap.length)), bitmap);
    numbers += StoredTensors.numbers(bitmap.length, dtype);
    return new StoredColumns(channels, columns, name);
  }

  private boolean hasUselessWeight(MemberTask member) {
    return weights.has(member.block().tensor()) && member.weightExponent().isEmpty();
  }

  /**
   * What was known of the rank-r error before anything was stored. Where the bound is on the
   * members as they are, the best error is also at most the measured one, which is below the
   * sketch's lower bound at times, by the rounding of the sketch.
   */
  private BoundEntry bound(Encoding.LowRank cluster, ClusterTask task, boolean givenBasis) {
    double measured = cluster.weightedError().orElse(cluster.error());
    ErrorInterval interval;
    if (givenBasis) {
      // Its members are those that the basis serves, whatever their spectrum.
      interval = new ErrorInterval(0, measured, Proof.TRIVIAL, Proof.EXACT);
    } else if (cluster.blocks().get(0).channels().length > 0) {
      // Whole columns are beside the rank, and no spectrum tells of these.
      interval = new ErrorInterval(0, measured, Proof.TRIVIAL, Proof.EXACT);
    } else if (cluster.intact()
        && task.basis().isEmpty()
        && settings.lost().isEmpty()
        && task.isSketched(cluster.rank())) {
      Spectrum sketch = Spectrum.ofKept(task.squares(), task.droppedEnergy());
      interval = ErrorBounds.incremental(sketch, cluster.rank());
    } else if (cluster.spectrum().isPresent()) {
      interval = ErrorBounds.exact(cluster.spectrum().get(), cluster.rank());
    } else {
      // What was measured bounds the best error of this rank.
      interval = new ErrorInterval(0, measured, Proof.TRIVIAL, Proof.EXACT);
    }
    double lower =
        settings.method().scope() == Scope.BLOCK
            ? interval.lower()
            : Math.min(interval.lower(), measured);
    return new BoundEntry(lower, interval.upper(), interval.upperProof().label());
  }

  private String add(String name, DType dtype, byte[] bytes, long... shape) throws IOException {
    TensorHeader header = new TensorHeader(name, dtype, Shape.of(shape));
    spool.add(header, bytes);
    numbers += header.shape().elements();
    return name;
  }

  /** Adds bytes, which count as numbers of a format. */
  private void addBytes(String name, byte[] bytes, FactorFormat format) throws IOException {
    spool.add(new TensorHeader(name, DType.U8, Shape.of(bytes.length)), bytes);
    numbers += StoredTensors.numbers(bytes.length, format.dtype());
  }

  /** The name, or, if it is taken in this file, the name with a suffix; takes it. */
  private String free(String name, long ordinal) {
    return FreeNames.take(names, name, ordinal);
  }

  /** Copies blocks bit for bit: tensor after tensor, each opened once. */
  private void storeRaw(List<MemberTask> tasks, List<Encoding.Raw> raws) throws IOException {
    List<Encoding.Raw> sorted =
        raws.stream()
            .sorted(
                Comparator.comparingLong((Encoding.Raw each) -> task(tasks, each).ordinal())
                    .thenComparingInt(each -> task(tasks, each).index()))
            .toList();
    int from = 0;
    while (from < sorted.size()) {
      int to = from + 1;
      long ordinal = task(tasks, sorted.get(from)).ordinal();
      while (to < sorted.size() && task(tasks, sorted.get(to)).ordinal() == ordinal) {
        to++;
      }
      BlockRef first = task(tasks, sorted.get(from)).block();
      if (!first.isContiguous()) {
        for (Encoding.Raw raw : sorted.subList(from, to)) {
          try (InputStream in = BlockReader.open(task(tasks, raw).block())) {
            storeRaw(task(tasks, raw), raw.reason(), in);
          }
        }
        from = to;
        continue;
      }
      BlockRef last = task(tasks, sorted.get(to - 1)).block();
      long end = last.fromByte() + last.sizeBytes();
      try (InputStream in =
          TensorReader.open(first.tensor(), first.fromByte(), end - first.fromByte())) {
        long position = first.fromByte();
        for (Encoding.Raw raw : sorted.subList(from, to)) {
          BlockRef block = task(tasks, raw).block();
          in.skipNBytes(block.fromByte() - position);
          storeRaw(task(tasks, raw), raw.reason(), in);
          position = block.fromByte() + block.sizeBytes();
        }
      }
      from = to;
    }
  }

  private static MemberTask task(List<MemberTask> tasks, Encoding.Raw raw) {
    return tasks.get(raw.position());
  }

  private static Shape storedShape(BlockRef block) {
    if (block.isWhole()) {
      return block.tensor().shape();
    }
    return block.layout() == Layout.ROW_MAJOR
        ? Shape.of(block.rows(), block.columns())
        : Shape.of(block.columns(), block.rows());
  }

  private void storeRaw(MemberTask member, String reason, InputStream in) throws IOException {
    BlockRef block = member.block();
    TensorInfo tensor = block.tensor();
    Shape shape = storedShape(block);
    String name = free(block.id(), member.ordinal());
    String sha256 = copy(name, tensor.dtype(), shape, new Prefix(in, block.sizeBytes()));
    if (!sha256.equals(member.sha256())) {
      throw FormatException.of(
          tensor.source(),
          tensor.name(),
          "it changed while it was being compressed; run again when nobody writes to it");
    }
    blocks.add(
        new StoredBlock(
            member.ordinal(),
            member.index(),
            tensor,
            Optional.of(block),
            Treatment.RAW,
            "",
            0,
            OptionalDouble.empty(),
            1,
            name,
            sha256,
            reason,
            Optional.empty()));
  }

  /** Copies a tensor bit for bit. */
  void copy(PassThrough pass) throws IOException {
    TensorInfo tensor = pass.tensor();
    String name = free(tensor.name(), pass.ordinal());
    String sha256 =
        memory.holding(
            PayloadNeed.opening(tensor),
            () -> tensor.source() + ": " + tensor.name(),
            () -> {
              try (InputStream in = TensorReader.open(tensor)) {
                return copy(name, tensor.dtype(), tensor.shape(), in);
              }
            });
    blocks.add(
        new StoredBlock(
            pass.ordinal(),
            0,
            tensor,
            Optional.empty(),
            Treatment.PASSTHROUGH,
            "",
            0,
            OptionalDouble.empty(),
            1,
            name,
            sha256,
            pass.reason(),
            Optional.empty()));
    read.accept(tensor.sizeBytes());
  }

  private String copy(String name, DType dtype, Shape shape, InputStream payload)
      throws IOException {
    MessageDigest digest = Sha256.digest();
    spool.add(new TensorHeader(name, dtype, shape), new DigestInputStream(payload, digest));
    numbers += shape.elements();
    return HexFormat.of().formatHex(digest.digest());
  }
}
