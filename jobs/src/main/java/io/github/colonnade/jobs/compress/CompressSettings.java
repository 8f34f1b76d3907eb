package io.github.colonnade.jobs.compress;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.MatrixForm;
import io.github.colonnade.connectors.view.MatrixView;
import io.github.colonnade.connectors.view.Orientation;
import io.github.colonnade.connectors.view.ViewOptions;
import io.github.colonnade.jobs.Version;
import io.github.colonnade.jobs.manifest.PartitionsEntry;
import io.github.colonnade.jobs.manifest.Precision;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.Settings;
import io.github.colonnade.jobs.manifest.StoreDtype;
import io.github.colonnade.jobs.manifest.Transpose;
import io.github.colonnade.jobs.manifest.WeightsEntry;
import io.github.colonnade.jobs.memory.PayloadLimit;
import io.github.colonnade.jobs.plan.Partitions;
import io.github.colonnade.jobs.plan.RunPlan;
import io.github.colonnade.jobs.plan.Undecided;
import io.github.colonnade.jobs.weights.BlockWeights;
import io.github.colonnade.jobs.weights.WeightsFile;
import io.github.colonnade.svd.auto.AutoStrategy;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a compress run was asked for, as its operators carry it.
 *
 * @param maxError the error limit, also where it was found for a target; 1 if there is none
 * @param goal what the run is to reach
 * @param startMillis when the command began, in milliseconds since 1970
 * @param weights the file with weights, or null for none
 * @param forms of shapes for which one was chosen
 * @param payloadLimit the memory for payloads, on which no result depends
 */
