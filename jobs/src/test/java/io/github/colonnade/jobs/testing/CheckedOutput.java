package io.github.colonnade.jobs.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.Layout;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.ManifestReader;
import io.github.colonnade.jobs.manifest.Part;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.SparseEntry;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.manifest.Treatment;
import io.github.colonnade.jobs.manifest.View;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.RoaringBitmap;

/**
 * Reads an output back and holds it to everything that its manifest and the settings promise. All
 * errors are computed anew from the files, in double, by plain loops.
 */
public final class CheckedOutput {

  /** Squared norms, and how much of what is lost is in doubt. */
  private record Energies(double lost, double all, double doubt) {

    Energies(double lost, double all) {
      this(lost, all, 0);
    }

    Energies plus(Energies other) {
      return new Energies(lost + other.lost, all + other.all, doubt + other.doubt);
    }

    double error() {
      return all == 0 ? 0 : Math.sqrt(lost / all);
    }

    void assertAgrees(double stated, String id) {
      double error = error();
      boolean agrees =
          Math.abs(error - stated) <= 1e-9
              || Math.abs(error * error - stated * stated) * all <= doubt;
      assertTrue(agrees, id + ": " + stated + " is stated, and is " + error);
    }
  }

  private final Path directory;
  private final Map<String, Tensor> inputs;
  private final Manifest manifest;
  private final Map<String, Tensor> weights;
  private final Map<String, Map<String, Tensor>> files = new HashMap<>();

  private CheckedOutput(Path directory, Map<String, Tensor> inputs) {
    this.directory = directory;
    this.inputs = inputs;
    this.manifest = manifest(directory);
    this.weights =
        manifest
            .settings()
            .weights()
            .map(each -> Tensor.read(Path.of(URI.create(each.source()).getPath())))
            .orElse(Map.of());
  }

