package io.github.colonnade.jobs.verify;

import io.github.colonnade.bounds.ScaledEnergy;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.Sha256;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockReader;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.BlockValues;
import io.github.colonnade.connectors.view.ElementType;
import io.github.colonnade.jobs.manifest.LostMode;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.SparseEntry;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.memory.PayloadNeed;
import io.github.colonnade.jobs.memory.PayloadShare;
import io.github.colonnade.jobs.stored.StoredTensors;
import io.github.colonnade.jobs.verify.CheckItem.ClusterPiece;
import io.github.colonnade.jobs.verify.CheckItem.Copy;
import io.github.colonnade.jobs.verify.CheckItem.Member;
import io.github.colonnade.jobs.verify.CheckItem.TensorBlocks;
import io.github.colonnade.jobs.weights.BlockWeights;
import io.github.colonnade.svd.factor.ColumnWeight;
import io.github.colonnade.svd.factor.KeptRows;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Precision;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.LongConsumer;

/**
 * Reads the numbers of an item and compares them with what the manifest says. Holds one basis and
 * one block at a time.
 */
final class PieceChecker {
  private static final int BUFFER_BYTES = 1 << 16;

  private final LinearAlgebra la;
  private final StoredTensors stored;
  private final Limit limit;
  private final BlockWeights weights;
  private final PayloadShare memory;
  private final LongConsumer bytesDone;
  private final ErrorMeter meter;
  private final BlockReader reader = new BlockReader(ElementType.DOUBLE);

  private Findings findings = new Findings();
  private long blocks;
  private double maxBlockError;
  private double maxClusterError;
  private CollectionSum collection = CollectionSum.ZERO;

  /**
   * @param memory in which each piece of a cluster, and each copy, is held
   * @param bytesDone told of the bytes of the originals as they are done
   */
  PieceChecker(
      LinearAlgebra la,
      StoredTensors stored,
      Limit limit,
      BlockWeights weights,
      PayloadShare memory,
      LongConsumer bytesDone) {
    this.la = la;
    this.stored = stored;
    this.limit = limit;
    this.weights = weights;
    this.memory = memory;
    this.bytesDone = bytesDone;
    this.meter = new ErrorMeter(la);
  }

  Measurement check(CheckItem item) throws IOException {
    findings = new Findings();
    blocks = 0;
    maxBlockError = 0;
    maxClusterError = 0;
    collection = CollectionSum.ZERO;
    List<ClusterSum> incomplete = new ArrayList<>();
    for (ClusterPiece piece : item.pieces()) {
      ClusterSum sum =
          memory.holding(need(piece), () -> "cluster " + piece.id(), () -> check(piece));
      if (sum.isComplete()) {
        maxClusterError = Math.max(maxClusterError, sum.settle(limit, findings));
      } else if (sum.measured() > 0) {
        incomplete.add(sum);
      }
    }
    for (Copy copy : item.copies()) {
      memory.holding(
          need(copy),
          () -> "block " + copy.id(),
          () -> {
            check(copy);
            return copy;
          });
      bytesDone.accept(copy.sizeBytes());
    }
    return new Measurement(
        item.ordinal(),
        findings.lines(),
        findings.count(),
        blocks,
        maxBlockError,
        maxClusterError,
        collection,
        incomplete);
  }

  private PayloadNeed need(ClusterPiece piece) {
    PayloadNeed most = PayloadNeed.basis(piece.rows(), piece.rank());
    for (TensorBlocks tensor : piece.tensors()) {
      long columns = 0;
      long whole = 0;
      for (Member member : tensor.members()) {
        columns = Math.max(columns, member.block().columns());
        whole =
            Math.max(whole, member.sparse().map(each -> (long) each.channels().size()).orElse(0L));
      }
      long together =
          BlockReader.numbersTogether(tensor.members().stream().map(Member::block).toList());
      PayloadNeed need =
          PayloadNeed.verify(piece.rows(), columns, together, piece.rank(), whole)
              .plus(PayloadNeed.opening(tensor.tensor()));
      if (weights.has(tensor.tensor())) {
        need = need.plus(weights.need(tensor.members().get(0).block()));
      }
      most = most.max(need);
    }
    return most;
  }

  /** A copy is compared through small buffers, unless its energy counts. */
  private PayloadNeed need(Copy copy) {
    PayloadNeed opening = PayloadNeed.opening(copy.tensor());
    if (copy.block().isEmpty() || limit.scope() != Scope.COLLECTION) {
      return opening;
    }
    BlockRef block = copy.block().get();
    PayloadNeed need =
        PayloadNeed.verify(block.rows(), block.columns(), block.elements(), 0, 0).plus(opening);
    return weights.has(block.tensor()) ? need.plus(weights.need(block)) : need;
  }

