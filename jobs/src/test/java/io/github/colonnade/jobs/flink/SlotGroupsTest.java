package io.github.colonnade.jobs.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.source.BatchLimits;
import io.github.colonnade.connectors.source.WatchSettings;
import io.github.colonnade.jobs.compress.CompressJob;
import io.github.colonnade.jobs.compress.CompressSettings;
import io.github.colonnade.jobs.compress.CompressSettings.Input;
import io.github.colonnade.jobs.compress.CompressSettings.Method;
import io.github.colonnade.jobs.compress.CompressSettings.Place;
import io.github.colonnade.jobs.compress.Goal;
import io.github.colonnade.jobs.manifest.Precision;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.StoreDtype;
import io.github.colonnade.jobs.manifest.Transpose;
import io.github.colonnade.jobs.plan.Partitions;
import io.github.colonnade.jobs.stream.StreamJob;
import io.github.colonnade.jobs.testing.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The operators that a user gives slots of their own have them, and no others do. */
class SlotGroupsTest {

  @TempDir private Path directory;

  private String input = "";
  private String output = "";

  @BeforeEach
  void write() {
    Path file = directory.resolve("in.safetensors");
    Tensor.write(file, List.of(Tensor.of("a", "F32", new double[] {1, 2, 3, 4}, 2, 2)));
    input = file.toUri().toString();
    output = directory.resolve("out").toUri().toString();
  }

  @Test
  void thoseOfACompression() throws IOException {
    StreamExecutionEnvironment env = environment();
    CompressSettings settings = settings(Scope.COLLECTION);
    CompressJob.build(
        env,
        settings,
        Partitions.of(TensorLister.list(List.of(input)).tensors(), settings.view(), 0));

    assertEquals(
        Map.of(
            "Source: list", "sketch",
            "sketch", "sketch",
            "partition", "partition",
            "allocate", "default",
            "group pass-through", "default",
            "encode", "encode",
            "commit", "default",
            "end: Writer", "default"),
        groups(env));
  }

  @Test
  void thoseOfAStream() {
    StreamExecutionEnvironment env = environment();
    WatchSettings watch =
        new WatchSettings(
            true,
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            new BatchLimits(8, 1 << 20, Duration.ofSeconds(1), 1 << 20));
    StreamJob.build(env, settings(Scope.BLOCK), watch, "run");

    assertEquals(
        Map.of(
            "Source: watch", "sketch",
            "sketch", "sketch",
            "plan", "partition",
            "encode", "encode",
            "commit", "default",
            "end: Writer", "default"),
        groups(env));
  }

  private static StreamExecutionEnvironment environment() {
    Configuration configuration = new Configuration();
    SlotGroups.set(
        configuration,
        Map.of(
            "sketch", "cpu:1,heap:1g,gpu:1",
            "partition", "cpu:1,heap:1g",
            "encode", "cpu:1,heap:1g"));
    return StreamExecutionEnvironment.getExecutionEnvironment(configuration);
  }

  private static Map<String, String> groups(StreamExecutionEnvironment env) {
    Map<String, String> groups = new TreeMap<>();
    for (StreamNode each : env.getStreamGraph().getStreamNodes()) {
      groups.put(each.getOperatorName(), String.valueOf(each.getSlotSharingGroup()));
    }
    return groups;
  }

  private CompressSettings settings(Scope scope) {
    return new CompressSettings(
        new Input(List.of(input), 0, 0, Transpose.NEVER, List.of(), List.of(), false),
        new Method(scope, 0, "auto", Precision.FLOAT32, StoreDtype.SOURCE, 0),
        0.1,
        new Goal.Limit(),
        new Place(output, output),
        0,
        null,
        Map.of());
  }
}