  /** The manifest of an output. */
  public static Manifest manifest(Path directory) {
    try (InputStream in = Files.newInputStream(directory.resolve(Manifest.FILE_NAME))) {
      return ManifestReader.read(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Checks everything.
   *
   * @param input the only input file
   */
  public static Manifest check(Path directory, Path input) {
    CheckedOutput output = new CheckedOutput(directory, Tensor.read(input));
    output.everyTensorIsThereOnce();
    output.errorsAreAsWrittenAndWithinTheLimit();
    output.otherBlocksAreUnchanged();
    output.totalsAreRight(input);
    return output.manifest;
  }

  private void everyTensorIsThereOnce() {
    Map<String, long[]> covered = new HashMap<>();
    for (BlockEntry block : manifest.blocks()) {
      Tensor tensor = input(block.tensor());
      assertEquals(tensor.shape(), block.shape());
      assertEquals(tensor.dtype(), block.dtype());
      long rows = block.view().map(View::rows).orElse(1L);
      int columns = (int) (tensor.elements() / rows);
      long[] count = covered.computeIfAbsent(block.tensor(), name -> new long[columns]);
      Part part = block.part().orElse(new Part(0, Math.max(columns, 1)));
      for (long i = part.from(); i < Math.min(part.to(), columns); i++) {
        count[(int) i]++;
      }
    }
    covered.forEach(
        (name, counts) ->
            assertTrue(Arrays.stream(counts).allMatch(count -> count == 1), "columns of " + name));
    for (RejectedEntry rejected : manifest.rejected()) {
      assertNull(covered.put(rejected.tensor(), new long[0]), rejected.tensor());
      assertTrue(rejected.reason().contains("NaN"), rejected.reason());
    }
    assertEquals(inputs.keySet(), covered.keySet());
  }

  private void errorsAreAsWrittenAndWithinTheLimit() {
    double limit = manifest.settings().maxError().orElse(Double.POSITIVE_INFINITY);
    Map<String, ClusterEntry> clusters = new HashMap<>();
    manifest.clusters().forEach(each -> clusters.put(each.id(), each));
    Map<String, Energies> sums = new HashMap<>();
    Map<String, Energies> weightedSums = new HashMap<>();
    Energies all = new Energies(0, 0);
    Energies weightedAll = new Energies(0, 0);
    for (BlockEntry block : manifest.blocks()) {
      if (block.treatment() == Treatment.RAW) {
        double[] a = block(block);
        Energies whole = new Energies(0, energy(a));
        all = all.plus(whole);
        weightedAll = weightedAll.plus(weighted(block, a, new double[a.length]).orElse(whole));
      }
      if (block.cluster().isEmpty()) {
        continue;
      }
      ClusterEntry cluster = Objects.requireNonNull(clusters.get(block.cluster().get()));
      double[] a = block(block);
      double[] residual = residual(a, block, cluster);
      Energies energies = new Energies(energy(residual), energy(a));
      assertEquals(energies.error(), block.error(), 1e-9, "certificate of " + block.id());
      Energies deciding = weighted(block, a, residual).orElse(energies);
      double error = block.weightedError().orElse(block.error());
      deciding.assertAgrees(error, block.id());
      if (manifest.settings().scope() == Scope.BLOCK || block.treatment() != Treatment.SHARED) {
        double own = cluster.limit().orElse(limit);
        assertTrue(error <= own, block.id() + ": " + error + " > " + own);
      }
      all = all.plus(energies);
      weightedAll = weightedAll.plus(deciding);
      sums.merge(cluster.id(), energies, Energies::plus);
      weightedSums.merge(cluster.id(), deciding, Energies::plus);
    }
    assertEquals(clusters.keySet(), sums.keySet());
    for (ClusterEntry cluster : manifest.clusters()) {
      String id = cluster.id();
      double plain = Objects.requireNonNull(sums.get(id)).error();
      assertEquals(plain, cluster.error(), 1e-9, "certificate of " + id);
      double error = cluster.weightedError().orElse(cluster.error());
      Objects.requireNonNull(weightedSums.get(id)).assertAgrees(error, id);
      double own = cluster.limit().orElse(limit);
      assertTrue(error <= own, id + ": " + error + " > " + own);
      int rankLimit = manifest.settings().rankLimit().orElse(Integer.MAX_VALUE);
      assertTrue(cluster.rank() <= rankLimit, "rank of " + id);
    }
    if (manifest.settings().scope() == Scope.COLLECTION) {
      double stated = manifest.totals().collectionError().orElseThrow();
      assertEquals(all.error(), stated, 1e-9, "joint error");
      if (weights.isEmpty()) {
        assertTrue(manifest.totals().weightedCollectionError().isEmpty());
        assertTrue(all.error() <= limit, all.error() + " > " + limit);
      } else {
        double weightedStated = manifest.totals().weightedCollectionError().orElseThrow();
        weightedAll.assertAgrees(weightedStated, "joint weighted error");
        assertTrue(weightedStated <= limit, weightedStated + " > " + limit);
      }
    }
  }

  /** Those with the block's weight, if it has one that leaves something of it. */
  private Optional<Energies> weighted(BlockEntry block, double[] a, double[] residual) {
    @Nullable Tensor weight = weights.get(block.tensor());
    if (weight == null) {
      assertTrue(block.weightedError().isEmpty(), block.id());
      return Optional.empty();
    }
    int m = (int) block.view().orElseThrow().rows();
    int n = a.length / m;
    int size = weight.shape().get(0).intValue();
    int columnsPerIndex = (int) input(block.tensor()).elements() / m / size;
    int from = (int) block.part().map(Part::from).orElse(0L).longValue();
    boolean full = weight.shape().size() == 2;
    double[] values = weight.values();
    double[] h = new double[n * n];
    double trace = 0;
    for (int j = 0; j < n; j++) {
      for (int k = 0; k < n; k++) {
        int row = (from + j) / columnsPerIndex;
        int column = (from + k) / columnsPerIndex;
        h[j * n + k] = full ? values[row * size + column] : j == k ? values[row] : 0;
      }
      trace += h[j * n + j];
    }
    double all = energy(a, h, m);
    // H itself is known only up to rounding of a full matrix.
    double doubt = full ? 1e-13 * trace : 0;
    boolean nothing = all <= 100 * doubt * energy(a);
    if (block.treatment() == Treatment.RAW && nothing) {
      return Optional.empty();
    }
    if (block.treatment() != Treatment.RAW && block.weightedError().isEmpty()) {
      assertTrue(nothing, block.id() + " has a weight");
      return Optional.empty();
    }
    return Optional.of(new Energies(energy(residual, h, m), all, doubt * energy(residual)));
  }

  /** trace(X·H·Xᵀ) for X: m×n, column after column. */
  private static double energy(double[] x, double[] h, int m) {
    int n = x.length / m;
    double sum = 0;
    for (int j = 0; j < n; j++) {
      for (int k = 0; k < n; k++) {
        for (int i = 0; i < m && h[j * n + k] != 0; i++) {
          sum += x[i + j * m] * h[j * n + k] * x[i + k * m];
        }
      }
    }
    return Math.max(sum, 0);
  }

  private static double energy(double[] x) {
    return Arrays.stream(x).map(each -> each * each).sum();
  }

  /** A − scale·U·C, column after column. */
  private double[] residual(double[] a, BlockEntry block, ClusterEntry cluster) {
    int m = (int) cluster.rows();
    int n = a.length / m;
    int r = cluster.rank();
    double[] u = cluster.basis().map(each -> stored(each, m, r)).orElse(new double[0]);
    int[] rows = rows(block, cluster);
    int[] channels = channels(block, a, m);
    boolean[] whole = new boolean[n];
    if (manifest.settings().isApproximation()) {
      Arrays.stream(channels).forEach(j -> whole[j] = true);
    }
    int[] others = IntStream.range(0, n).filter(j -> !whole[j]).toArray();
    double[] c =
        block
            .coefficients()
            .map(each -> coefficients(each, cluster, rows.length, others.length))
            .orElse(new double[0]);
    assertEquals(rows.length > 0, block.coefficients().isPresent(), block.id());
    double[] residual = new double[a.length];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < others.length; j++) {
        double approximation = 0;
        for (int k = 0; k < rows.length; k++) {
          approximation += u[i * r + rows[k]] * c[k * others.length + j];
        }
        int at = i + others[j] * m;
        residual[at] = a[at] - block.scale() * approximation;
      }
    }
    return residual;
  }

  /** The columns that are stored as they are, after it was checked that they are. */
  private int[] channels(BlockEntry block, double[] a, int m) {
    assertEquals(block.treatment() == Treatment.LOST, block.sparse().isPresent());
    if (block.sparse().isEmpty()) {
      return new int[0];
    }
    SparseEntry sparse = block.sparse().get();
    int[] channels = sparse.channels().stream().mapToInt(Long::intValue).toArray();
    Tensor bitmap = tensor(sparse.bitmap());
    assertEquals("U8", bitmap.dtype());
    RoaringBitmap numbers = new RoaringBitmap();
    try {
      numbers.deserialize(ByteBuffer.wrap(bitmap.bytes()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertArrayEquals(channels, numbers.toArray());
    assertEquals(block.dtype(), tensor(sparse.columns()).dtype());
    double[] columns = stored(sparse.columns(), m, channels.length);
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < channels.length; j++) {
        assertEquals(a[i + channels[j] * m], columns[i * channels.length + j], block.id());
      }
    }
    return channels;
  }

  /** The directions that a block uses: those that the mask has for its number in the cluster. */
  private int[] rows(BlockEntry block, ClusterEntry cluster) {
    int r = cluster.rank();
    if (cluster.mask().isEmpty()) {
      return IntStream.range(0, r).toArray();
    }
    int number =
        manifest.blocks().stream()
            .filter(each -> each.cluster().equals(block.cluster()))
            .toList()
            .indexOf(block);
    Tensor stored = tensor(cluster.mask().get());
    assertEquals("U8", stored.dtype());
    RoaringBitmap mask = new RoaringBitmap();
    try {
      mask.deserialize(ByteBuffer.wrap(stored.bytes()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertTrue(mask.last() < cluster.blocks() * r, "mask of " + cluster.id());
    assertTrue(mask.getCardinality() < cluster.blocks() * r, "the mask says nothing");
    return IntStream.range(0, r).filter(i -> mask.contains(number * r + i)).toArray();
  }

  /** Rows of numbers, or a bit for each and the numbers of those that have it. */
  private double[] coefficients(TensorLocation location, ClusterEntry cluster, int k, int n) {
    Tensor stored = tensor(location);
    if (!stored.dtype().equals("U8")) {
      return stored(location, k, n);
    }
    BitSet bits = BitSet.valueOf(Arrays.copyOf(stored.bytes(), (k * n + 7) / 8));
    byte[] numbers = Arrays.copyOfRange(stored.bytes(), (k * n + 7) / 8, stored.bytes().length);
    String dtype = tensor(cluster.basis().orElseThrow()).dtype();
    long count = numbers.length / basisNumberBytes(cluster);
    double[] values = new Tensor(location.tensor(), dtype, List.of(count), numbers).values();
    assertEquals(values.length, bits.cardinality(), location.toString());
    double[] all = new double[k * n];
    int next = 0;
    for (int i = bits.nextSetBit(0); i >= 0; i = bits.nextSetBit(i + 1)) {
      all[i] = values[next++];
    }
    return all;
  }

  private double[] stored(TensorLocation location, long rows, long columns) {
    Tensor tensor = tensor(location);
    assertEquals(List.of(rows, columns), tensor.shape(), location.toString());
    return tensor.values();
  }

  /** The numbers of a block, column after column. */
  private double[] block(BlockEntry entry) {
    View view = entry.view().orElseThrow();
    double[] values = input(entry.tensor()).values();
    int m = (int) view.rows();
    int n = values.length / m;
    double[] columns = new double[values.length];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        columns[i + j * m] = values[view.layout() == Layout.ROW_MAJOR ? i * n + j : i + j * m];
      }
    }
    Part part = entry.part().orElse(new Part(0, n));
    return Arrays.copyOfRange(columns, (int) part.from() * m, (int) part.to() * m);
  }

  private void otherBlocksAreUnchanged() {
    for (BlockEntry block : manifest.blocks()) {
      byte[] original = input(block.tensor()).bytes();
      if (block.part().isPresent()) {
        original = part(original, block);
      }
      assertEquals(sha256(original), block.sha256(), block.id());
      if (block.data().isPresent()) {
        Tensor copy = tensor(block.data().get());
        assertArrayEquals(original, copy.bytes(), block.id());
        assertEquals(block.dtype(), copy.dtype());
      }
      assertTrue(block.treatment() != Treatment.RAW || block.note().isPresent(), block.id());
    }
  }

  /** The bytes of some columns in the order of the file. */
  private byte[] part(byte[] original, BlockEntry block) {
    View view = block.view().orElseThrow();
    Part part = block.part().orElseThrow();
    int size = original.length / (int) input(block.tensor()).elements();
    int rows = (int) view.rows();
    if (view.layout() == Layout.COLUMN_MAJOR) {
      return Arrays.copyOfRange(
          original, (int) part.from() * rows * size, (int) part.to() * rows * size);
    }
    int segment = (int) view.columns() * size;
    byte[] bytes = new byte[rows * segment];
    for (int i = 0; i < rows; i++) {
      int from = i * (original.length / rows) + (int) part.from() * size;
      System.arraycopy(original, from, bytes, i * segment, segment);
    }
    return bytes;
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void totalsAreRight(Path input) {
    long numbers = manifest.blocks().stream().filter(each -> each.scale() != 1).count();
    Map<String, Long> sizes = new HashMap<>();
    for (ClusterEntry cluster : manifest.clusters()) {
      if (cluster.basis().isPresent()) {
        sizes.put(cluster.id(), basisNumberBytes(cluster));
      }
      numbers -= notCounted(cluster.mask(), sizes.getOrDefault(cluster.id(), 1L));
    }
    for (BlockEntry block : manifest.blocks()) {
      if (block.coefficients().isPresent()) {
        numbers -=
            notCounted(block.coefficients(), sizes.getOrDefault(block.cluster().orElseThrow(), 1L));
      }
    }
    for (BlockEntry block : manifest.blocks()) {
      if (block.sparse().isPresent()) {
        int bytes = tensor(block.sparse().get().bitmap()).bytes().length;
        Tensor columns = tensor(block.sparse().get().columns());
        long size = columns.bytes().length / columns.elements();
        numbers += (bytes + size - 1) / size - bytes;
      }
    }
    long bytes = 0;
    try (Stream<Path> paths = Files.list(directory)) {
      for (Path path : paths.toList()) {
        bytes += Files.size(path);
        if (!path.endsWith(Manifest.FILE_NAME)) {
          for (Tensor tensor : file(path.getFileName().toString()).values()) {
            numbers += tensor.elements();
          }
        }
      }
      assertEquals(Files.size(input), manifest.totals().bytesIn());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    long numbersIn = inputs.values().stream().mapToLong(Tensor::elements).sum();
    for (RejectedEntry rejected : manifest.rejected()) {
      numbersIn -= input(rejected.tensor()).elements();
    }
    assertEquals(numbersIn, manifest.totals().numbersIn());
    assertEquals(numbers, manifest.totals().numbersStored());
    // The digits of the timings are not counted.
    long uncounted = bytes - manifest.totals().bytesStored();
    assertTrue(0 <= uncounted && uncounted < 50, uncounted + " bytes are not counted");
    // A scale is a number more than a block may save.
    assertTrue(
        !manifest.settings().isApproximation() || manifest.totals().compressionRatio() > 1 - 1e-2,
        manifest.totals().toString());
    assertEquals(
        manifest.blocks().stream().mapToDouble(BlockEntry::error).max().orElse(0),
        manifest.totals().maxBlockError());
    assertEquals(
        manifest.clusters().stream().mapToDouble(ClusterEntry::error).max().orElse(0),
        manifest.totals().maxClusterError());
  }

  private long basisNumberBytes(ClusterEntry cluster) {
    Tensor basis = tensor(cluster.basis().orElseThrow());
    return basis.bytes().length / basis.elements();
  }

  /** Bytes count as numbers of the type of the basis. */
  private long notCounted(Optional<TensorLocation> at, long size) {
    if (at.isEmpty() || !tensor(at.get()).dtype().equals("U8")) {
      return 0;
    }
    long bytes = tensor(at.get()).bytes().length;
    return bytes - (bytes + size - 1) / size;
  }

  private Tensor tensor(TensorLocation location) {
    @Nullable Tensor tensor = file(location.file()).get(location.tensor());
    if (tensor == null) {
      throw new AssertionError(location + " is not there");
    }
    return tensor;
  }

  private Map<String, Tensor> file(String name) {
    return files.computeIfAbsent(name, each -> Tensor.read(directory.resolve(each)));
  }

  private Tensor input(String name) {
    @Nullable Tensor tensor = inputs.get(name);
    if (tensor == null) {
      throw new AssertionError("there was no tensor " + name);
    }
    return tensor;
  }
}
