package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.ScaledEnergy;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.svd.factor.Cluster.Batch;
import io.github.colonnade.svd.factor.RankPlan.Choice;
import io.github.colonnade.svd.factor.RepairTally.Way;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebra.Eigen;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * Rounds factors to the storage format, measures them, and repairs what misses the limit.
 *
 * <p>The basis is rounded first. Because a rounded basis Ũ is no longer orthonormal, the
 * coefficients are those of least squares, (ŨᵀŨ)⁻¹ŨᵀA, so that only their own rounding and what the
 * basis cannot express remain.
 */
final class StoredFactors {

  /** Attempts at a higher rank before giving up; the step doubles. */
  private static final int MAX_RAISES = 8;

  /**
   * What is measured, with its {@link RoundingAllowance}, must lie below the limit by this share:
   * the sums of squares over m rows and n columns round by (m + n)·2⁻⁵³ of themselves at most.
   */
  static final double SAFETY = 1e-9;

  /**
   * What encoding led to.
   *
   * @param mask as in {@link Encoding.LowRank}
   * @param members those that met the limit; empty when nobody did
   * @param deciding of each block, the error that the limit is on
   * @param weightedError the joint error with weights, if a block has one
   * @param jointDeciding the joint error that the limit is on in scope cluster
   * @param energy as in {@link Encoding.LowRank}
   * @param weightedEnergy as in {@link Encoding.LowRank}
   */
  record Attempt(
      int rank,
      byte[] basis,
      byte[] mask,
      List<Member> members,
      List<EncodedBlock> blocks,
      List<Double> deciding,
      double error,
      OptionalDouble weightedError,
      double jointDeciding,
      ScaledEnergy energy,
      ScaledEnergy weightedEnergy) {

    static Attempt none() {
      return new Attempt(
          0,
          new byte[0],
          new byte[0],
          List.of(),
          List.of(),
          List.of(),
          0,
          OptionalDouble.empty(),
          0,
          ScaledEnergy.ZERO,
          ScaledEnergy.ZERO);
    }

    static Attempt of(
        Cluster cluster, int rank, byte[] basis, byte[] mask, List<Measured> measured) {
      List<Integer> indices = measured.stream().map(Measured::index).toList();
      List<EncodedBlock> blocks = measured.stream().map(Measured::block).toList();
      List<Double> deciding = measured.stream().map(Measured::deciding).toList();
      OptionalDouble weightedError = OptionalDouble.empty();
      if (blocks.stream().anyMatch(each -> each.weightedError().isPresent())) {
        weightedError =
            OptionalDouble.of(
                cluster.jointError(
                    indices,
                    blocks.stream()
                        .map(each -> each.weightedError().orElse(each.error()))
                        .toList()));
      }
      return new Attempt(
          rank,
          basis,
          mask,
          indices.stream().map(cluster.members()::get).toList(),
          blocks,
          deciding,
          cluster.plainJointError(indices, blocks.stream().map(EncodedBlock::error).toList()),
          weightedError,
          cluster.jointError(indices, deciding),
          cluster.plainEnergy(indices),
          cluster.energy(indices));
    }

    /** The numbers that are stored for these members, all bytes counted as numbers. */
    long numbers(StorageFormat format) {
      return Encoding.numbers(format, basis, mask, blocks);
    }

    /** The encoding, with the spectrum if it is that of these members. */
    Encoding.LowRank encoding(Optional<Spectrum> spectrum, boolean intact) {
      return new Encoding.LowRank(
          rank,
          basis,
          mask,
          blocks,
          error,
          weightedError,
          energy,
          weightedEnergy,
          spectrum,
          intact);
    }
  }

  private final LinearAlgebra la;
  private final EncoderSettings settings;
  private final Cluster cluster;
  private final IntFunction<Matrix> leading;
  private final int mostRank;
  private final Optional<GivenBasis> given;

  StoredFactors(
      LinearAlgebra la, EncoderSettings settings, Cluster cluster, Matrix vectors, int mostRank) {
    this(
        la,
        settings,
        cluster,
        rank -> la.columns(vectors, 0, rank),
        Math.min(mostRank, vectors.columns()),
        Optional.empty());
  }

  /** Factors on vectors of which more are found when rounding makes them necessary. */
  StoredFactors(
      LinearAlgebra la,
      EncoderSettings settings,
      Cluster cluster,
      LeadingVectors vectors,
      int mostRank) {
    this(
        la,
        settings,
        cluster,
        vectors::first,
        Math.min(mostRank, vectors.mostRank()),
        Optional.empty());
  }

  private StoredFactors(
      LinearAlgebra la,
      EncoderSettings settings,
      Cluster cluster,
      IntFunction<Matrix> leading,
      int mostRank,
      Optional<GivenBasis> given) {
    this.la = la;
    this.settings = settings;
    this.cluster = cluster;
    this.leading = leading;
    this.mostRank = mostRank;
    this.given = given;
  }

