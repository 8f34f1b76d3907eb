package io.github.colonnade.jobs.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.colonnade.bounds.ScaledEnergy;
import io.github.colonnade.connectors.tensor.Arrangement;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.Layout;
import io.github.colonnade.jobs.flink.Codec;
import io.github.colonnade.jobs.manifest.SparseEntry;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.verify.CheckItem.ClusterPiece;
import io.github.colonnade.jobs.verify.CheckItem.Copy;
import io.github.colonnade.jobs.verify.CheckItem.Member;
import io.github.colonnade.jobs.verify.CheckItem.TensorBlocks;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class CodecsTest {

  private static <T> T copy(Codec<T> codec, T record) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(16);
    codec.write(record, out);
    DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());
    T copy = codec.read(codec.version(), in);
    assertEquals(0, in.available());
    return copy;
  }

  @Test
  void itemsComeBackAsTheyWere() throws IOException {
    String name = "Gewicht – 重み " + "重".repeat(60_000);
    TensorInfo tensor =
        new TensorInfo(
            "file:/m",
            name,
            DType.BF16,
            Shape.of(6, 4),
            new Payload.ByteRange("file:/m", 10, 48, Arrangement.BIG_ENDIAN));
    Optional<TensorLocation> at = Optional.of(new TensorLocation("f", name));
    CheckItem item =
        new CheckItem(
            7,
            List.of(
                new ClusterPiece(
                    "c",
                    4,
                    2,
                    at,
                    Optional.of(new TensorLocation("m", "mask")),
                    0.1,
                    OptionalDouble.of(0.3),
                    9,
                    List.of(
                        new TensorBlocks(
                            tensor,
                            List.of(
                                new Member(
                                    "a",
                                    5,
                                    new BlockRef(tensor, 4, 2, 3, Layout.COLUMN_MAJOR),
                                    at,
                                    0.5,
                                    1e-300,
                                    OptionalDouble.of(1e-299),
                                    "ab",
                                    Optional.of(
                                        new SparseEntry(List.of(0L, 1L), at.get(), at.get()))),
                                new Member(
                                    "b",
                                    6,
                                    new BlockRef(tensor, 6, 4, 0, Layout.ROW_MAJOR),
                                    Optional.empty(),
                                    1,
                                    0,
                                    OptionalDouble.empty(),
                                    "cd",
                                    Optional.empty())))))),
            List.of(
                new Copy(
                    "d",
                    tensor,
                    Optional.of(new BlockRef(tensor, 6, 2, 1, Layout.ROW_MAJOR)),
                    at.get(),
                    "ef"),
                new Copy("e", tensor, Optional.empty(), at.get(), "gh")));

    assertEquals(item, copy(new CheckItemCodec(), item));
    assertEquals((8 + 24) * 2 + 24 + 48, item.sizeBytes());
  }

  @Test
  void measurementsComeBackAsTheyWere() throws IOException {
    Measurement measurement =
        new Measurement(
            3,
            List.of("one", "zwei – 二"),
            21,
            5,
            0.25,
            Double.POSITIVE_INFINITY,
            new CollectionSum(
                new ScaledEnergy(6, 1),
                new ScaledEnergy(7, 2),
                new WeightedSum(
                    new ScaledEnergy(8, 1), new ScaledEnergy(9, 2), new ScaledEnergy(10, 3))),
            List.of(
                new ClusterSum(
                    "c",
                    0.5,
                    OptionalDouble.of(0.25),
                    9,
                    4,
                    new ScaledEnergy(1.5, -700),
                    new ScaledEnergy(2, 700),
                    new WeightedSum(
                        new ScaledEnergy(3, 1), new ScaledEnergy(4, 2), new ScaledEnergy(5, 3)))));

    assertEquals(measurement, copy(new MeasurementCodec(), measurement));
  }
}