public record CompressSettings(
    Input input,
    Method method,
    double maxError,
    Goal goal,
    Place place,
    long startMillis,
    @Nullable WeightsEntry weights,
    Map<Shape, MatrixForm> forms,
    PayloadLimit payloadLimit)
    implements Serializable {

  /** Settings with as much memory for payloads as there is. */
  public CompressSettings(
      Input input,
      Method method,
      double maxError,
      Goal goal,
      Place place,
      long startMillis,
      @Nullable WeightsEntry weights,
      Map<Shape, MatrixForm> forms) {
    this(input, method, maxError, goal, place, startMillis, weights, forms, PayloadLimit.NONE);
  }

  /** In scope collection few clusters get less than this share of the limit. */
  private static final double SMALLEST_SHARE = 0.1;

  /**
   * Which tensors are the blocks of the run; see {@link Settings}.
   *
   * @param uris absolute
   * @param rows 0 for none
   * @param columns 0 for none
   */
  public record Input(
      List<String> uris,
      int rows,
      int columns,
      Transpose transpose,
      List<String> include,
      List<String> exclude,
      boolean strict)
      implements Serializable {}

  /**
   * How the blocks are grouped and stored; see {@link Settings}.
   *
   * @param rankLimit the largest rank of a basis, or 0 for none
   * @param partitions into how many each family was asked to be divided, or 0 if it was not
   * @param lost how each matrix is factored by itself, or null if they may share bases
   */
  public record Method(
      Scope scope,
      int rankLimit,
      String strategy,
      Precision precision,
      StoreDtype storeDtype,
      int partitions,
      @Nullable LostMethod lost)
      implements Serializable {

    /** A method by which blocks may share bases. */
    public Method(
        Scope scope,
        int rankLimit,
        String strategy,
        Precision precision,
        StoreDtype storeDtype,
        int partitions) {
      this(scope, rankLimit, strategy, precision, storeDtype, partitions, null);
    }
  }

  /**
   * Where the result goes.
   *
   * @param output the directory to write, a URI
   * @param staging the directory that becomes the output, a URI beside it, or empty before it is
   *     made
   * @param marker what must be there when the result is put in its place, a URI, or empty for
   *     nothing
   */
  public record Place(String output, String staging, String marker) implements Serializable {
    /** A place that nobody else removes. */
    public Place(String output, String staging) {
      this(output, staging, "");
    }
  }

  /**
   * The settings by which tensors are added to a collection.
   *
   * @param collection settings with an error limit, blocks of which may share bases
   * @param uris of the tensors, absolute
   * @param forms of the shapes that the collection has
   * @param directory of the collection, a URI
   */
  public static CompressSettings forAddition(
      Settings collection,
      List<String> uris,
      Map<Shape, MatrixForm> forms,
      String directory,
      long startMillis) {
    return new CompressSettings(
        new Input(
            uris,
            collection.rows().orElse(0),
            collection.columns().orElse(0),
            collection.transpose(),
            collection.include(),
            collection.exclude(),
            collection.strict()),
        new Method(
            collection.scope(),
            collection.rankLimit().orElse(0),
            collection.strategy(),
            collection.precision(),
            collection.storeDtype(),
            collection.partitions().map(each -> each.asked().orElse(0)).orElse(0)),
        collection.maxError().orElseThrow(),
        new Goal.Limit(),
        new Place(directory, ""),
        startMillis,
        null,
        forms);
  }

  /** These settings with another place for what comes of them. */
  public CompressSettings withPlace(Place other) {
    return new CompressSettings(
        input, method, maxError, goal, other, startMillis, weights, forms, payloadLimit);
  }

  /** These settings with another limit. */
  public CompressSettings withLimit(double limit) {
    return new CompressSettings(
        input, method, limit, goal, place, startMillis, weights, forms, payloadLimit);
  }

  /** These settings with a file of weights. */
  public CompressSettings withWeights(WeightsEntry file) {
    return new CompressSettings(
        input, method, maxError, goal, place, startMillis, file, forms, payloadLimit);
  }

  /** These settings with forms for some shapes. */
  public CompressSettings withForms(Map<Shape, MatrixForm> chosen) {
    return new CompressSettings(
        input, method, maxError, goal, place, startMillis, weights, chosen, payloadLimit);
  }

  /** These settings with other memory for payloads. */
  public CompressSettings withPayloadLimit(PayloadLimit memory) {
    return new CompressSettings(
        input, method, maxError, goal, place, startMillis, weights, forms, memory);
  }

  /** What is to be chosen before the run starts. */
  public Undecided undecided() {
    boolean chooses = method.strategy().equals(AutoStrategy.NAME) && input.rows() == 0;
    return new Undecided(
        chooses && input.transpose() == Transpose.AUTO, chooses && input.columns() == 0);
  }

  /** The weights of the run, which the caller closes. */
  BlockWeights openWeights(LinearAlgebra la) throws IOException {
    return weights == null ? BlockWeights.none(la) : BlockWeights.open(la, weights.source());
  }

  /**
   * The tensors sorted into families; see {@link RunPlan#of}.
   *
   * @param open what is not yet chosen
   */
  public RunPlan plan(List<TensorInfo> tensors, Optional<WeightsFile> weightsFile, Undecided open) {
    MatrixView turned = open.orientation() ? view(Orientation.TRANSPOSED) : view();
    return RunPlan.of(input.uris(), tensors, view(), turned, weightsFile, open);
  }

  /** How tensors become matrices. */
  public MatrixView view() {
    return view(
        input.transpose() == Transpose.ALWAYS ? Orientation.TRANSPOSED : Orientation.AS_STORED);
  }

  private MatrixView view(Orientation orientation) {
    return MatrixView.of(
        new ViewOptions(
            orientation,
            input.rows() == 0 ? OptionalLong.empty() : OptionalLong.of(input.rows()),
            input.columns() == 0 ? OptionalLong.empty() : OptionalLong.of(input.columns()),
            input.include(),
            input.exclude()),
        forms);
  }

  ErrorLimit limit() {
    return limit(maxError);
  }

  /** A limit for what strategies and encoders work on: each block, or each cluster. */
  ErrorLimit limit(double value) {
    return new ErrorLimit(
        value,
        switch (method.scope()) {
          case BLOCK -> io.github.colonnade.bounds.Scope.BLOCK;
          case CLUSTER, COLLECTION -> io.github.colonnade.bounds.Scope.CLUSTER;
        });
  }

  /** The rank of all clusters, or 0 if it is to be found. */
  int rank() {
    return goal instanceof Goal.Rank fixed ? fixed.rank() : 0;
  }

  /** Whether the clusters of the run get limits of their own. */
  boolean isAllocated() {
    return method.scope() == Scope.COLLECTION && rank() == 0;
  }

  /** The least error limit that a cluster may be given, as far as its sketches need to know. */
  double sketchLimit() {
    return method.scope() == Scope.COLLECTION ? maxError * SMALLEST_SHARE : maxError;
  }

  io.github.colonnade.svd.linalg.Precision productPrecision() {
    return method.precision() == Precision.FLOAT32
        ? io.github.colonnade.svd.linalg.Precision.FLOAT32
        : io.github.colonnade.svd.linalg.Precision.FLOAT64;
  }

  /** The settings as the manifest records them. */
  Settings forManifest(Partitions divided) {
    return new Settings(
        Version.tool(),
        input.uris(),
        goal instanceof Goal.Rank ? OptionalDouble.empty() : OptionalDouble.of(maxError),
        method.scope(),
        optional(method.rankLimit()),
        method.strategy(),
        method.precision(),
        method.storeDtype(),
        optional(input.rows()),
        optional(input.columns()),
        input.transpose(),
        input.include(),
        input.exclude(),
        input.strict(),
        Optional.ofNullable(weights),
        optional(rank()),
        goal instanceof Goal.Ratio target
            ? OptionalDouble.of(target.ratio())
            : OptionalDouble.empty(),
        goal instanceof Goal.Bytes target ? OptionalLong.of(target.bytes()) : OptionalLong.empty(),
        partitions(divided),
        lost().map(LostMethod::entry));
  }

  /**
   * Whether blocks by themselves may keep columns. With other strategies than auto they keep none,
   * as published; and where limits are joint they are given out by what low rank alone costs.
   */
  boolean keepsColumns() {
    return method.lost() != null
        || (method.strategy().equals(AutoStrategy.NAME) && method.scope() == Scope.BLOCK);
  }

  /** How each matrix is factored by itself; empty if they may share bases. */
  Optional<LostMethod> lost() {
    return Optional.ofNullable(method.lost());
  }

  private Optional<PartitionsEntry> partitions(Partitions divided) {
    List<PartitionsEntry.Family> families = new ArrayList<>();
    for (int rows : divided.rows()) {
      int partitions = divided.width(rows, 0);
      if (partitions > 1) {
        families.add(new PartitionsEntry.Family(rows, partitions));
      }
    }
    return families.isEmpty() && method.partitions() == 0
        ? Optional.empty()
        : Optional.of(new PartitionsEntry(optional(method.partitions()), families));
  }

  private static OptionalInt optional(int value) {
    return value == 0 ? OptionalInt.empty() : OptionalInt.of(value);
  }
}
