package io.github.colonnade.jobs.compress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.colonnade.bounds.ScaledEnergy;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.bounds.TradeOff;
import io.github.colonnade.connectors.source.TensorSplit;
import io.github.colonnade.connectors.tensor.Arrangement;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.Layout;
import io.github.colonnade.jobs.compress.EncodeTask.ClusterTask;
import io.github.colonnade.jobs.compress.EncodeTask.MemberTask;
import io.github.colonnade.jobs.compress.SketchedBlock.Factor;
import io.github.colonnade.jobs.compress.StageTimes.Stage;
import io.github.colonnade.jobs.flink.Codec;
import io.github.colonnade.jobs.flink.CodecSerializer;
import io.github.colonnade.jobs.manifest.BoundEntry;
import io.github.colonnade.jobs.manifest.RejectionCause;
import io.github.colonnade.jobs.manifest.Treatment;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Records come back as they were, and nothing else is read. */
class RecordCodecsTest {
  private static final StageTimes TIMES = StageTimes.none().with(Stage.SKETCH, 3, 1L << 40);
  private static final String LONG_TEXT = "重".repeat(40_000);

  /** An {@link EncodeTask} of version 3, which had no bases that are stored already. */
  private static final String OLD_TASK =
      "030000000d662e7361666574656e736f727300000001000000056d362d6330000000024010000000"
          + "0000003fd00000000000003fe00000000000000000000900000002013fd000000000000000000000"
          + "01000000000000000700000001000000000000000866696c653a2f696e0000000161000442463136"
          + "0200000000000000060000000000000004000000000866696c653a2f696e000000000000000a0000"
          + "000000000030000a4249475f454e4449414e00000000000000060000000000000002000000000000"
          + "00020009524f575f4d414a4f52fffffc1801fffffffd000000026162000000000000000c00000000"
          + "7fffffffffffffff80000000000000007fffffffffffffff80000000000000007fffffffffffffff"
          + "80000000000000007fffffffffffffff8000000000000000";

  /** An {@link Outcome} of version 4, whose bases are in the file that was written. */
  private static final String OLD_OUTCOME =
      "04010000000166000000020000000000000000000000050000000000000000000000000000000000"
          + "00000000000000000000000000000000000000000000000000000000000000000000010000000163"
          + "000000000000000600000002000000000000000800000000000000023fb999999999999a3fc99999"
          + "9999999a0000000565786163743fc3333333333333013fc47ae147ae147b00000007632e62617369"
          + "7300000006632e6d61736b013fd3333333333333000000007fffffffffffffff8000000000000000"
          + "7fffffffffffffff80000000000000007fffffffffffffff80000000000000007fffffffffffffff"
          + "8000000000000000";

  private static TensorInfo tensor(String name) {
    return new TensorInfo(
        "file:/in",
        name,
        DType.BF16,
        Shape.of(6, 4),
        new Payload.ByteRange("file:/in", 10, 48, Arrangement.BIG_ENDIAN));
  }

  private static BlockRef block(String name, long from) {
    return new BlockRef(tensor(name), 6, 2, from, Layout.ROW_MAJOR);
  }

  private static MemberTask member(String name, long from, OptionalInt weightExponent) {
    return new MemberTask(7, (int) from, block(name, from), -1000, weightExponent, "ab", 12);
  }

  private static ClusterTask cluster(
      OptionalInt shared, OptionalDouble limit, Optional<Prospect> prospect) {
    return new ClusterTask(
        "m6-c" + LONG_TEXT,
        List.of(
            member("a", 0, OptionalInt.of(-3)),
            member("a", 2, OptionalInt.empty()),
            member("b", 0, OptionalInt.of(0))),
        new double[] {4, 1e-300},
        0.5,
        9,
        shared,
        limit,
        prospect);
  }

  private static ClusterTask joining() {
    return new ClusterTask(
        "s2-m6-c0",
        List.of(member("a", 0, OptionalInt.empty())),
        new double[0],
        0,
        9,
        OptionalInt.empty(),
        OptionalDouble.empty(),
        Optional.empty(),
        Optional.of(new EncodeTask.StoredBasis("data/f.safetensors", "m6-c0/basis", 4)));
  }

  private static EncodeTask task() {
    Prospect prospect =
        new Prospect(
            new ScaledEnergy(3.5, -7),
            -8,
            TradeOff.of(new double[] {0, 1, 3.5}, new long[] {60, 20, 0}),
            List.of(
                Spectrum.ofKept(new double[] {2, 1}, 0.1), Spectrum.ofKept(new double[0], 0.4)));
    return new EncodeTask(
        "f.safetensors",
        List.of(
            cluster(OptionalInt.of(0), OptionalDouble.empty(), Optional.of(prospect)),
            cluster(OptionalInt.empty(), OptionalDouble.of(0.25), Optional.empty()),
            joining()),
        List.of(new PassThrough(9, tensor(LONG_TEXT), "no matrix", TIMES)),
        TIMES);
  }