  /** Factors whose dictionary is the usable columns of a basis that is stored already. */
  static StoredFactors onGiven(
      LinearAlgebra la, EncoderSettings settings, Cluster cluster, GivenBasis basis) {
    return new StoredFactors(
        la,
        settings,
        cluster,
        rank -> la.columns(basis.columns(), 0, rank),
        basis.columns().columns(),
        Optional.of(basis));
  }

  /** Zero blocks need no factor at all. */
  static Encoding zero(List<Member> members, boolean intact) {
    return new Encoding.LowRank(
        0,
        new byte[0],
        new byte[0],
        members.stream()
            .map(
                each ->
                    new EncodedBlock(
                        each.position(), 0, new byte[0], false, 1, 0, OptionalDouble.empty()))
            .toList(),
        0,
        OptionalDouble.empty(),
        ScaledEnergy.ZERO,
        ScaledEnergy.ZERO,
        Optional.of(Spectrum.ofKept(new double[0], 0)),
        intact);
  }

  /** Blocks of which nothing is stored, since all may be lost. */
  static Encoding.LowRank lost(Cluster cluster) {
    List<Measured> measured = new ArrayList<>();
    for (int i = 0; i < cluster.count(); i++) {
      Member member = cluster.members().get(i);
      double error = cluster.energy(i) == 0 ? 0 : 1;
      EncodedBlock block =
          new EncodedBlock(
              member.position(),
              0,
              new byte[0],
              false,
              1,
              cluster.plainEnergy(i) == 0 ? 0 : 1,
              member.weightExponent().isPresent()
                  ? OptionalDouble.of(error)
                  : OptionalDouble.empty());
      measured.add(new Measured(i, block, error));
    }
    return Attempt.of(cluster, 0, new byte[0], new byte[0], measured)
        .encoding(Optional.empty(), true);
  }

  /** Encodes the chosen members at the chosen rank or, where rounding makes it necessary, more. */
  Attempt encode(Choice choice) {
    Set<Member> members = new HashSet<>(choice.members());
    int rank = choice.rank();
    int step = 1;
    for (int raise = 0; raise <= MAX_RAISES && !members.isEmpty(); raise++) {
      if (rank > mostRank || !saves(rank, members)) {
        return Attempt.none();
      }
      Attempt attempt = measure(rank, members);
      List<Member> failing = failing(attempt);
      if (failing.isEmpty()) {
        return attempt;
      }
      if (settings.limit().scope() == Scope.BLOCK && cheaperToLeave(failing, rank, step, members)) {
        failing.forEach(members::remove);
        settings.repairs().count(Way.ALONE, failing.size());
        continue;
      }
      rank = rank == mostRank ? rank + 1 : Math.min(rank + step, mostRank);
      step *= 2;
      settings.repairs().count(Way.RANK, 1);
    }
    return Attempt.none();
  }

  /** Encodes all members with all vectors, whatever error that makes. */
  Attempt encodeAll() {
    return measure(mostRank, Set.copyOf(cluster.members()));
  }

  private long columns(Set<Member> members) {
    return members.stream().mapToLong(Member::columns).sum();
  }

  private boolean saves(int rank, Set<Member> members) {
    long shared = StorageCost.lowRank(rank, cluster.rows(), columns(members));
    long apart = members.stream().mapToLong(Member::loneCost).sum();
    return shared < StorageCost.raw(cluster.rows(), columns(members))
        && (members.size() == 1 || shared <= apart);
  }

  private boolean cheaperToLeave(List<Member> failing, int rank, int step, Set<Member> members) {
    long raising = (cluster.rows() + columns(members)) * step;
    long leaving = 0;
    for (Member each : failing) {
      leaving += each.loneCost() - rank * each.columns();
    }
    return members.size() > 1 && (leaving < raising || rank == mostRank);
  }

  /**
   * Who must not be written like this: single blocks, or all of them when the joint error fails.
   */
  private List<Member> failing(Attempt attempt) {
    double allowed = settings.limit().value() * (1 - SAFETY);
    if (settings.limit().scope() == Scope.CLUSTER) {
      return attempt.jointDeciding <= allowed ? List.of() : attempt.members;
    }
    List<Member> failing = new ArrayList<>();
    for (int i = 0; i < attempt.blocks.size(); i++) {
      if (!(attempt.deciding.get(i) <= allowed)) {
        failing.add(attempt.members.get(i));
      }
    }
    return failing;
  }

