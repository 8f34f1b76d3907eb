package io.github.colonnade.jobs.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.Treatment;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * What the page's script reads, as JSON of ASCII characters without {@code <}, so that it can stand
 * in a script element. Its size is bounded whatever the size of the collection.
 */
final class PageData {
  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private static final int MOST_CLUSTERS = 2_000;
  private static final int MOST_REJECTED = 1_000;
  private static final int MOST_RANKS = 200;

  private final Content report;
  private final Manifest manifest;
  private final JsonGenerator json;

  private PageData(Content report, JsonGenerator json) {
    this.report = report;
    this.manifest = report.manifest();
    this.json = json;
  }

  static String of(Content report) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = FACTORY.createGenerator(text)) {
      new PageData(report, json).write();
    } catch (IOException e) {
      throw new IllegalStateException("a StringWriter does not fail", e);
    }
    return text.toString().replace("<", "\\u003c");
  }

  private void write() throws IOException {
    Statement statement = new Statement(manifest);
    json.writeStartObject();
    texts("tiles", statement.tiles());
    json.writeArrayFieldStart("notes");
    for (String note : report.notes()) {
      json.writeString(Texts.shown(note));
    }
    json.writeEndArray();
    limit();
    savings();
    clusters();
    map();
    blocks();
    errors();
    proofs();
    spectra();
    rejected();
    texts("settings", statement.settings());
    texts("timings", statement.timings());
    json.writeEndObject();
  }

  private void texts(String key, List<List<String>> rows) throws IOException {
    json.writeArrayFieldStart(key);
    for (List<String> row : rows) {
      json.writeArray(row.toArray(String[]::new), 0, row.size());
    }
    json.writeEndArray();
  }

  private void number(OptionalDouble value) throws IOException {
    if (value.isPresent()) {
      json.writeNumber(value.getAsDouble());
    } else {
      json.writeNull();
    }
  }

  private void text(Optional<String> value) throws IOException {
    if (value.isPresent()) {
      json.writeString(Texts.shown(value.get()));
    } else {
      json.writeNull();
    }
  }

  private void keys(String... keys) throws IOException {
    json.writeFieldName("keys");
    json.writeArray(keys, 0, keys.length);
  }

  private void limit() throws IOException {
    json.writeObjectFieldStart("limit");
    json.writeBooleanField("weighted", manifest.settings().weights().isPresent());
    json.writeFieldName("block");
    number(report.errors().limit());
    json.writeFieldName("shown");
    // A limit on weighted errors says nothing about the plain errors that it would be drawn over.
    boolean joint =
        manifest.settings().isApproximation()
            && manifest.settings().scope() != Scope.COLLECTION
            && manifest.settings().weights().isEmpty();
    number(joint ? manifest.settings().maxError() : OptionalDouble.empty());
    json.writeEndObject();
  }

  private void savings() throws IOException {
    boolean known = report.stored().isPresent();
    json.writeArrayFieldStart("savings");
    for (Savings savings : report.savings()) {
      boolean whole = savings.by().equals(Savings.PARTS);
      json.writeStartObject();
      json.writeStringField("name", savings.by());
      json.writeBooleanField("whole", whole);
      json.writeBooleanField("stored", known);
      if (!whole) {
        json.writeStringField(
            "note",
            known
                ? "A basis that groups share is divided among them by columns."
                : "What is stored for each is not known without the files.");
      }
      json.writeArrayFieldStart("groups");
      for (Savings.Group group : savings.groups()) {
        json.writeStartObject();
        json.writeStringField("name", Texts.shown(group.name()));
        json.writeNumberField("blocks", group.blocks());
        json.writeNumberField("numbersIn", group.numbersIn());
        json.writeNumberField("stored", group.stored());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void clusters() throws IOException {
    List<ClusterEntry> clusters = manifest.clusters();
    List<Integer> largest = new ArrayList<>(IntStream.range(0, clusters.size()).boxed().toList());
    largest.sort(Comparator.comparingLong((Integer i) -> numbersIn(clusters.get(i))).reversed());
    Optional<long[]> stored = report.stored().map(this::storedForClusters);
    json.writeObjectFieldStart("clusters");
    json.writeNumberField("total", clusters.size());
    keys(
        "id",
        "rows",
        "blocks",
        "columns",
        "rank",
        "mask",
        "numbersIn",
        "stored",
        "error",
        "limit",
        "lower",
        "upper",
        "provedBy",
        "measured");
    json.writeArrayFieldStart("rows");
    int most = Math.min(MOST_CLUSTERS, largest.size());
    for (int i : largest.subList(0, most)) {
      ClusterEntry cluster = clusters.get(i);
      json.writeStartArray();
      json.writeString(Texts.shown(cluster.id()));
      json.writeNumber(cluster.rows());
      json.writeNumber(cluster.blocks());
      json.writeNumber(cluster.columns());
      json.writeNumber(cluster.rank());
      json.writeBoolean(cluster.mask().isPresent());
      json.writeNumber(numbersIn(cluster));
      if (stored.isPresent()) {
        json.writeNumber(stored.get()[i]);
      } else {
        json.writeNull();
      }
      json.writeNumber(cluster.weightedError().orElse(cluster.error()));
      number(cluster.limit());
      json.writeNumber(cluster.bound().lower());
      json.writeNumber(cluster.bound().upper());
      json.writeString(Texts.shown(cluster.bound().provedBy()));
      number(report.bounds().measured().get(i));
      json.writeEndArray();
    }
    json.writeEndArray();
    List<Integer> rest = largest.subList(most, largest.size());
    json.writeObjectFieldStart("rest");
    json.writeNumberField("clusters", rest.size());
    json.writeNumberField(
        "numbersIn", rest.stream().mapToLong(i -> numbersIn(clusters.get(i))).sum());
    json.writeNumberField(
        "stored", stored.map(all -> rest.stream().mapToLong(i -> all[i]).sum()).orElse(0L));
    json.writeEndObject();
    json.writeEndObject();
  }

  private static long numbersIn(ClusterEntry cluster) {
    return cluster.rows() * cluster.columns();
  }

  /** With what is stored for each block of them. */
  private long[] storedForClusters(StoredNumbers stored) {
    Map<String, Integer> places = new HashMap<>();
    long[] numbers = new long[manifest.clusters().size()];
    for (int i = 0; i < numbers.length; i++) {
      places.put(manifest.clusters().get(i).id(), i);
      numbers[i] = stored.ofCluster(i);
    }
    for (int i = 0; i < manifest.blocks().size(); i++) {
      Optional<Integer> place = manifest.blocks().get(i).cluster().map(places::get);
      if (place.isPresent()) {
        numbers[place.get()] += stored.ofBlock(i);
      }
    }
    return numbers;
  }

  /** What is in no cluster, for the map of clusters. */
  private void map() throws IOException {
    Map<String, Map<Treatment, long[]>> families = new HashMap<>();
    for (BlockEntry block : manifest.blocks()) {
      if (block.cluster().isEmpty()) {
        long[] sums =
            families
                .computeIfAbsent(Savings.family(block), unused -> new EnumMap<>(Treatment.class))
                .computeIfAbsent(block.treatment(), unused -> new long[2]);
        sums[0]++;
        sums[1] += Savings.numbersIn(block);
      }
    }
    json.writeArrayFieldStart("map");
    Comparator<String> bySize =
        Comparator.comparingLong(
            family ->
                -families.getOrDefault(family, Map.of()).values().stream()
                    .mapToLong(sums -> sums[1])
                    .sum());
    List<String> largest =
        families.keySet().stream()
            .sorted(bySize.thenComparing(Comparator.naturalOrder()))
            .limit(Savings.MOST_GROUPS)
            .toList();
    for (String family : largest) {
      for (var each : families.getOrDefault(family, Map.of()).entrySet()) {
        json.writeStartObject();
        json.writeStringField("family", family);
        json.writeStringField(
            "name",
            each.getKey() == Treatment.RAW
                ? each.getValue()[0] + " raw blocks"
                : each.getValue()[0] + " tensors");
        json.writeNumberField("numbersIn", each.getValue()[1]);
        json.writeEndObject();
      }
    }
    json.writeEndArray();
  }

  private void blocks() throws IOException {
    json.writeObjectFieldStart("blocks");
    json.writeNumberField("total", manifest.blocks().size());
    keys(
        "tensor",
        "part",
        "kind",
        "cluster",
        "rows",
        "columns",
        "error",
        "weighted",
        "source",
        "note");
    Map<String, Integer> sources = new LinkedHashMap<>();
    json.writeArrayFieldStart("rows");
    for (int i : report.errors().listed()) {
      BlockEntry block = manifest.blocks().get(i);
      json.writeStartArray();
      json.writeString(Texts.shown(block.tensor()));
      text(block.part().map(part -> part.from() + " to " + (part.to() - 1)));
      json.writeString(block.treatment().key());
      text(block.cluster());
      if (block.view().isPresent()) {
        json.writeNumber(block.view().get().rows());
        json.writeNumber(block.view().get().columns());
      } else {
        json.writeNull();
        json.writeNull();
      }
      json.writeNumber(block.error());
      number(block.weightedError());
      json.writeNumber(sources.computeIfAbsent(block.source(), unused -> sources.size()));
      text(block.note());
      json.writeEndArray();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("sources");
    for (String source : sources.keySet()) {
      json.writeString(Texts.shown(report.sources().name(source)));
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void errors() throws IOException {
    BlockErrors errors = report.errors();
    Histogram histogram = errors.histogram();
    double[] edges = histogram.edges();
    json.writeObjectFieldStart("errors");
    json.writeNumberField("compressed", errors.compressed());
    json.writeNumberField("largest", errors.largest());
    json.writeNumberField("top", edges[edges.length - 1]);
    json.writeBooleanField("complete", errors.complete());
    json.writeObjectFieldStart("histogram");
    numbers("edges", edges);
    json.writeFieldName("counts");
    json.writeArray(histogram.counts(), 0, histogram.counts().length);
    json.writeEndObject();
    json.writeFieldName("grid");
    if (errors.grid().isEmpty()) {
      json.writeNull();
    } else {
      grid(errors.grid().get());
    }
    json.writeEndObject();
  }

  private void grid(BlockErrors.Grid grid) throws IOException {
    json.writeStartObject();
    json.writeNumberField("columns", grid.counts().length);
    json.writeNumberField("blocksPerColumn", grid.blocksPerColumn());
    json.writeArrayFieldStart("cells");
    for (int x = 0; x < grid.counts().length; x++) {
      for (int y = 0; y < grid.counts()[x].length; y++) {
        if (grid.counts()[x][y] > 0) {
          json.writeArray(new long[] {x, y, grid.counts()[x][y]}, 0, 3);
        }
      }
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private void numbers(String key, double[] values) throws IOException {
    json.writeFieldName(key);
    json.writeArray(values, 0, values.length);
  }

  private void proofs() throws IOException {
    json.writeArrayFieldStart("proofs");
    for (BoundComparison.Proof proof : report.bounds().proofs()) {
      json.writeStartObject();
      json.writeStringField("name", Texts.shown(proof.name()));
      json.writeNumberField("clusters", proof.clusters());
      json.writeNumberField("smallest", proof.smallest());
      json.writeNumberField("median", proof.median());
      json.writeNumberField("largest", proof.largest());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void spectra() throws IOException {
    json.writeArrayFieldStart("spectra");
    for (ClusterSpectrum spectrum : report.spectra()) {
      int singular = spectrum.energies().length;
      int[] ranks = ClusterSpectrum.sampled(1, singular, MOST_RANKS);
      int[] cuts = ClusterSpectrum.sampled(0, singular, MOST_RANKS);
      json.writeStartObject();
      json.writeStringField("cluster", Texts.shown(spectrum.cluster()));
      json.writeFieldName("ranks");
      json.writeArray(ranks, 0, ranks.length);
      double[] shares = spectrum.shares();
      numbers("values", IntStream.of(ranks).mapToDouble(rank -> shares[rank - 1]).toArray());
      json.writeFieldName("cuts");
      json.writeArray(cuts, 0, cuts.length);
      numbers("expected", at(cuts, spectrum.expected()));
      numbers("lower", at(cuts, spectrum.lower()));
      numbers("upper", at(cuts, spectrum.upper()));
      json.writeFieldName("numbers");
      long perRank = spectrum.rows() + spectrum.columns();
      long[] numbers = IntStream.of(cuts).mapToLong(rank -> rank * perRank).toArray();
      json.writeArray(numbers, 0, numbers.length);
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static double[] at(int[] places, double[] values) {
    return IntStream.of(places).mapToDouble(place -> values[place]).toArray();
  }

  private void rejected() throws IOException {
    Map<String, Long> causes = new HashMap<>();
    for (RejectedEntry entry : manifest.rejected()) {
      causes.merge(entry.cause().key(), 1L, Long::sum);
    }
    json.writeObjectFieldStart("rejected");
    json.writeNumberField("total", manifest.rejected().size());
    json.writeArrayFieldStart("causes");
    for (String cause : causes.keySet().stream().sorted().toList()) {
      json.writeStartArray();
      json.writeString(cause);
      json.writeNumber(causes.getOrDefault(cause, 0L));
      json.writeEndArray();
    }
    json.writeEndArray();
    keys("tensor", "source", "cause", "reason");
    json.writeArrayFieldStart("rows");
    int most = Math.min(MOST_REJECTED, manifest.rejected().size());
    for (RejectedEntry entry : manifest.rejected().subList(0, most)) {
      json.writeStartArray();
      json.writeString(entry.isWholeFile() ? "(file)" : Texts.shown(entry.tensor()));
      json.writeString(Texts.shown(entry.source()));
      json.writeString(entry.cause().key());
      json.writeString(Texts.shown(entry.reason()));
      json.writeEndArray();
    }
    json.writeEndArray();
    json.writeEndObject();
  }
}
