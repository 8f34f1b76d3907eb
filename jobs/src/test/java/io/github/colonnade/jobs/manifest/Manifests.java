package io.github.colonnade.jobs.manifest;

import io.github.colonnade.svd.lost.Activation;
import io.github.colonnade.svd.lost.ChannelRule;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/** Manifests for tests. */
public final class Manifests {
  private static final String[] TEXTS = {
    "file:///data/model.safetensors",
    "encoder.layer.0.attention.self.query.weight",
    "layer \"1\"\\weight",
    "Gewicht – 重み 🙂",
    "\u0000\u001b[31m\n\r\t\u2028",
    "x".repeat(3000)
  };

  private Manifests() {}

  /** Of a plain run with a limit for each block. */
  public static Settings settings(String version, List<String> inputs, double maxError) {
    return new Settings(
        version,
        inputs,
        maxError,
        Scope.BLOCK,
        OptionalInt.empty(),
        "auto",
        Precision.FLOAT32,
        StoreDtype.SOURCE,
        OptionalInt.empty(),
        OptionalInt.empty(),
        Transpose.AUTO,
        List.of(),
        List.of(),
        false);
  }

  /** One of every kind of entry; the text of it is in {@code golden-manifest.json}. */
  public static Manifest golden() {
    String source = "file:///data/model.safetensors";
    List<ClusterEntry> clusters =
        List.of(
            new ClusterEntry(
                "c0",
                384,
                32,
                1920,
                2,
                new BoundEntry(0.01, 0.0625, "incremental"),
                0.0601234,
                at("factors-0.safetensors", "c0.basis"),
                at("factors-0.safetensors", "c0.mask")),
            new ClusterEntry(
                "c1",
                384,
                0,
                384,
                1,
                new BoundEntry(0, 0, "exact"),
                0,
                Optional.empty(),
                Optional.empty()));
    List<BlockEntry> blocks =
        List.of(
            new BlockEntry(
                "model.safetensors#a",
                source,
                "a",
                List.of(384L, 1536L),
                "F32",
                Treatment.SHARED,
                Optional.of(new View(384, 1536, Layout.ROW_MAJOR)),
                Optional.empty(),
                Optional.of("c0"),
                false,
                1.25e-7,
                at("factors-0.safetensors", "a.coefficients"),
                Math.scalb(1.0, -70),
                Optional.empty(),
                "0123456789abcdef".repeat(4),
                Optional.empty()),
            new BlockEntry(
                "model.safetensors#b[384:768]",
                source,
                "b",
                List.of(2L, 384L, 384L),
                "BF16",
                Treatment.SHARED,
                Optional.of(new View(384, 384, Layout.COLUMN_MAJOR)),
                Optional.of(new Part(384, 768)),
                Optional.of("c0"),
                false,
                0.0625,
                at("factors-0.safetensors", "b.coefficients"),
                1,
                Optional.empty(),
                "00".repeat(32),
                Optional.empty()),
            new BlockEntry(
                "model.safetensors#zero",
                source,
                "zero",
                List.of(384L, 384L),
                "F32",
                Treatment.ALONE,
                Optional.of(new View(384, 384, Layout.COLUMN_MAJOR)),
                Optional.empty(),
                Optional.of("c1"),
                true,
                0,
                Optional.empty(),
                1,
                Optional.empty(),
                "11".repeat(32),
                Optional.of("all numbers are zero")),
            new BlockEntry(
                "model.safetensors#noise",
                source,
                "noise",
                List.of(8L, 4L),
                "F32",
                Treatment.RAW,
                Optional.of(new View(8, 4, Layout.ROW_MAJOR)),
                Optional.empty(),
                Optional.empty(),
                false,
                0,
                Optional.empty(),
                1,
                at("raw-0.safetensors", "noise"),
                "22".repeat(32),
                Optional.of("nothing cheaper meets the limit")),
            new BlockEntry(
                "model.safetensors#ids",
                source,
                "ids",
                List.of(),
                "I64",
                Treatment.PASSTHROUGH,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                0,
                Optional.empty(),
                1,
                at("raw-0.safetensors", "ids"),
                "33".repeat(32),
                Optional.empty()));
    return new Manifest(
        new Settings(
            "colonnade 1.2.3",
            List.of(source),
            OptionalDouble.of(0.0625),
            Scope.BLOCK,
            OptionalInt.of(64),
            "incremental-residual",
            Precision.FLOAT32,
            StoreDtype.SOURCE,
            OptionalInt.of(384),
            OptionalInt.empty(),
            Transpose.AUTO,
            List.of("*.weight"),
            List.of(),
            true,
            Optional.empty(),
            OptionalInt.empty(),
            OptionalDouble.empty(),
            OptionalLong.empty(),
            Optional.of(
                new PartitionsEntry(
                    OptionalInt.empty(), List.of(new PartitionsEntry.Family(384, 3)))),
            Optional.empty()),
        Totals.of(5, 2, 1_032_225, 123_456, 4_128_900, 500_000, 0.0625, 0.0601234, 3),
        new Timings(0.1, 1.5, 2, 1e-4, 3.6001),
        clusters,
        blocks,
        List.of(
            new RejectedEntry(source, "broken", RejectionCause.NOT_FINITE, "NaN at index 7"),
            new RejectedEntry(
                "file:///data/late.safetensors", "", RejectionCause.LATE, "it came an hour late")));
  }