  private Attempt measure(int most, Set<Member> members) {
    try (MatrixScope scope = new MatrixScope()) {
      RoundedBasis rounded = RoundedBasis.of(la, settings.format(), scope.own(leading.apply(most)));
      Matrix basis = scope.own(rounded.matrix());
      int rank = basis.columns();
      Matrix inverse = scope.own(inverseGram(basis));
      double[] basisEnergies = la.columnEnergies(basis);
      int[] all = KeptRows.all(rank);
      List<Measured> measured = new ArrayList<>();
      for (Batch batch : cluster.batches(members)) {
        measured.addAll(encodeBatch(batch, basis, basisEnergies, inverse, all));
      }
      return Attempt.of(cluster, rank, rounded.bytes(), new byte[0], measured);
    }
  }

  /**
   * A block as it was encoded.
   *
   * @param index which member of the cluster
   * @param deciding the error that the limit is on: the weighted one if the block has a weight, so
   *     large that no measurement in double finds it larger
   */
  record Measured(int index, EncodedBlock block, double deciding) {}

  private List<Measured> encodeBatch(
      Batch batch, Matrix basis, double[] basisEnergies, Matrix inverse, int[] all) {
    try (MatrixScope scope = new MatrixScope()) {
      Matrix a = scope.own(batch.load());
      Matrix projected = scope.own(la.transposedProduct(basis, a));
      double[] c = scope.own(la.product(inverse, projected)).toDoubles();
      return encodeBatch(batch, a, basis, basisEnergies, c, i -> all);
    }
  }

  /**
   * Rounds coefficients and measures what they leave.
   *
   * @param solved whose coefficients are 0 in the rows that a block does not keep; used up
   * @param kept the rows that each block of the batch keeps, ascending
   */
  List<Measured> encodeBatch(Batch batch, LeastSquares solved, IntFunction<int[]> kept) {
    try (MatrixScope scope = new MatrixScope()) {
      Matrix a = solved.loaded().orElseGet(() -> scope.own(batch.load()));
      return encodeBatch(batch, a, solved.basis(), solved.columns().energies(), solved.c(), kept);
    }
  }

  /**
   * Rounds coefficients and measures what they leave.
   *
   * @param a the blocks of the batch side by side; overwritten
   * @param basis as it is stored: m×r
   * @param basisEnergies of its columns
   * @param c the coefficients of all of them, r numbers for each column, 0 in the rows that a block
   *     does not keep; overwritten
   * @param kept the rows that each block of the batch keeps, ascending
   */
  private List<Measured> encodeBatch(
      Batch batch,
      Matrix a,
      Matrix basis,
      double[] basisEnergies,
      double[] c,
      IntFunction<int[]> kept) {
    int rank = basis.columns();
    try (MatrixScope scope = new MatrixScope()) {
      byte[][] stored = new byte[batch.size()][];
      boolean[] sparse = new boolean[stored.length];
      int[] shifts = new int[batch.size()];
      int at = 0;
      for (int i = 0; i < stored.length; i++) {
        int n = batch.columns(i);
        int[] rows = kept.apply(i);
        double[] own = rowByRow(c, at, rank, n, rows);
        shifts[i] = storedExponent(own, cluster.members().get(batch.index(i)).exponent());
        scale(own, shifts[i]);
        stored[i] = settings.format().encode(own);
        double[] rounded = settings.format().decode(stored[i]);
        int notZero = SparseCoefficients.notZero(rounded);
        long bytes = SparseCoefficients.bytes(own.length, notZero, settings.format().sizeBytes());
        if (settings.format().numbers(bytes) < own.length) {
          stored[i] = SparseCoefficients.encode(settings.format(), rounded);
          sparse[i] = true;
        }
        scale(rounded, -shifts[i]);
        for (int k = 0; k < rows.length; k++) {
          for (int j = 0; j < n; j++) {
            c[at + rows[k] + j * rank] = rounded[k * n + j];
          }
        }
        at += rank * n;
      }
      double[] allowances = RoundingAllowance.of(cluster, batch, basisEnergies, c);
      // What is left of A is its residual.
      la.subtractProductInPlace(a, basis, scope.own(la.fromColumns(c, rank, a.columns())));
      double[] residuals = batch.sumColumns(la.columnEnergies(a));
      double[] weighted = residuals;
      double[] doubts = new double[stored.length];
      if (batch.hasWeights()) {
        Cluster.Weighed residual = batch.weigh(a);
        weighted = batch.sumColumns(la.columnEnergies(scope.own(residual.matrix())));
        doubts = residual.doubts();
      }
      List<Measured> blocks = new ArrayList<>();
      for (int i = 0; i < stored.length; i++) {
        int index = batch.index(i);
        Member member = cluster.members().get(index);
        double plainEnergy = cluster.plainEnergy(index);
        double energy = cluster.energy(index);
        EncodedBlock block =
            new EncodedBlock(
                member.position(),
                kept.apply(i).length,
                stored[i],
                sparse[i],
                plainEnergy == 0 ? 1 : Math.scalb(1.0, member.exponent() - shifts[i]),
                error(residuals[i], plainEnergy),
                member.weightExponent().isPresent()
                    ? OptionalDouble.of(error(weighted[i], energy))
                    : OptionalDouble.empty());
        // Once for the rounding here, and once for that of who measures it again.
        double most = Math.sqrt(weighted[i] + 2 * doubts[i]) + 2 * allowances[i];
        blocks.add(new Measured(index, block, cluster.relativeError(index, most)));
      }
      return blocks;
    }
  }

