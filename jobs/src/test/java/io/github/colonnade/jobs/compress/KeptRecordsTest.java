package io.github.colonnade.jobs.compress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.tensor.Arrangement;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.jobs.console.Progress;
import io.github.colonnade.jobs.flink.CodecTypeInfo;
import io.github.colonnade.jobs.flink.EmbeddedCluster;
import io.github.colonnade.jobs.testing.HookedFileSystem;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one job keeps, another on the same cluster reads: every record once. */
class KeptRecordsTest {
  private static final PassThrough.PassThroughCodec CODEC = new PassThrough.PassThroughCodec();

  @TempDir private Path directory;

  private static PassThrough record(long ordinal) {
    Payload payload = new Payload.ByteRange("file:/in", 0, 4, Arrangement.CANONICAL);
    TensorInfo tensor = new TensorInfo("file:/in", "t", DType.F32, Shape.of(1), payload);
    return new PassThrough(ordinal, tensor, "x".repeat(10_000), StageTimes.none());
  }

  private KeptRecords<PassThrough> kept() {
    return new KeptRecords<>(CODEC, "hooked:" + directory.resolve("kept"));
  }

  private void keep(EmbeddedCluster cluster, int count) throws Exception {
    StreamExecutionEnvironment env = cluster.environment();
    List<Long> ordinals = LongStream.range(0, count).boxed().toList();
    kept()
        .keep(
            env.fromData(ordinals, org.apache.flink.api.common.typeinfo.Types.LONG)
                .rebalance()
                .map(KeptRecordsTest::record)
                .returns(CodecTypeInfo.of(CODEC)),
            "records");
    run(cluster, env);
  }

  private static void run(EmbeddedCluster cluster, StreamExecutionEnvironment env)
      throws Exception {
    cluster.run(
        env,
        "test",
        counters -> new Progress.State("test", 0, 0),
        new PrintWriter(PrintWriter.nullWriter()),
        false);
  }

  private List<Long> read(EmbeddedCluster cluster) throws Exception {
    StreamExecutionEnvironment env = cluster.environment();
    CloseableIterator<Long> found =
        kept()
            .read(env, "records")
            .map(PassThrough::ordinal)
            .returns(org.apache.flink.api.common.typeinfo.Types.LONG)
            .collectAsync();
    List<Long> ordinals = new ArrayList<>();
    try (found) {
      run(cluster, env);
      found.forEachRemaining(ordinals::add);
    }
    ordinals.sort(null);
    return ordinals;
  }

  @Test
  void everyRecordComesBackOnce() throws Exception {
    HookedFileSystem.setHook(path -> {});
    try (EmbeddedCluster cluster = EmbeddedCluster.bounded(3, OptionalInt.empty())) {
      keep(cluster, 100);
      assertEquals(LongStream.range(0, 100).boxed().toList(), read(cluster));
    }
  }

  @Test
  void aFileThatIsCutOffIsNoShorterList() throws Exception {
    HookedFileSystem.setHook(path -> {});
    try (EmbeddedCluster cluster = EmbeddedCluster.bounded(1, OptionalInt.empty())) {
      keep(cluster, 5);
      Path file = directory.resolve("kept").resolve("records-0");
      long size = Files.size(file);
      assertTrue(size > 5 * 10_000);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(size - 1);
      }
      assertThrows(Exception.class, () -> read(cluster));
    }
  }
}