  /**
   * A manifest that can be segment {@code number}: a cluster of one, a block kept raw and a tensor
   * that is not finite, each named by the number.
   */
  public static Manifest segment(int number, double maxError) {
    String source = "file:///data/" + number + ".safetensors";
    String file = "data/" + number + ".safetensors";
    ClusterEntry cluster =
        new ClusterEntry(
            "c" + number,
            4,
            1,
            number + 1,
            1,
            new BoundEntry(0, 0.5, "exact"),
            0.25 / number,
            Optional.of(new TensorLocation(file, "basis")),
            Optional.empty());
    BlockEntry alone =
        new BlockEntry(
            "a" + number,
            source,
            "a",
            List.of(4L, number + 1L),
            "F32",
            Treatment.ALONE,
            Optional.of(new View(4, number + 1, Layout.ROW_MAJOR)),
            Optional.empty(),
            Optional.of(cluster.id()),
            false,
            0.25 / number,
            Optional.of(new TensorLocation(file, "coefficients")),
            1,
            Optional.empty(),
            "0".repeat(64),
            Optional.empty());
    BlockEntry raw =
        new BlockEntry(
            "r" + number,
            source,
            "r",
            List.of(4L, 1L),
            "F32",
            Treatment.RAW,
            Optional.of(new View(4, 1, Layout.ROW_MAJOR)),
            Optional.empty(),
            Optional.empty(),
            false,
            0,
            Optional.empty(),
            1,
            Optional.of(new TensorLocation(file, "raw")),
            "0".repeat(64),
            Optional.empty());
    return new Manifest(
        settings("colonnade 1.2." + number, List.of(source, "file:///data/common"), maxError),
        Totals.of(
            2,
            1,
            4L * number + 8,
            number + 9,
            16L * number + 99,
            777,
            0.25 / number,
            0.25 / number,
            1),
        new Timings(1, 2, 3, 4, 10),
        List.of(cluster),
        List.of(alone, raw),
        List.of(new RejectedEntry(source, "nan", RejectionCause.NOT_FINITE, "NaN at index 0")));
  }

  /** Manifests of every shape, with text and numbers that are hard to write. */
  public static Arbitrary<Manifest> any() {
    return Arbitraries.randomValue(Manifests::random);
  }

