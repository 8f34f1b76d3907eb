package io.github.colonnade.jobs.stream;

import io.github.colonnade.connectors.source.Arrival;
import io.github.colonnade.connectors.source.WatchSettings;
import io.github.colonnade.connectors.source.WatchedTensorSource;
import io.github.colonnade.jobs.compress.CompressSettings;
import io.github.colonnade.jobs.flink.CodecTypeInfo;
import io.github.colonnade.jobs.flink.SlotGroups;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * The pipeline of a stream: watch → sketch → plan → encode → commit. Names, references and sketches
 * go between operators; payloads are read where they are used.
 */
public final class StreamJob {

  /** The most subtasks with which a stream can ever go on; it cannot be changed. */
  private static final int MAX_PARALLELISM = 1024;

  private StreamJob() {}

  /**
   * Adds the pipeline to the environment, whose checkpoints must be on.
   *
   * @param settings of the compression; the place is the collection itself
   * @param watch how the inputs are watched
   * @param run the owner of the collection's place
   */
  public static void build(
      StreamExecutionEnvironment env, CompressSettings settings, WatchSettings watch, String run) {
    env.setMaxParallelism(MAX_PARALLELISM);
    SlotGroups slots = SlotGroups.of(env);
    DataStream<Arrival> arrivals =
        slots.apply(
            "sketch",
            env.fromSource(
                    new WatchedTensorSource(settings.input().uris(), settings.view(), watch),
                    WatermarkStrategy.noWatermarks(),
                    "watch",
                    CodecTypeInfo.of(new ArrivalCodec()))
                .uid("watch"));
    SingleOutputStreamOperator<BatchItem> items =
        slots.apply(
            "sketch",
            arrivals
                .process(new SketchArrivals(settings, slots.processor("sketch")))
                .returns(CodecTypeInfo.of(new BatchItem.BatchItemCodec()))
                .name("sketch")
                .uid("sketch"));
    DataStream<BatchTask> tasks =
        slots.apply(
            "partition",
            items
                .keyBy(BatchItem::key, Types.STRING)
                .process(new PlanBatches(settings))
                .returns(CodecTypeInfo.of(new BatchTask.BatchTaskCodec()))
                .name("plan")
                .uid("plan"));
    DataStream<BatchOutcome> outcomes =
        slots.apply(
            "encode",
            tasks
                .rebalance()
                .map(new EncodeBatches(settings, run))
                .returns(CodecTypeInfo.of(new BatchOutcome.BatchOutcomeCodec()))
                .name("encode")
                .uid("encode"));
    slots
        .apply(
            "commit",
            outcomes
                .union(items.getSideOutput(SketchArrivals.REFUSED_FILES))
                .global()
                .transform("commit", Types.VOID, new CommitSegments(settings, run))
                .setParallelism(1)
                .setMaxParallelism(1)
                .uid("commit"))
        .sinkTo(new DiscardingSink<>())
        .setParallelism(1)
        .name("end")
        .uid("end");
  }
}
