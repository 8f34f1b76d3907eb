package io.github.colonnade.tests.performance;

import io.github.colonnade.connectors.tensor.Arrangement;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.Layout;
import io.github.colonnade.jobs.compress.EncodeTask;
import io.github.colonnade.jobs.compress.EncodeTask.ClusterTask;
import io.github.colonnade.jobs.compress.EncodeTask.EncodeTaskCodec;
import io.github.colonnade.jobs.compress.EncodeTask.MemberTask;
import io.github.colonnade.jobs.compress.SketchedBlock;
import io.github.colonnade.jobs.compress.SketchedBlock.Factor;
import io.github.colonnade.jobs.compress.SketchedBlock.SketchedBlockCodec;
import io.github.colonnade.jobs.compress.StageTimes;
import io.github.colonnade.jobs.flink.CodecSerializer;
import io.github.colonnade.tests.performance.Done.Bytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Writing and reading the two records of which a run has most: sketches of blocks, 256×16 of
 * float32, and tasks of the encoder, of 1,000 blocks. The limit is copying the bytes.
 */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls setUp first.
public class SerializerBenchmark {

  @Param({"SketchedBlock", "EncodeTask"})
  public String record;

  @Param("1000")
  public int blocks;

  private final DataOutputSerializer out = new DataOutputSerializer(1 << 10);
  private Bound<?> bound;
  private byte[] bytes;
  private byte[] copy;
  private double megabytes;

  /** A record with its serializer. */
  private record Bound<T>(T value, CodecSerializer<T> serializer) {
    void write(DataOutputSerializer out) throws IOException {
      serializer.serialize(value, out);
    }

    Object read(byte[] bytes) throws IOException {
      return serializer.deserialize(new DataInputDeserializer(bytes));
    }
  }

  @Setup
  public void setUp() throws IOException {
    bound =
        record.equals("EncodeTask")
            ? new Bound<>(task(), new CodecSerializer<>(new EncodeTaskCodec()))
            : new Bound<>(sketch(), new CodecSerializer<>(new SketchedBlockCodec()));
    bound.write(out);
    bytes = out.getCopyOfBuffer();
    copy = new byte[bytes.length];
    megabytes = 1e-6 * bytes.length;
  }

  private static BlockRef block(int number) {
    String source = "file:/models/shard-00001.safetensors";
    long length = 256L * 32 * Float.BYTES;
    TensorInfo tensor =
        new TensorInfo(
            source,
            "model.layers." + number + ".weight",
            DType.F32,
            Shape.of(256, 32),
            new Payload.ByteRange(source, number * length, length, Arrangement.CANONICAL));
    return new BlockRef(tensor, 256, 32, 0, Layout.ROW_MAJOR);
  }

  private static SketchedBlock sketch() {
    double[] numbers = NativeArray.random(256, 16);
    float[] factor = new float[numbers.length];
    for (int i = 0; i < factor.length; i++) {
      factor[i] = (float) numbers[i];
    }
    return new SketchedBlock(
        1,
        0,
        block(1),
        0,
        OptionalInt.empty(),
        "0".repeat(64),
        new double[16],
        0.1,
        new Factor.Floats(factor),
        StageTimes.none());
  }

  private EncodeTask task() {
    List<MemberTask> members = new ArrayList<>();
    for (int i = 0; i < blocks; i++) {
      members.add(new MemberTask(i, 0, block(i), 0, OptionalInt.empty(), "0".repeat(64), 4096));
    }
    ClusterTask cluster =
        new ClusterTask(
            "cluster-1",
            members,
            new double[16],
            0.1,
            64,
            OptionalInt.empty(),
            OptionalDouble.empty(),
            Optional.empty());
    return new EncodeTask(
        "factors-00001.safetensors", List.of(cluster), List.of(), StageTimes.none());
  }

  @Benchmark
  @Limit("copy")
  public int serialize(Bytes done) throws IOException {
    done.megabytes += megabytes;
    out.clear();
    bound.write(out);
    return out.length();
  }

  @Benchmark
  @Limit("copy")
  public Object deserialize(Bytes done) throws IOException {
    done.megabytes += megabytes;
    return bound.read(bytes);
  }

  @Benchmark
  public byte[] copy(Bytes done) {
    done.megabytes += megabytes;
    System.arraycopy(bytes, 0, copy, 0, bytes.length);
    return copy;
  }
}