  private static Outcome written() {
    Outcome.StoredCluster cluster =
        new Outcome.StoredCluster(
            "c",
            6,
            2,
            8,
            2,
            new BoundEntry(0.1, 0.2, "exact"),
            0.15,
            OptionalDouble.of(0.16),
            "other",
            "c.basis",
            "c.mask",
            OptionalDouble.of(0.3));
    Outcome.StoredBlock block =
        new Outcome.StoredBlock(
            3,
            1,
            tensor("a"),
            Optional.of(block("a", 2)),
            Treatment.SHARED,
            "c",
            0.1,
            OptionalDouble.empty(),
            0.5,
            "a.coefficients",
            "cd",
            LONG_TEXT,
            Optional.of(
                new Outcome.StoredColumns(new int[] {0, 70_000}, "a.columns", "a.channels")));
    Outcome.StoredBlock copy =
        new Outcome.StoredBlock(
            4,
            0,
            tensor("vector"),
            Optional.empty(),
            Treatment.PASSTHROUGH,
            "",
            0,
            OptionalDouble.empty(),
            1,
            "vector",
            "ef",
            "",
            Optional.empty());
    ScaledEnergy energy = new ScaledEnergy(1.5, 600);
    return new Outcome.FileWritten(
        "f",
        1L << 33,
        5,
        new EnergySums(energy, ScaledEnergy.ZERO, energy, energy),
        List.of(cluster),
        List.of(block, copy),
        TIMES);
  }

  private static SketchedBlock sketched(Factor factor) {
    return new SketchedBlock(
        1L << 40,
        5,
        block("a", 2),
        -70,
        OptionalInt.of(4),
        "ab",
        new double[] {2, 0.5},
        1e-9,
        factor,
        TIMES);
  }

  static Stream<Arguments> records() {
    return Stream.of(
        Arguments.of(new TensorSplitCodec(), new TensorSplit(3, tensor(LONG_TEXT), 4, 5)),
        Arguments.of(
            new PassThrough.PassThroughCodec(), new PassThrough(1, tensor("x"), "", TIMES)),
        Arguments.of(
            new SketchedBlock.SketchedBlockCodec(), sketched(new Factor.Floats(new float[12]))),
        Arguments.of(
            new SketchedBlock.SketchedBlockCodec(),
            sketched(new Factor.Doubles(new double[] {1e300, -0.0}))),
        Arguments.of(new EncodeTask.EncodeTaskCodec(), task()),
        Arguments.of(new Outcome.OutcomeCodec(), written()),
        Arguments.of(
            new Outcome.OutcomeCodec(),
            new Outcome.Rejected(4, "s", LONG_TEXT, RejectionCause.LATE, "NaN", TIMES)));
  }

  @ParameterizedTest
  @MethodSource("records")
  <T> void whatIsReadWritesTheSameBytes(Codec<T> codec, T record) throws IOException {
    CodecSerializer<T> serializer = new CodecSerializer<>(codec);
    byte[] written = serializer.toBytes(record);
    DataInputDeserializer in = new DataInputDeserializer(written);
    T read = serializer.deserialize(in);
    assertEquals(0, in.available());
    assertArrayEquals(written, serializer.toBytes(read));
    // Arrays have no equality by value, so neither have records with them.
    assertEquals(withoutIdentities(record), withoutIdentities(read));
  }

  private static String withoutIdentities(Object record) {
    return record.toString().replaceAll("@[0-9a-f]+", "@");
  }

  @ParameterizedTest
  @MethodSource("records")
  <T> void otherVersionsAreRefused(Codec<T> codec, T record) throws IOException {
    CodecSerializer<T> serializer = new CodecSerializer<>(codec);
    byte[] written = serializer.toBytes(record);
    for (int version : new int[] {codec.oldestVersion() - 1, codec.version() + 1, -1}) {
      written[0] = (byte) version;
      IOException e =
          assertThrows(
              IOException.class, () -> serializer.deserialize(new DataInputDeserializer(written)));
      assertEquals(
          "a %s of version %d was written by another program; this one reads %d to %d"
              .formatted(
                  codec.type().getSimpleName(), version, codec.oldestVersion(), codec.version()),
          e.getMessage());
    }
  }

  @Test
  void bytesOfOlderVersionsAreRead() throws IOException {
    EncodeTask task = read(new EncodeTask.EncodeTaskCodec(), OLD_TASK);
    assertEquals("f.safetensors", task.file());
    ClusterTask cluster = task.clusters().get(0);
    assertEquals("m6-c0", cluster.id());
    assertArrayEquals(new double[] {4, 0.25}, cluster.squares());
    assertEquals(OptionalInt.of(2), cluster.sharedDirections());
    assertEquals(OptionalDouble.of(0.25), cluster.limit());
    assertEquals(Optional.empty(), cluster.basis());
    assertEquals(
        List.of(new MemberTask(7, 1, block("a", 2), -1000, OptionalInt.of(-3), "ab", 12)),
        cluster.members());
    Outcome.FileWritten file = (Outcome.FileWritten) read(new Outcome.OutcomeCodec(), OLD_OUTCOME);
    assertEquals(
        new Outcome.StoredCluster(
            "c",
            6,
            2,
            8,
            2,
            new BoundEntry(0.1, 0.2, "exact"),
            0.15,
            OptionalDouble.of(0.16),
            "",
            "c.basis",
            "c.mask",
            OptionalDouble.of(0.3)),
        file.clusters().get(0));
    assertEquals(1L << 33, file.sizeBytes());
  }

  private static <T> T read(Codec<T> codec, String bytes) throws IOException {
    DataInputDeserializer in = new DataInputDeserializer(HexFormat.of().parseHex(bytes));
    T record = new CodecSerializer<>(codec).deserialize(in);
    assertEquals(0, in.available());
    return record;
  }
}
