package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.source.TensorSource;
import io.github.colonnade.connectors.source.TensorSplit;
import io.github.colonnade.jobs.flink.CodecTypeInfo;
import io.github.colonnade.jobs.manifest.Scope;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * The pipeline of a compress run: list → sketch → partition → encode → commit; in scope collection
 * the joint limit is allocated to the clusters before they are encoded.
 *
 * <p>Only references and sketches go between operators. Payloads are read where they are used, by
 * byte range: once by the sketcher and once by the encoder. Every operator's output depends on its
 * input as a set, never on its order, so the result is the same at any parallelism.
 */
public final class CompressJob {

  /** What one subtask may keep of payloads outside the heap, in bytes. */
  public static final long PAYLOAD_CACHE_BYTES = PayloadCache.BUDGET_BYTES;

  private CompressJob() {}

  /** Adds the pipeline to the environment. */
  public static void build(StreamExecutionEnvironment env, CompressSettings settings) {
    DataStream<TensorSplit> tensors =
        env.fromSource(
                new TensorSource(settings.inputs()),
                WatermarkStrategy.noWatermarks(),
                "list",
                CodecTypeInfo.of(new TensorSplitCodec()))
            .uid("list");
    SingleOutputStreamOperator<SketchedBlock> sketches =
        tensors
            .process(new SketchFunction(settings))
            .returns(CodecTypeInfo.of(new SketchedBlock.SketchedBlockCodec()))
            .name("sketch")
            .uid("sketch");
    DataStream<EncodeTask> clusters =
        sketches
            .partitionCustom(
                (Integer rows, int subtasks) -> Math.floorMod(rows.hashCode() * 31, subtasks),
                SketchedBlock::rows)
            .transform(
                "partition",
                CodecTypeInfo.of(new EncodeTask.EncodeTaskCodec()),
                new PartitionOperator(settings))
            .uid("partition");
    if (settings.scope() == Scope.COLLECTION) {
      clusters =
          clusters
              .global()
              .transform(
                  "allocate",
                  CodecTypeInfo.of(new EncodeTask.EncodeTaskCodec()),
                  new AllocateOperator(settings))
              .setParallelism(1)
              .uid("allocate");
    }
    DataStream<EncodeTask> copies =
        sketches
            .getSideOutput(SketchFunction.PASS_THROUGH)
            .global()
            .transform(
                "group pass-through",
                CodecTypeInfo.of(new EncodeTask.EncodeTaskCodec()),
                new PassThroughOperator())
            .setParallelism(1)
            .uid("group-pass-through");
    DataStream<Outcome> written =
        clusters
            .union(copies)
            .rebalance()
            .map(new EncodeFunction(settings))
            .returns(CodecTypeInfo.of(new Outcome.OutcomeCodec()))
            .name("encode")
            .uid("encode");
    written
        .union(sketches.getSideOutput(SketchFunction.REJECTED))
        .global()
        .transform("commit", Types.VOID, new CommitOperator(settings))
        .setParallelism(1)
        .uid("commit")
        .sinkTo(new DiscardingSink<>())
        .setParallelism(1)
        .name("end")
        .uid("end");
  }
}
