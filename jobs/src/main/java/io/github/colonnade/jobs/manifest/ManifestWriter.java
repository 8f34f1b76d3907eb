package io.github.colonnade.jobs.manifest;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * Writes a manifest, one line for each entry, without ever holding more than one. The same manifest
 * gives the same bytes on every machine and Java version.
 */
public final class ManifestWriter {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          // Shortest digits that read back the same; Double.toString changed with Java 19.
          .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
          .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
          .build();

  private final JsonGenerator json;

  private ManifestWriter(JsonGenerator json) {
    this.json = json;
  }

  /** Writes {@code manifest} as UTF-8. {@code out} is flushed and stays open. */
  public static void write(Manifest manifest, OutputStream out) throws IOException {
    write(
        manifest.settings(),
        manifest.totals(),
        manifest.timings(),
        manifest.clusters().iterator(),
        manifest.blocks().iterator(),
        manifest.rejected().iterator(),
        out);
  }

  /**
   * Writes a manifest whose entries come one by one. That they fit each other and the totals is up
   * to the caller. {@code out} is flushed and stays open.
   */
  public static void write(
      Settings settings,
      Totals totals,
      Timings timings,
      Iterator<ClusterEntry> clusters,
      Iterator<BlockEntry> blocks,
      Iterator<RejectedEntry> rejected,
      OutputStream out)
      throws IOException {
    try (JsonGenerator json = FACTORY.createGenerator(out, JsonEncoding.UTF8)) {
      json.setPrettyPrinter(new OneLineEach());
      ManifestWriter writer = new ManifestWriter(json);
      json.writeStartObject();
      json.writeNumberField("schemaVersion", Manifest.SCHEMA_VERSION);
      writer.settings(settings);
      writer.totals(totals);
      writer.timings(timings);
      writer.array("clusters", clusters, writer::cluster);
      writer.array("blocks", blocks, writer::block);
      writer.array("rejected", rejected, writer::rejected);
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }

  /** Writes a root as UTF-8. {@code out} is flushed and stays open. */
  public static void write(Root root, OutputStream out) throws IOException {
    out.write(bytes(root));
    out.flush();
  }

  /** A root as UTF-8. */
  static byte[] bytes(Root root) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = FACTORY.createGenerator(bytes, JsonEncoding.UTF8)) {
      json.setPrettyPrinter(new OneLineEach());
      json.writeStartObject();
      json.writeNumberField("schemaVersion", Manifest.SCHEMA_VERSION);
      json.writeObjectFieldStart("segments");
      json.writeStringField("directory", root.directory());
      json.writeNumberField("count", root.count());
      json.writeBooleanField("open", root.open());
      json.writeEndObject();
      json.writeEndObject();
      json.writeRaw('\n');
    }
    return bytes.toByteArray();
  }

  private void settings(Settings settings) throws IOException {
    json.writeObjectFieldStart("settings");
    json.writeStringField("tool", settings.tool());
    texts("inputs", settings.inputs());
    optional("maxError", settings.maxError());
    optional("rank", settings.rank());
    optional("targetRatio", settings.targetRatio());
    if (settings.targetBytes().isPresent()) {
      json.writeNumberField("targetBytes", settings.targetBytes().getAsLong());
    }
    json.writeStringField("scope", settings.scope().key());
    optional("rankLimit", settings.rankLimit());
    json.writeStringField("strategy", settings.strategy());
    json.writeStringField("precision", settings.precision().key());
    json.writeStringField("storeDtype", settings.storeDtype().key());
    optional("rows", settings.rows());
    optional("columns", settings.columns());
    json.writeStringField("transpose", settings.transpose().key());
    if (settings.partitions().isPresent()) {
      partitions(settings.partitions().get());
    }
    texts("include", settings.include());
    texts("exclude", settings.exclude());
    json.writeBooleanField("strict", settings.strict());
    if (settings.weights().isPresent()) {
      WeightsEntry weights = settings.weights().get();
      json.writeObjectFieldStart("weights");
      json.writeStringField("source", weights.source());
      json.writeNumberField("sizeBytes", weights.sizeBytes());
      json.writeStringField("sha256", weights.sha256());
      json.writeEndObject();
    }
    if (settings.lost().isPresent()) {
      lost(settings.lost().get());
    }
    json.writeEndObject();
  }

  private void lost(LostEntry lost) throws IOException {
    json.writeObjectFieldStart("lost");
    json.writeStringField("mode", lost.mode().key());
    optional("sparsity", lost.sparsity());
    if (lost.layer().isPresent()) {
      LostEntry.Layer layer = lost.layer().get();
      json.writeObjectFieldStart("layer");
      number("gamma", layer.gamma());
      json.writeStringField("activation", layer.activation().toString());
      json.writeStringField("channels", layer.channels().toString());
      optional("complementRank", layer.complementRank());
      if (layer.seed().isPresent()) {
        json.writeNumberField("seed", layer.seed().getAsLong());
      }
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  private void partitions(PartitionsEntry partitions) throws IOException {
    json.writeObjectFieldStart("partitions");
    optional("asked", partitions.asked());
    json.writeArrayFieldStart("families");
    for (PartitionsEntry.Family family : partitions.families()) {
      json.writeStartObject();
      json.writeNumberField("rows", family.rows());
      json.writeNumberField("partitions", family.partitions());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void totals(Totals totals) throws IOException {
    json.writeObjectFieldStart("totals");
    json.writeNumberField("blocks", totals.blocks());
    json.writeNumberField("clusters", totals.clusters());
    json.writeNumberField("numbersIn", totals.numbersIn());
    json.writeNumberField("numbersStored", totals.numbersStored());
    json.writeNumberField("bytesIn", totals.bytesIn());
    json.writeNumberField("bytesStored", totals.bytesStored());
    number("compressionRatio", totals.compressionRatio());
    number("bytesRatio", totals.bytesRatio());
    number("maxBlockError", totals.maxBlockError());
    number("maxClusterError", totals.maxClusterError());
    json.writeNumberField("compressedBlocks", totals.compressedBlocks());
    optional("maxWeightedBlockError", totals.maxWeightedBlockError());
    optional("maxWeightedClusterError", totals.maxWeightedClusterError());
    optional("collectionError", totals.collectionError());
    optional("weightedCollectionError", totals.weightedCollectionError());
    json.writeEndObject();
  }

  private void timings(Timings timings) throws IOException {
    json.writeObjectFieldStart("timings");
    number("list", timings.list());
    number("sketch", timings.sketch());
    number("partition", timings.partition());
    number("encode", timings.encode());
    number("total", timings.total());
    json.writeEndObject();
  }

  private void cluster(ClusterEntry cluster) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", cluster.id());
    json.writeNumberField("rows", cluster.rows());
    json.writeNumberField("rank", cluster.rank());
    json.writeNumberField("columns", cluster.columns());
    json.writeNumberField("blocks", cluster.blocks());
    json.writeObjectFieldStart("bound");
    number("lower", cluster.bound().lower());
    number("upper", cluster.bound().upper());
    json.writeStringField("provedBy", cluster.bound().provedBy());
    json.writeEndObject();
    number("error", cluster.error());
    optional("weightedError", cluster.weightedError());
    optional("limit", cluster.limit());
    location("basis", cluster.basis());
    location("mask", cluster.mask());
    json.writeEndObject();
  }

  private void block(BlockEntry block) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", block.id());
    json.writeStringField("source", block.source());
    json.writeStringField("tensor", block.tensor());
    json.writeArrayFieldStart("shape");
    for (long size : block.shape()) {
      json.writeNumber(size);
    }
    json.writeEndArray();
    json.writeStringField("dtype", block.dtype());
    json.writeStringField("treatment", block.treatment().key());
    if (block.view().isPresent()) {
      View view = block.view().get();
      json.writeObjectFieldStart("view");
      json.writeNumberField("rows", view.rows());
      json.writeNumberField("columns", view.columns());
      json.writeStringField("layout", view.layout().key());
      json.writeEndObject();
    }
    if (block.part().isPresent()) {
      json.writeObjectFieldStart("part");
      json.writeNumberField("from", block.part().get().from());
      json.writeNumberField("to", block.part().get().to());
      json.writeEndObject();
    }
    optional("cluster", block.cluster());
    json.writeBooleanField("transposed", block.transposed());
    number("error", block.error());
    optional("weightedError", block.weightedError());
    location("coefficients", block.coefficients());
    if (block.scale() != 1) {
      number("scale", block.scale());
    }
    location("data", block.data());
    if (block.sparse().isPresent()) {
      SparseEntry sparse = block.sparse().get();
      json.writeObjectFieldStart("sparse");
      json.writeArrayFieldStart("channels");
      for (long channel : sparse.channels()) {
        json.writeNumber(channel);
      }
      json.writeEndArray();
      location("columns", Optional.of(sparse.columns()));
      location("bitmap", Optional.of(sparse.bitmap()));
      json.writeEndObject();
    }
    json.writeStringField("sha256", block.sha256());
    optional("note", block.note());
    json.writeEndObject();
  }

  private void rejected(RejectedEntry rejected) throws IOException {
    json.writeStartObject();
    json.writeStringField("source", rejected.source());
    json.writeStringField("tensor", rejected.tensor());
    if (rejected.cause() != RejectionCause.NOT_FINITE) {
      json.writeStringField("cause", rejected.cause().key());
    }
    json.writeStringField("reason", rejected.reason());
    json.writeEndObject();
  }

  private <T> void array(String key, Iterator<T> entries, Entry<T> entry) throws IOException {
    json.writeArrayFieldStart(key);
    while (entries.hasNext()) {
      entry.write(entries.next());
    }
    json.writeEndArray();
  }

  private void location(String key, Optional<TensorLocation> location) throws IOException {
    if (location.isPresent()) {
      json.writeObjectFieldStart(key);
      json.writeStringField("file", location.get().file());
      json.writeStringField("tensor", location.get().tensor());
      json.writeEndObject();
    }
  }

  private void texts(String key, List<String> values) throws IOException {
    json.writeArrayFieldStart(key);
    for (String value : values) {
      json.writeString(value);
    }
    json.writeEndArray();
  }

  private void optional(String key, Optional<String> value) throws IOException {
    if (value.isPresent()) {
      json.writeStringField(key, value.get());
    }
  }

  private void optional(String key, OptionalInt value) throws IOException {
    if (value.isPresent()) {
      json.writeNumberField(key, value.getAsInt());
    }
  }

  private void optional(String key, OptionalDouble value) throws IOException {
    if (value.isPresent()) {
      number(key, value.getAsDouble());
    }
  }

  /** The records hold only finite numbers; adding 0 turns -0.0 into 0.0. */
  private void number(String key, double value) throws IOException {
    json.writeNumberField(key, value + 0.0);
  }

  @FunctionalInterface
  private interface Entry<T> {
    void write(T entry) throws IOException;
  }
}
