package io.github.colonnade.jobs.stored;

import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.FloatCodec;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.write.SafetensorsSpool;
import io.github.colonnade.connectors.write.TensorHeader;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.BoundEntry;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.Layout;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.ManifestReader;
import io.github.colonnade.jobs.manifest.ManifestWriter;
import io.github.colonnade.jobs.manifest.Part;
import io.github.colonnade.jobs.manifest.Precision;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.manifest.RejectionCause;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.Settings;
import io.github.colonnade.jobs.manifest.StoreDtype;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.manifest.Timings;
import io.github.colonnade.jobs.manifest.Totals;
import io.github.colonnade.jobs.manifest.Transpose;
import io.github.colonnade.jobs.manifest.Treatment;
import io.github.colonnade.jobs.manifest.View;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.roaringbitmap.RoaringBitmap;

/**
 * Makes originals and a compressed collection of them that is right in every respect, with plain
 * loops over arrays: the factors are those of {@link PlainFactors}, every error is measured there.
 */
public final class CompressedDirectories {
  private static final String FACTORS = "factors/f0.safetensors";
  private static final String DATA = "data.safetensors";

  private final Path root;
  private final OriginalFiles originals;
  private final List<String> inputs = new ArrayList<>();
  private final List<ClusterEntry> clusters = new ArrayList<>();
  private final List<BlockEntry> blocks = new ArrayList<>();
  private final List<RejectedEntry> rejected = new ArrayList<>();
  private long rejectedNumbers;

  /** Scales, and masks as numbers less their bytes. */
  private long numbersBesideTensors;

  private final Map<String, Map<TensorHeader, byte[]>> stored = new LinkedHashMap<>();

  /** Everything will lie below {@code root}: originals in {@code in}, the result in {@code out}. */
  public CompressedDirectories(Path root) {
    this.root = root;
    this.originals = new OriginalFiles(in());
  }

  /** A tensor seen as a matrix, or columns {@code from} to {@code to} of it. */
  public record Of(String file, String tensor, Layout layout, int rows, int from, int to) {
    public static Of rowMajor(String file, String tensor, int rows) {
      return new Of(file, tensor, Layout.ROW_MAJOR, rows, 0, -1);
    }

    public static Of columnMajor(String file, String tensor, int rows) {
      return new Of(file, tensor, Layout.COLUMN_MAJOR, rows, 0, -1);
    }

    boolean isWhole() {
      return to < 0;
    }

    /** Its name in the manifest. */
    String id() {
      String name = file + "#" + tensor;
      return isWhole() ? name : name + "[" + from + ":" + to + "]";
    }

    public Of columns(int from, int to) {
      return new Of(file, tensor, layout, rows, from, to);
    }
  }

  public Path in() {
    return root.resolve("in");
  }

  public Path out() {
    return root.resolve("out");
  }

  /** The file that holds bases and coefficients: tensors "basis ID" and "c BLOCK". */
  public Path factors() {
    return out().resolve(FACTORS);
  }

  /** The file that holds what is not compressed. */
  public Path data() {
    return out().resolve(DATA);
  }

  public CompressedDirectories input(String path) {
    inputs.add(in().resolve(path).toUri().toString());
    return this;
  }

  public CompressedDirectories file(String path, byte[] content) {
    originals.file(path, content);
    return this;
  }

  public CompressedDirectories tensor(
      String file, String name, DType dtype, long[] shape, double... values) {
    byte[] bytes = new byte[(int) dtype.payloadBytes(values.length)];
    FloatCodec.encode(dtype, values, 0, values.length, ByteBuffer.wrap(bytes));
    return tensor(file, name, dtype, shape, bytes);
  }

  public CompressedDirectories tensor(
      String file, String name, DType dtype, long[] shape, byte[] bytes) {
    originals.tensor(file, new TensorHeader(name, dtype, Shape.of(shape)), bytes);
    return this;
  }

  public CompressedDirectories npy(String path, String tensor, double... values) {
    originals.npy(path, tensor, values);
    return this;
  }

  /** A cluster of blocks, stored as {@code scale · U · C}; rank 0 if they are zero. */
  public CompressedDirectories cluster(
      String id, int rank, DType store, double scale, Of... members) {
    int[] all = IntStream.range(0, rank).toArray();
    return cluster(
        id,
        rank,
        store,
        scale,
        Collections.nCopies(members.length, all),
        Optional.empty(),
        members);
  }

