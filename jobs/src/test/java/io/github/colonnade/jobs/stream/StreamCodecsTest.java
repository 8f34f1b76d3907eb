package io.github.colonnade.jobs.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.colonnade.connectors.io.Sha256;
import io.github.colonnade.connectors.source.Arrival;
import io.github.colonnade.connectors.source.Arrival.Batch;
import io.github.colonnade.connectors.tensor.Arrangement;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.Layout;
import io.github.colonnade.jobs.compress.EncodeTask;
import io.github.colonnade.jobs.compress.Outcome;
import io.github.colonnade.jobs.compress.PassThrough;
import io.github.colonnade.jobs.compress.SketchedBlock;
import io.github.colonnade.jobs.compress.StageTimes;
import io.github.colonnade.jobs.flink.Codec;
import io.github.colonnade.jobs.flink.CodecSerializer;
import io.github.colonnade.jobs.manifest.RejectionCause;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is in the state of a stream is read by later versions: the bytes of a record do not change
 * unless its codec gets another version, which reads the old ones.
 */
class StreamCodecsTest {
  private static final StageTimes TIMES = StageTimes.none().with(StageTimes.Stage.SKETCH, 3, 5);
  private static final Batch BATCH = new Batch(6, 1L << 33);

  private static TensorInfo tensor() {
    return new TensorInfo(
        "file:/in",
        "a",
        DType.F32,
        Shape.of(6, 4),
        new Payload.ByteRange("file:/in", 10, 96, Arrangement.CANONICAL));
  }

  private static SketchedBlock block() {
    return new SketchedBlock(
        7,
        1,
        new BlockRef(tensor(), 6, 2, 2, Layout.ROW_MAJOR),
        -3,
        OptionalInt.empty(),
        "ab",
        new double[] {4},
        0.5,
        new SketchedBlock.Factor.Floats(new float[] {1, 0, 0, 0, 0, 2}),
        TIMES);
  }

  private static Outcome.Rejected rejected() {
    return new Outcome.Rejected(8, "file:/in", "b", RejectionCause.CHANGED, "it changed", TIMES);
  }

  private static PassThrough copy() {
    return new PassThrough(9, tensor(), "no matrix", TIMES);
  }

  static Stream<Arguments> records() {
    BatchItem.BatchItemCodec items = new BatchItem.BatchItemCodec();
    return Stream.of(
        Arguments.of(
            new ArrivalCodec(),
            new Arrival.Tensor(3, tensor(), BATCH, 200, 1_000),
            "875677efc050fecd"),
        Arguments.of(items, new BatchItem(BATCH, new BatchItem.Block(block())), "be01153b28439fa8"),
        Arguments.of(items, new BatchItem(BATCH, new BatchItem.Copy(copy())), "e4b6c552b991ecc1"),
        Arguments.of(
            items, new BatchItem(BATCH, new BatchItem.Refused(rejected())), "b679ec9c8348c8a1"),
        Arguments.of(items, new BatchItem(BATCH, new BatchItem.Done(1L << 40)), "e1a961d3a69f60b3"),
        Arguments.of(items, new BatchItem(BATCH, new BatchItem.Sealed(12)), "dfa4f05f751f34d3"),
        Arguments.of(
            new BatchTask.BatchTaskCodec(),
            new BatchTask(
                BATCH,
                99,
                List.of(new EncodeTask("f", List.of(), List.of(copy()), TIMES)),
                List.of(rejected())),
            "df0938fdc22d862a"),
        Arguments.of(
            new BatchOutcome.BatchOutcomeCodec(),
            new BatchOutcome(99, List.of(rejected())),
            "e3e2795ea1c41de7"),
        Arguments.of(
            new Segment.SegmentCodec(),
            new Segment(4, 2, new byte[] {1, 2, 3}),
            "128956ee7e1e51e1"));
  }

  @ParameterizedTest
  @MethodSource("records")
  <T> void bytesAreTheSameForEver(Codec<T> codec, T record, String digest) throws IOException {
    CodecSerializer<T> serializer = new CodecSerializer<>(codec);
    byte[] bytes = serializer.toBytes(record);
    String found = HexFormat.of().formatHex(Sha256.digest().digest(bytes), 0, 8);
    assertEquals(digest, found);
    DataInputDeserializer in = new DataInputDeserializer(bytes);
    assertArrayEquals(bytes, serializer.toBytes(serializer.deserialize(in)));
    assertEquals(0, in.available(), "bytes that were not read");
  }
}