  private ClusterSum check(ClusterPiece piece) throws IOException {
    PieceSum sum = new PieceSum(piece);
    try (Matrix basis = basis(piece)) {
      Optional<KeptRows> kept = Optional.empty();
      if (piece.mask().isPresent()) {
        kept = Optional.of(stored.keptRows(piece.mask().get(), piece.members(), piece.rank()));
      }
      Directions directions = new Directions(basis, piece.basis(), kept);
      for (TensorBlocks tensor : piece.tensors()) {
        check(tensor, directions, sum);
        bytesDone.accept(tensor.sizeBytes());
      }
    } catch (FormatException e) {
      findings.add("cluster " + piece.id() + ": " + e.getMessage());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return sum.total;
  }

  private Matrix basis(ClusterPiece piece) throws IOException {
    if (piece.basis().isEmpty()) {
      return la.zeros(Math.toIntExact(piece.rows()), 0, Precision.FLOAT64);
    }
    double[] u = stored.columns(piece.basis().get(), piece.rows(), piece.rank());
    return la.fromColumns(u, (int) piece.rows(), piece.rank());
  }

  /**
   * What the members of a piece use.
   *
   * @param at where the basis is stored; nowhere at rank 0
   * @param kept which columns each of them; nothing if all
   */
  private record Directions(Matrix basis, Optional<TensorLocation> at, Optional<KeptRows> kept) {}

  private void check(TensorBlocks tensor, Directions directions, PieceSum sum) throws IOException {
    List<BlockRef> refs = tensor.members().stream().map(Member::block).toList();
    Iterator<Member> members = tensor.members().iterator();
    try {
      reader.readTensorBlocks(
          tensor.tensor(), refs, values -> check(members.next(), values, directions, sum));
    } catch (FormatException e) {
      findings.add("the original of " + blocks(tensor) + " cannot be read: " + e.getMessage());
    }
  }

  private static String blocks(TensorBlocks tensor) {
    int others = tensor.members().size() - 1;
    String first = "block " + tensor.members().get(0).id();
    return others == 0 ? first : first + " and of " + others + " more of its tensor";
  }

  private void check(Member member, BlockValues original, Directions directions, PieceSum sum) {
    String block = "block " + member.id() + ": ";
    blocks++;
    if (isChanged(block, original.sha256(), member.sha256())) {
      return;
    }
    if (!original.finite()) {
      findings.add(block + "the original has numbers that are not finite");
      return;
    }
    ErrorMeter.Energies energies;
    try {
      energies = measure(member, original, directions);
    } catch (FormatException e) {
      findings.add(block + e.getMessage());
      return;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    sum.add(energies);
    collection = collection.plus(energies);
    double error = energies.error();
    if (!Tolerance.agree(error, member.error())) {
      findings.add(block + "error " + error + " measured, the manifest says " + member.error());
    }
    String which = "error ";
    if (member.weightedError().isPresent() && !limit.weighed()) {
      return;
    }
    if (!agree(block, energies.weighted(), member.weightedError())) {
      return;
    }
    if (energies.weighted().isPresent()) {
      which = "weighted error ";
      error = energies.weighted().get().error();
    }
    maxBlockError = Math.max(maxBlockError, error);
    if (limit.scope() == Scope.BLOCK && !(error <= limit.maxError())) {
      findings.add(block + which + error + " breaks the limit " + limit.maxError());
    }
  }

  private ErrorMeter.Energies measure(
      BlockRef block, BlockValues original, Matrix basis, double[] c, double scale, int[] channels)
      throws IOException {
    double[] a = original.doubles();
    double maxAbs = original.maxAbs();
    if (!weights.has(block.tensor())) {
      return meter.measure(a, maxAbs, basis, c, scale, Optional.empty(), channels);
    }
    try (ColumnWeight weight = weights.weight(block)) {
      return meter.measure(a, maxAbs, basis, c, scale, Optional.of(weight), channels);
    }
  }

  private boolean agree(String block, Optional<WeightedSum> measured, OptionalDouble stated) {
    if (measured.isPresent() != stated.isPresent()) {
      findings.add(
          block
              + (stated.isPresent()
                  ? "a weighted error is stated, but it has no weight"
                  : "it has a weight, but no weighted error is stated"));
      return false;
    }
    if (measured.isPresent() && !measured.get().agrees(stated.getAsDouble())) {
      findings.add(
          block
              + "weighted error "
              + measured.get().error()
              + " measured, the manifest says "
              + stated.getAsDouble());
    }
    return true;
  }

  private ErrorMeter.Energies measure(Member member, BlockValues original, Directions directions)
      throws IOException {
    int[] channels = new int[0];
    if (member.sparse().isPresent()) {
      checkColumns(member, member.sparse().get(), original);
      channels = limit.factors() == LostMode.PRETRAIN ? channels : member.sparse().get().numbers();
    }
    long columns = member.block().columns() - channels.length;
    if (directions.kept.isEmpty()) {
      double[] c = coefficients(member, directions, directions.basis.columns(), columns);
      return measure(member.block(), original, directions.basis, c, member.scale(), channels);
    }
    int[] rows = directions.kept.get().rows(member.number());
    double[] c = coefficients(member, directions, rows.length, columns);
    try (Matrix used = la.selectColumns(directions.basis, rows)) {
      return measure(member.block(), original, used, c, member.scale(), channels);
    }
  }

  /** Whole columns are those of the original, and the bitmap says which. */
  private void checkColumns(Member member, SparseEntry sparse, BlockValues original)
      throws IOException {
    String block = "block " + member.id() + ": ";
    int[] channels = sparse.numbers();
    long m = member.block().rows();
    if (!Arrays.equals(channels, stored.channels(sparse.bitmap(), member.block().columns()))) {
      findings.add(block + "its bitmap has other channels than the manifest");
    }
    DType expected = member.block().tensor().dtype();
    DType found = stored.info(sparse.columns()).dtype();
    if (found != expected) {
      findings.add(
          block + "its whole columns are stored as " + found + ", the original is " + expected);
    }
    double[] columns = stored.columns(sparse.columns(), m, channels.length);
    double[] a = original.doubles();
    for (int j = 0; j < channels.length; j++) {
      int from = Math.toIntExact(channels[j] * m);
      int to = Math.toIntExact(from + m);
      int at = Math.toIntExact(j * m);
      if (!Arrays.equals(a, from, to, columns, at, Math.toIntExact(at + m))) {
        findings.add(block + "its whole column " + channels[j] + " differs from the original");
      }
    }
  }

  private double[] coefficients(Member member, Directions directions, int rows, long columns)
      throws IOException {
    if (member.coefficients().isPresent() && directions.at.isPresent()) {
      double[] c =
          stored.coefficients(member.coefficients().get(), directions.at.get(), rows, columns);
      return StoredTensors.byColumns(c, rows, (int) columns);
    }
    if (rows > 0) {
      throw FormatException.of(
          Manifest.FILE_NAME, "the block uses " + rows + " directions, but has no coefficients");
    }
    return new double[0];
  }

  private void check(Copy copy) throws IOException {
    String block = "block " + copy.id() + ": ";
    blocks++;
    try {
      TensorInfo data = stored.info(copy.data());
      if (data.dtype() != copy.tensor().dtype() || data.sizeBytes() != copy.sizeBytes()) {
        findings.add(
            block
                + data.sizeBytes()
                + " bytes of "
                + data.dtype()
                + " are stored, the original has "
                + copy.sizeBytes()
                + " of "
                + copy.tensor().dtype());
        return;
      }
      boolean whole = copy.sizeBytes() == copy.tensor().sizeBytes();
      if (whole && !data.shape().equals(copy.tensor().shape())) {
        findings.add(
            block
                + "shape "
                + data.shape()
                + " is stored, the original has "
                + copy.tensor().shape());
        return;
      }
      compare(block, copy);
      if (copy.block().isPresent() && limit.scope() == Scope.COLLECTION) {
        addWhole(copy.block().get());
      }
    } catch (FormatException e) {
      findings.add(block + e.getMessage());
    }
  }

  /** A block that is stored as it is loses nothing, but its energy counts. */
  private void addWhole(BlockRef block) throws IOException {
    BlockValues original = reader.read(block);
    try (Matrix nothing = la.zeros(Math.toIntExact(block.rows()), 0, Precision.FLOAT64)) {
      ErrorMeter.Energies all = measure(block, original, nothing, new double[0], 1, new int[0]);
      collection =
          collection.plus(
              new CollectionSum(
                  ScaledEnergy.ZERO,
                  all.energy(),
                  WeightedSum.plain(
                      ScaledEnergy.ZERO,
                      all.weighted().map(WeightedSum::energy).orElse(all.energy()))));
    }
  }

  private void compare(String block, Copy copy) throws IOException {
    MessageDigest digest = Sha256.digest();
    long difference = -1;
    try (InputStream original = copy.openOriginal();
        InputStream data = stored.open(copy.data())) {
      byte[] expected = new byte[BUFFER_BYTES];
      byte[] found = new byte[BUFFER_BYTES];
      for (long done = 0; done < copy.sizeBytes(); done += BUFFER_BYTES) {
        int length = (int) Math.min(BUFFER_BYTES, copy.sizeBytes() - done);
        original.readNBytes(expected, 0, length);
        data.readNBytes(found, 0, length);
        digest.update(expected, 0, length);
        int at = Arrays.mismatch(expected, 0, length, found, 0, length);
        if (difference < 0 && at >= 0) {
          difference = done + at;
        }
      }
    }
    boolean changed = isChanged(block, HexFormat.of().formatHex(digest.digest()), copy.sha256());
    if (!changed && difference >= 0) {
      findings.add(block + "the copy differs from the original from byte " + difference + " on");
    }
  }

  private boolean isChanged(String block, String found, String expected) {
    if (found.equals(expected)) {
      return false;
    }
    findings.add(
        block + "the original has changed: its SHA-256 is " + found + ", it was " + expected);
    return true;
  }

  /** The sums over a piece while it is read. */
  private static final class PieceSum {
    ClusterSum total;

    PieceSum(ClusterPiece piece) {
      total = piece.nothingMeasured();
    }

    void add(ErrorMeter.Energies energies) {
      total = total.plus(energies);
    }
  }
}