  /**
   * A cluster of blocks that use some directions each.
   *
   * @param kept the directions of each block, ascending
   * @param members in the order of the manifest
   */
  public CompressedDirectories ragged(
      String id, int rank, DType store, double scale, List<int[]> kept, Of... members) {
    RoaringBitmap mask = new RoaringBitmap();
    for (int j = 0; j < members.length; j++) {
      for (int row : kept.get(j)) {
        mask.add(j * rank + row);
      }
    }
    byte[] bytes = new byte[mask.serializedSizeInBytes()];
    mask.serialize(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    return cluster(id, rank, store, scale, kept, Optional.of(bytes), members);
  }

  private CompressedDirectories cluster(
      String id,
      int rank,
      DType store,
      double scale,
      List<int[]> kept,
      Optional<byte[]> mask,
      Of... members) {
    numbersBesideTensors += scale == 1 ? 0 : members.length;
    if (mask.isPresent()) {
      store(FACTORS, "mask " + id, DType.U8, Shape.of(mask.get().length), mask.get());
      int size = store.sizeBytes();
      numbersBesideTensors += (mask.get().length + size - 1) / size - mask.get().length;
    }
    List<double[]> matrices = Arrays.stream(members).map(originals::matrix).toList();
    int rows = members[0].rows();
    PlainFactors factors = PlainFactors.of(rows, matrices, rank, store, scale, kept);
    String basis = "basis " + id;
    if (rank > 0) {
      store(FACTORS, basis, store, Shape.of(rows, rank), factors.basis());
    }
    long columns = 0;
    for (int j = 0; j < members.length; j++) {
      int n = matrices.get(j).length / rows;
      columns += n;
      String coefficients = "c " + members[j].id();
      int used = kept.get(j).length;
      if (used > 0) {
        store(FACTORS, coefficients, store, Shape.of(used, n), factors.coefficients().get(j));
      }
      blocks.add(
          block(
              members[j],
              members.length == 1 ? Treatment.ALONE : Treatment.SHARED,
              Optional.of(id),
              factors.errors().get(j),
              used > 0 ? at(FACTORS, coefficients) : Optional.empty(),
              scale,
              Optional.empty()));
    }
    clusters.add(
        new ClusterEntry(
            id,
            rows,
            rank,
            columns,
            members.length,
            new BoundEntry(0, 1, "test"),
            factors.jointError(),
            rank > 0 ? at(FACTORS, basis) : Optional.empty(),
            mask.flatMap(bytes -> at(FACTORS, "mask " + id))));
    return this;
  }

  public CompressedDirectories raw(Of of) {
    TensorHeader header = originals.header(of.file(), of.tensor());
    byte[] bytes = originals.bytes(of);
    store(
        DATA,
        of.id(),
        header.dtype(),
        of.isWhole() ? header.shape() : Shape.of(bytes.length / header.dtype().sizeBytes()),
        bytes);
    blocks.add(
        block(of, Treatment.RAW, Optional.empty(), 0, Optional.empty(), 1, at(DATA, of.id())));
    return this;
  }

  public CompressedDirectories pass(String file, String name) {
    TensorHeader header = originals.header(file, name);
    byte[] payload = originals.payload(file, name);
    String id = file + "#" + name;
    store(DATA, id, header.dtype(), header.shape(), payload);
    blocks.add(
        new BlockEntry(
            id,
            originals.uri(file),
            name,
            dims(header),
            header.dtype().label(),
            Treatment.PASSTHROUGH,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            false,
            0,
            Optional.empty(),
            1,
            at(DATA, id),
            sha256(payload),
            Optional.empty()));
    return this;
  }

  public CompressedDirectories reject(String file, String name) {
    rejected.add(new RejectedEntry(originals.uri(file), name, RejectionCause.NOT_FINITE, "NaN"));
    rejectedNumbers += originals.header(file, name).shape().elements();
    return this;
  }

  /** Writes everything. The blocks of the manifest are in the order of their tensors' data. */
  public CompressedDirectories write(double maxError, Scope scope) throws IOException {
    originals.write();
    for (Map.Entry<String, Map<TensorHeader, byte[]>> file : stored.entrySet()) {
      Path path = out().resolve(file.getKey());
      Files.createDirectories(path.getParent());
      try (SafetensorsSpool spool = SafetensorsSpool.create(flink(root))) {
        for (Map.Entry<TensorHeader, byte[]> tensor : file.getValue().entrySet()) {
          spool.add(tensor.getKey(), tensor.getValue());
        }
        spool.finish(flink(path), Map.of());
      }
    }
    Manifest manifest = manifest(maxError, scope);
    writeManifest(manifest, manifest.totals().bytesStored());
    return this;
  }

  /** Changes the manifest that was written; it still counts its own bytes, unless changed. */
  public void rewrite(UnaryOperator<Manifest> change) throws IOException {
    Manifest manifest;
    try (InputStream in = Files.newInputStream(out().resolve(Manifest.FILE_NAME))) {
      manifest = ManifestReader.read(in);
    }
    Manifest changed = change.apply(manifest);
    writeManifest(changed, changed.totals().bytesStored() - size(manifest));
  }

  /** Changes bits of one byte of a tensor in a safetensors file. */
  public static void flip(Path file, String tensor, int index, int mask) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[PlainSafetensors.read(file).tensor(tensor).begin() + index] ^= (byte) mask;
    Files.write(file, bytes);
  }

