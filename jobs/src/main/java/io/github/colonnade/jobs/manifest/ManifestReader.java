package io.github.colonnade.jobs.manifest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.github.colonnade.svd.lost.Activation;
import io.github.colonnade.svd.lost.ChannelRule;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads a manifest entry by entry and accepts nothing that is not in its schema: every key must be
 * known, there once and of the right type, and {@code schemaVersion} must come first. Otherwise the
 * order of the keys is free. Any fault in the text ends in a {@link ManifestException}; other
 * {@link IOException}s come from the stream.
 */
public final class ManifestReader {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
          .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(Checks.MAX_TEXT_LENGTH)
                  .maxNameLength(100)
                  .maxNumberLength(100)
                  .maxNestingDepth(10)
                  .build())
          .build();

  private static final List<String> KEYS =
      List.of("schemaVersion", "settings", "totals", "timings", "clusters", "blocks", "rejected");

  private final JsonParser json;
  private final ManifestVisitor visitor;

  private ManifestReader(JsonParser json, ManifestVisitor visitor) {
    this.json = json;
    this.visitor = visitor;
  }

  /** Reads a whole manifest. {@code in} stays open. */
  public static Manifest read(InputStream in) throws IOException {
    return read(in, Manifest.FILE_NAME);
  }

  /**
   * Reads a whole manifest. {@code in} stays open.
   *
   * @param file where it is, for messages
   */
  public static Manifest read(InputStream in, String file) throws IOException {
    ManifestCollector collector = new ManifestCollector();
    read(in, file, collector);
    return collector.manifest(file);
  }

  /** Hands a manifest to {@code visitor} as it is read. {@code in} stays open. */
  public static void read(InputStream in, ManifestVisitor visitor) throws IOException {
    read(in, Manifest.FILE_NAME, visitor);
  }

  /**
   * Hands a manifest, or a root, to {@code visitor} as it is read. {@code in} stays open.
   *
   * @param file where it is, for messages
   */
  public static void read(InputStream in, String file, ManifestVisitor visitor) throws IOException {
    try (JsonParser json = FACTORY.createParser(in)) {
      new ManifestReader(json, visitor).document();
    } catch (ManifestException e) {
      throw new ManifestException(file + ": " + e.getMessage(), e);
    } catch (JsonProcessingException e) {
      String problem = e.getOriginalMessage().lines().findFirst().orElse("not JSON");
      String place = e.getLocation() == null ? "" : "line " + e.getLocation().getLineNr() + ": ";
      throw new ManifestException(file + ": " + place + problem, e);
    }
  }

  private void document() throws IOException {
    if (json.nextToken() != JsonToken.START_OBJECT) {
      throw new ManifestException("expected an object");
    }
    Set<String> missing = new LinkedHashSet<>(KEYS);
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      json.nextToken();
      if (missing.contains("schemaVersion") && !key.equals("schemaVersion")) {
        throw new ManifestException(key + ": expected schemaVersion before any other key");
      }
      if (key.equals("segments") && missing.size() == KEYS.size() - 1) {
        root();
        return;
      }
      switch (key) {
        case "schemaVersion" -> schemaVersion();
        case "settings" -> visitor.settings(settings(Fields.read(key, json)));
        case "totals" -> visitor.totals(totals(Fields.read(key, json)));
        case "timings" -> visitor.timings(timings(Fields.read(key, json)));
        case "clusters" -> list(key, fields -> visitor.cluster(cluster(fields)));
        case "blocks" -> list(key, fields -> visitor.block(block(fields)));
        case "rejected" -> list(key, fields -> visitor.rejected(rejected(fields)));
        default -> throw new ManifestException(key + ": unknown key");
      }
      missing.remove(key);
    }
    if (!missing.isEmpty()) {
      throw new ManifestException(missing.iterator().next() + ": missing");
    }
    end();
  }

  /** What follows {@code schemaVersion} is that of a root, which has nothing else. */
  private void root() throws IOException {
    Fields fields = Fields.read("segments", json);
    Root root =
        fields.make(
            () -> new Root(fields.text("directory"), fields.whole("count"), fields.flag("open")));
    if (json.nextToken() == JsonToken.FIELD_NAME) {
      throw new ManifestException(json.currentName() + ": unknown key beside segments");
    }
    end();
    visitor.root(root);
  }

  private void end() throws IOException {
    if (json.nextToken() != null) {
      throw new ManifestException("expected nothing after the end of the object");
    }
  }

  private void schemaVersion() throws IOException {
    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw new ManifestException("schemaVersion: expected a whole number");
    }
    if (!json.getText().equals(String.valueOf(Manifest.SCHEMA_VERSION))) {
      throw new ManifestException(
          "schemaVersion: this program reads version "
              + Manifest.SCHEMA_VERSION
              + ", the manifest has version "
              + json.getText());
    }
  }

  private void list(String key, EntryReader reader) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw new ManifestException(key + ": expected a list");
    }
    for (long i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
      reader.read(Fields.read(key + "[" + i + "]", json));
    }
  }

  private static Settings settings(Fields fields) throws ManifestException {
    return fields.make(
        () ->
            new Settings(
                fields.text("tool"),
                fields.texts("inputs"),
                fields.optionalNumber("maxError"),
                fields.choice("scope", Scope.values()),
                fields.optionalInt("rankLimit"),
                fields.text("strategy"),
                fields.choice("precision", Precision.values()),
                fields.choice("storeDtype", StoreDtype.values()),
                fields.optionalInt("rows"),
                fields.optionalInt("columns"),
                transpose(fields),
                fields.texts("include"),
                fields.texts("exclude"),
                fields.flag("strict"),
                weights(fields.optionalObject("weights")),
                fields.optionalInt("rank"),
                fields.optionalNumber("targetRatio"),
                fields.optionalWhole("targetBytes"),
                partitions(fields.optionalObject("partitions")),
                lost(fields.optionalObject("lost"))));
  }

  /** Programs that did not choose wrote true or false. */
  private static Transpose transpose(Fields fields) throws ManifestException {
    if (fields.isFlag("transpose")) {
      return fields.flag("transpose") ? Transpose.ALWAYS : Transpose.NEVER;
    }
    return fields.choice("transpose", Transpose.values());
  }

  private static Optional<WeightsEntry> weights(Optional<Fields> fields) throws ManifestException {
    if (fields.isEmpty()) {
      return Optional.empty();
    }
    Fields weights = fields.get();
    return Optional.of(
        weights.make(
            () ->
                new WeightsEntry(
                    weights.text("source"), weights.whole("sizeBytes"), weights.text("sha256"))));
  }

  private static Optional<PartitionsEntry> partitions(Optional<Fields> fields)
      throws ManifestException {
    if (fields.isEmpty()) {
      return Optional.empty();
    }
    Fields partitions = fields.get();
    List<PartitionsEntry.Family> families = new ArrayList<>();
    for (Fields each : partitions.objects("families")) {
      families.add(
          each.make(
              () -> new PartitionsEntry.Family(each.whole("rows"), each.wholeInt("partitions"))));
    }
    return Optional.of(
        partitions.make(() -> new PartitionsEntry(partitions.optionalInt("asked"), families)));
  }

  private static Optional<LostEntry> lost(Optional<Fields> fields) throws ManifestException {
    if (fields.isEmpty()) {
      return Optional.empty();
    }
    Fields lost = fields.get();
    return Optional.of(
        lost.make(
            () ->
                new LostEntry(
                    lost.choice("mode", LostMode.values()),
                    lost.optionalNumber("sparsity"),
                    layer(lost.optionalObject("layer")))));
  }

  private static Optional<LostEntry.Layer> layer(Optional<Fields> fields) throws ManifestException {
    if (fields.isEmpty()) {
      return Optional.empty();
    }
    Fields layer = fields.get();
    return Optional.of(
        layer.make(
            () ->
                new LostEntry.Layer(
                    layer.number("gamma"),
                    layer.choice("activation", Activation.values()),
                    layer.choice("channels", ChannelRule.values()),
                    layer.optionalInt("complementRank"),
                    layer.optionalWhole("seed"))));
  }

  private static Optional<SparseEntry> sparse(Optional<Fields> fields) throws ManifestException {
    if (fields.isEmpty()) {
      return Optional.empty();
    }
    Fields sparse = fields.get();
    return Optional.of(
        sparse.make(
            () ->
                new SparseEntry(
                    sparse.wholes("channels"),
                    location(sparse.object("columns")),
                    location(sparse.object("bitmap")))));
  }

  private static Totals totals(Fields fields) throws ManifestException {
    return fields.make(
        () ->
            new Totals(
                fields.whole("blocks"),
                fields.whole("clusters"),
                fields.whole("numbersIn"),
                fields.whole("numbersStored"),
                fields.whole("bytesIn"),
                fields.whole("bytesStored"),
                fields.number("compressionRatio"),
                fields.number("bytesRatio"),
                fields.number("maxBlockError"),
                fields.number("maxClusterError"),
                fields.whole("compressedBlocks"),
                fields.optionalNumber("maxWeightedBlockError"),
                fields.optionalNumber("maxWeightedClusterError"),
                fields.optionalNumber("collectionError"),
                fields.optionalNumber("weightedCollectionError")));
  }

  private static Timings timings(Fields fields) throws ManifestException {
    return fields.make(
        () ->
            new Timings(
                fields.number("list"),
                fields.number("sketch"),
                fields.number("partition"),
                fields.number("encode"),
                fields.number("total")));
  }

  private static ClusterEntry cluster(Fields fields) throws ManifestException {
    return fields.make(
        () ->
            new ClusterEntry(
                fields.text("id"),
                fields.whole("rows"),
                fields.wholeInt("rank"),
                fields.whole("columns"),
                fields.whole("blocks"),
                bound(fields.object("bound")),
                fields.number("error"),
                location(fields.optionalObject("basis")),
                location(fields.optionalObject("mask")),
                fields.optionalNumber("weightedError"),
                fields.optionalNumber("limit")));
  }

  private static BoundEntry bound(Fields fields) throws ManifestException {
    return fields.make(
        () ->
            new BoundEntry(
                fields.number("lower"), fields.number("upper"), fields.text("provedBy")));
  }

  private static BlockEntry block(Fields fields) throws ManifestException {
    return fields.make(
        () ->
            new BlockEntry(
                fields.text("id"),
                fields.text("source"),
                fields.text("tensor"),
                fields.wholes("shape"),
                fields.text("dtype"),
                fields.choice("treatment", Treatment.values()),
                view(fields.optionalObject("view")),
                part(fields.optionalObject("part")),
                fields.optionalText("cluster"),
                fields.flag("transposed"),
                fields.number("error"),
                location(fields.optionalObject("coefficients")),
                fields.number("scale", 1),
                location(fields.optionalObject("data")),
                fields.text("sha256"),
                fields.optionalText("note"),
                fields.optionalNumber("weightedError"),
                sparse(fields.optionalObject("sparse"))));
  }

  private static Optional<View> view(Optional<Fields> fields) throws ManifestException {
    if (fields.isEmpty()) {
      return Optional.empty();
    }
    Fields view = fields.get();
    return Optional.of(
        view.make(
            () ->
                new View(
                    view.whole("rows"),
                    view.whole("columns"),
                    view.choice("layout", Layout.values()))));
  }

  private static Optional<Part> part(Optional<Fields> fields) throws ManifestException {
    if (fields.isEmpty()) {
      return Optional.empty();
    }
    Fields part = fields.get();
    return Optional.of(part.make(() -> new Part(part.whole("from"), part.whole("to"))));
  }

  private static Optional<TensorLocation> location(Optional<Fields> fields)
      throws ManifestException {
    if (fields.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(location(fields.get()));
  }

  private static TensorLocation location(Fields location) throws ManifestException {
    return location.make(() -> new TensorLocation(location.text("file"), location.text("tensor")));
  }

  private static RejectedEntry rejected(Fields fields) throws ManifestException {
    return fields.make(
        () ->
            new RejectedEntry(
                fields.text("source"),
                fields.text("tensor"),
                fields.choice("cause", RejectionCause.values(), RejectionCause.NOT_FINITE),
                fields.text("reason")));
  }

  @FunctionalInterface
  private interface EntryReader {
    void read(Fields fields) throws IOException;
  }
}