  /**
   * Puts together what was encoded on a rounded dictionary, without the directions that nobody
   * uses.
   *
   * @param dictionary as it was stored while the blocks were encoded
   * @param rows the columns of the dictionary that each block uses, ascending
   */
  Attempt packed(Matrix dictionary, List<int[]> rows, List<Measured> blocks) {
    if (given.isPresent()) {
      return onGiven(given.get(), rows, blocks);
    }
    int[] used = rows.stream().flatMapToInt(Arrays::stream).distinct().sorted().toArray();
    int[] number = new int[dictionary.columns()];
    for (int i = 0; i < used.length; i++) {
      number[used[i]] = i;
    }
    boolean all = rows.stream().allMatch(each -> each.length == used.length);
    List<int[]> numbered =
        rows.stream().map(each -> Arrays.stream(each).map(k -> number[k]).toArray()).toList();
    try (MatrixScope scope = new MatrixScope()) {
      Matrix some = scope.own(la.selectColumns(dictionary, used));
      RoundedBasis stored = RoundedBasis.of(la, settings.format(), some);
      scope.own(stored.matrix());
      return Attempt.of(
          cluster,
          used.length,
          stored.bytes(),
          all ? new byte[0] : KeptRows.of(numbered, used.length).toBytes(),
          blocks);
    }
  }

  /** All directions of a given basis stay, and none of it is stored again. */
  private Attempt onGiven(GivenBasis basis, List<int[]> rows, List<Measured> blocks) {
    boolean all = rows.stream().allMatch(each -> each.length == basis.rank());
    List<int[]> numbered =
        rows.stream().map(each -> Arrays.stream(each).map(basis::number).toArray()).toList();
    return Attempt.of(
        cluster,
        basis.rank(),
        new byte[0],
        all ? new byte[0] : KeptRows.of(numbered, basis.rank()).toBytes(),
        blocks);
  }

  private static double error(double lost, double energy) {
    return energy == 0 ? 0 : Math.sqrt(lost / energy);
  }

  /** Some rows of an r×n matrix that lies in an array column after column, one after another. */
  private static double[] rowByRow(double[] c, int from, int r, int n, int[] rows) {
    double[] own = new double[rows.length * n];
    for (int j = 0; j < n; j++) {
      for (int k = 0; k < rows.length; k++) {
        own[k * n + j] = c[from + rows[k] + j * r];
      }
    }
    return own;
  }

  /**
   * The power of two that the coefficients of the loaded block are multiplied by before they are
   * stored: the block's own exponent where the format holds the result in full accuracy, so that no
   * scale is needed, and otherwise one that brings the largest coefficient to about 1.
   */
  private int storedExponent(double[] coefficients, int exponent) {
    StorageFormat format = settings.format();
    double largest = 0;
    for (double each : coefficients) {
      largest = Math.max(largest, Math.abs(each));
    }
    double stored = Math.scalb(largest, exponent);
    boolean fits =
        stored <= format.largest() / 2 && stored * format.unitRoundoff() >= format.smallestNormal();
    if (fits || largest == 0) {
      return exponent;
    }
    // The scale 2^(exponent − shift) is itself a double in the normal range.
    int shift = -Math.getExponent(largest);
    return Math.max(
        exponent - Double.MAX_EXPONENT, Math.min(shift, exponent - Double.MIN_EXPONENT));
  }

  private static void scale(double[] values, int exponent) {
    if (exponent >= Double.MIN_EXPONENT && exponent <= Double.MAX_EXPONENT) {
      double factor = Math.scalb(1.0, exponent);
      for (int i = 0; factor != 1 && i < values.length; i++) {
        values[i] *= factor;
      }
      return;
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.scalb(values[i], exponent);
    }
  }

  /** (ŨᵀŨ)⁻¹ of a basis that is nearly orthonormal. */
  private Matrix inverseGram(Matrix basis) {
    try (MatrixScope scope = new MatrixScope()) {
      Eigen eigen = scope.own(la.symmetricEigen(scope.own(la.gram(basis))));
      double[] inverse = Arrays.stream(eigen.values()).map(x -> x > 0.25 ? 1 / x : 0).toArray();
      Matrix scaled = scope.own(la.scaleColumns(eigen.vectors(), inverse));
      return la.productTransposed(scaled, eigen.vectors());
    }
  }
}