  /** The payload of an original. */
  public byte[] payload(String file, String tensor) {
    return originals.payload(file, tensor);
  }

  public static org.apache.flink.core.fs.Path flink(Path path) {
    return new org.apache.flink.core.fs.Path(path.toUri());
  }

  /**
   * @param otherBytes what it counts beside its own
   */
  private void writeManifest(Manifest manifest, long otherBytes) throws IOException {
    Manifest counted = ManifestEdits.bytesStored(manifest, otherBytes + size(manifest));
    Files.createDirectories(out());
    try (OutputStream out = Files.newOutputStream(out().resolve(Manifest.FILE_NAME))) {
      ManifestWriter.write(counted, out);
    }
  }

  private static long size(Manifest manifest) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ManifestWriter.write(manifest, bytes);
    return bytes.size();
  }

  private Manifest manifest(double maxError, Scope scope) throws IOException {
    Map<String, List<BlockEntry>> byTensor = new LinkedHashMap<>();
    originals.order().forEach(tensor -> byTensor.put(tensor, new ArrayList<>()));
    for (BlockEntry block : blocks) {
      byTensor
          .computeIfAbsent(block.source() + "#" + block.tensor(), key -> new ArrayList<>())
          .add(block);
    }
    List<BlockEntry> ordered = byTensor.values().stream().flatMap(List::stream).toList();
    long numbersStored = numbersBesideTensors;
    long bytesStored = 0;
    for (Map.Entry<String, Map<TensorHeader, byte[]>> file : stored.entrySet()) {
      bytesStored += Files.size(out().resolve(file.getKey()));
      for (TensorHeader header : file.getValue().keySet()) {
        numbersStored += header.shape().elements();
      }
    }
    return new Manifest(
        new Settings(
            "colonnade test",
            inputs,
            maxError,
            scope,
            OptionalInt.empty(),
            "test",
            Precision.FLOAT64,
            StoreDtype.SOURCE,
            OptionalInt.empty(),
            OptionalInt.empty(),
            Transpose.NEVER,
            List.of(),
            List.of(),
            false),
        Totals.of(
            ordered.size(),
            clusters.size(),
            originals.numbers() - rejectedNumbers,
            numbersStored,
            originals.sizeBytes(),
            bytesStored,
            ordered.stream().mapToDouble(BlockEntry::error).max().orElse(0),
            clusters.stream().mapToDouble(ClusterEntry::error).max().orElse(0),
            ordered.stream().filter(block -> block.cluster().isPresent()).count()),
        new Timings(0, 0, 0, 0, 0),
        clusters,
        ordered,
        rejected);
  }

  private BlockEntry block(
      Of of,
      Treatment treatment,
      Optional<String> cluster,
      double error,
      Optional<TensorLocation> coefficients,
      double scale,
      Optional<TensorLocation> data) {
    TensorHeader header = originals.header(of.file(), of.tensor());
    long columns = header.shape().elements() / of.rows();
    boolean whole = of.isWhole();
    return new BlockEntry(
        of.id(),
        originals.uri(of.file()),
        of.tensor(),
        dims(header),
        header.dtype().label(),
        treatment,
        Optional.of(new View(of.rows(), whole ? columns : of.to() - of.from(), of.layout())),
        whole ? Optional.empty() : Optional.of(new Part(of.from(), of.to())),
        cluster,
        header.shape().rank() == 2 && of.layout() == Layout.COLUMN_MAJOR,
        error,
        coefficients,
        scale,
        data,
        sha256(originals.bytes(of)),
        Optional.empty());
  }

  private void store(String file, String name, DType dtype, Shape shape, byte[] bytes) {
    stored
        .computeIfAbsent(file, key -> new LinkedHashMap<>())
        .put(new TensorHeader(name, dtype, shape), bytes);
  }

  private static List<Long> dims(TensorHeader header) {
    return Arrays.stream(header.shape().dims()).boxed().toList();
  }

  private static Optional<TensorLocation> at(String file, String tensor) {
    return Optional.of(new TensorLocation(file, tensor));
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