  public static byte[] write(Manifest manifest) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ManifestWriter.write(manifest, out);
      return out.toByteArray();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static Manifest read(String text) throws IOException {
    return ManifestReader.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  private static Manifest random(Random random) {
    List<ClusterEntry> clusters = new ArrayList<>();
    List<BlockEntry> blocks = new ArrayList<>();
    for (int c = random.nextInt(4); c > 0; c--) {
      addCluster(random, clusters, blocks);
    }
    int compressed = blocks.size();
    for (int b = random.nextInt(4); b > 0; b--) {
      blocks.add(block(random, Treatment.RAW, 1 + random.nextInt(9), Optional.empty(), 0));
    }
    for (int b = random.nextInt(4); b > 0; b--) {
      blocks.add(block(random, Treatment.PASSTHROUGH, 1, Optional.empty(), 0));
    }
    List<RejectedEntry> rejected = new ArrayList<>();
    for (int r = random.nextInt(3); r > 0; r--) {
      RejectionCause cause = pick(random, RejectionCause.values());
      rejected.add(new RejectedEntry(text(random), maybe(random).orElse(""), cause, text(random)));
    }
    boolean fixed = random.nextInt(4) == 0;
    Totals totals =
        Totals.of(
                blocks.size(),
                clusters.size(),
                count(random),
                count(random),
                count(random),
                count(random),
                measure(random),
                measure(random),
                compressed)
            .withWeightedErrors(blocks, clusters);
    return new Manifest(
        new Settings(
            text(random),
            texts(random),
            fixed ? OptionalDouble.empty() : OptionalDouble.of(random.nextDouble()),
            pick(random, Scope.values()),
            maybeInt(random),
            text(random),
            pick(random, Precision.values()),
            pick(random, StoreDtype.values()),
            maybeInt(random),
            maybeInt(random),
            pick(random, Transpose.values()),
            texts(random),
            texts(random),
            random.nextBoolean(),
            random.nextBoolean()
                ? Optional.of(new WeightsEntry(text(random), 1 + count(random) / 2, digest(random)))
                : Optional.empty(),
            fixed ? OptionalInt.of(1 + random.nextInt(99)) : OptionalInt.empty(),
            fixed || random.nextBoolean()
                ? OptionalDouble.empty()
                : OptionalDouble.of(random.nextDouble() * 9),
            fixed || random.nextBoolean()
                ? OptionalLong.empty()
                : OptionalLong.of(1 + count(random) / 2),
            random.nextBoolean() ? Optional.empty() : Optional.of(partitions(random)),
            random.nextBoolean() ? Optional.empty() : Optional.of(lost(random, fixed))),
        random.nextBoolean()
            ? totals
            : totals.withCollectionError(measure(random), maybeMeasure(random)),
        new Timings(
            measure(random), measure(random), measure(random), measure(random), measure(random)),
        clusters,
        blocks,
        rejected);
  }

  private static PartitionsEntry partitions(Random random) {
    List<PartitionsEntry.Family> families = new ArrayList<>();
    for (int f = random.nextInt(3); f > 0; f--) {
      families.add(new PartitionsEntry.Family(1 + count(random) / 2, 2 + random.nextInt(9)));
    }
    return new PartitionsEntry(maybeInt(random), families);
  }

  private static LostEntry lost(Random random, boolean fixed) {
    if (!fixed) {
      return new LostEntry(LostMode.COMPRESS, OptionalDouble.empty(), Optional.empty());
    }
    boolean trained = random.nextBoolean();
    return new LostEntry(
        trained ? LostMode.PRETRAIN : LostMode.COMPRESS,
        OptionalDouble.of(random.nextDouble()),
        trained
            ? Optional.of(
                new LostEntry.Layer(
                    random.nextDouble(),
                    pick(random, Activation.values()),
                    pick(random, ChannelRule.values()),
                    random.nextBoolean()
                        ? OptionalInt.empty()
                        : OptionalInt.of(1 + random.nextInt(9)),
                    random.nextBoolean()
                        ? OptionalLong.empty()
                        : OptionalLong.of(random.nextLong())))
            : Optional.empty());
  }

  private static void addCluster(
      Random random, List<ClusterEntry> clusters, List<BlockEntry> blocks) {
    int members = 1 + random.nextInt(4);
    int rows = 1 + random.nextInt(9);
    int rank = random.nextInt(rows + 1);
    String id = clusters.size() + text(random);
    long columns = 0;
    for (int b = 0; b < members; b++) {
      Treatment alone = random.nextBoolean() ? Treatment.ALONE : Treatment.LOST;
      Treatment treatment = members == 1 ? alone : Treatment.SHARED;
      BlockEntry block = block(random, treatment, rows, Optional.of(id), rank);
      columns += block.view().orElseThrow().columns();
      blocks.add(block);
    }
    double lower = measure(random);
    clusters.add(
        new ClusterEntry(
            id,
            rows,
            rank,
            columns,
            members,
            new BoundEntry(lower, Math.max(lower, measure(random)), text(random)),
            measure(random),
            rank == 0 ? Optional.empty() : location(random),
            rank == 0 || random.nextBoolean() ? Optional.empty() : location(random),
            maybeMeasure(random),
            random.nextBoolean()
                ? OptionalDouble.of(random.nextDouble())
                : OptionalDouble.empty()));
  }

  private static BlockEntry block(
      Random random, Treatment treatment, long rows, Optional<String> cluster, int rank) {
    boolean matrix = treatment != Treatment.PASSTHROUGH;
    int allColumns = 1 + random.nextInt(9);
    boolean partial = matrix && random.nextBoolean();
    int from = partial ? random.nextInt(allColumns) : 0;
    int to = partial ? from + 1 + random.nextInt(allColumns - from) : allColumns;
    return new BlockEntry(
        text(random),
        text(random),
        maybe(random).orElse(""),
        matrix ? List.of((long) allColumns, rows) : List.of(0L, count(random)),
        text(random),
        treatment,
        matrix
            ? Optional.of(new View(rows, to - from, pick(random, Layout.values())))
            : Optional.empty(),
        partial ? Optional.of(new Part(from, to)) : Optional.empty(),
        cluster,
        random.nextBoolean(),
        cluster.isPresent() ? measure(random) : 0,
        rank > 0 ? location(random) : Optional.empty(),
        cluster.isPresent() ? Math.scalb(1.0, random.nextInt(2045) - 1022) : 1,
        cluster.isPresent() ? Optional.empty() : location(random),
        digest(random),
        maybe(random),
        cluster.isPresent() ? maybeMeasure(random) : OptionalDouble.empty(),
        treatment == Treatment.LOST ? Optional.of(sparse(random, to - from)) : Optional.empty());
  }

  private static SparseEntry sparse(Random random, int columns) {
    List<Long> channels = new ArrayList<>();
    for (long channel = random.nextInt(columns); channel < columns; ) {
      channels.add(channel);
      channel += 1 + random.nextInt(3);
    }
    return new SparseEntry(
        channels, location(random).orElseThrow(), location(random).orElseThrow());
  }

  private static String digest(Random random) {
    byte[] digest = new byte[32];
    random.nextBytes(digest);
    return HexFormat.of().formatHex(digest);
  }

  private static OptionalDouble maybeMeasure(Random random) {
    return random.nextBoolean() ? OptionalDouble.of(measure(random)) : OptionalDouble.empty();
  }

  private static Optional<TensorLocation> location(Random random) {
    return at(pick(random, new String[] {"a", "a..b/.c", "d e/f"}), maybe(random).orElse(""));
  }

  private static Optional<TensorLocation> at(String file, String tensor) {
    return Optional.of(new TensorLocation(file, tensor));
  }

  private static List<String> texts(Random random) {
    List<String> texts = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      texts.add(text(random));
    }
    return texts;
  }

  private static String text(Random random) {
    return pick(random, TEXTS);
  }

  private static Optional<String> maybe(Random random) {
    return random.nextBoolean() ? Optional.of(text(random)) : Optional.empty();
  }

  private static OptionalInt maybeInt(Random random) {
    return random.nextBoolean()
        ? OptionalInt.of(Math.max(1, random.nextInt() >>> 1))
        : OptionalInt.empty();
  }

  private static long count(Random random) {
    return random.nextLong() >>> (1 + random.nextInt(63));
  }

  /** Any finite number from 0, tiny and huge ones as often as others. */
  private static double measure(Random random) {
    double value = Double.longBitsToDouble(random.nextLong() >>> 1);
    return Double.isFinite(value) && random.nextInt(5) > 0 ? value : 0;
  }

  private static <T> T pick(Random random, T[] values) {
    return values[random.nextInt(values.length)];
  }
}
