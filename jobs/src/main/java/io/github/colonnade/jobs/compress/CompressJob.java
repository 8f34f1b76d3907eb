package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.source.TensorSource;
import io.github.colonnade.connectors.source.TensorSplit;
import io.github.colonnade.jobs.flink.CodecTypeInfo;
import io.github.colonnade.jobs.flink.SlotGroups;
import io.github.colonnade.jobs.plan.Partitions;
import io.github.colonnade.svd.auto.PartTree;
import java.io.IOException;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.jspecify.annotations.Nullable;

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

  /**
   * What listing and sketching lead to.
   *
   * @param blocks to compress
   * @param copies tensors that pass through
   * @param rejected tensors that are not finite
   */
  private record Sketches(
      DataStream<SketchedBlock> blocks,
      DataStream<PassThrough> copies,
      DataStream<Outcome> rejected) {}

  /** Adds the pipeline to the environment. */
  public static void build(
      StreamExecutionEnvironment env, CompressSettings settings, Partitions partitions) {
    finish(sketch(env, settings, null), settings, partitions, null);
  }

  /**
   * Adds a pipeline by which tensors come to a collection that is there.
   *
   * @param partitions of the tensors that are not in it yet
   */
  public static void buildAddition(
      StreamExecutionEnvironment env,
      CompressSettings settings,
      Partitions partitions,
      Addition addition) {
    finish(sketch(env, settings, addition), settings, partitions, addition);
  }

  /** Adds list and sketch, whose results are kept in a directory. */
  static void buildSketches(
      StreamExecutionEnvironment env, CompressSettings settings, String directory) {
    Sketches sketches = sketch(env, settings, null);
    blocks(directory).keep(sketches.blocks, "sketches");
    copies(directory).keep(sketches.copies, "pass-through");
    rejected(directory).keep(sketches.rejected, "rejected");
  }

  /** Adds the rest of the pipeline, from the results that were kept. */
  static void buildRest(
      StreamExecutionEnvironment env,
      CompressSettings settings,
      Partitions partitions,
      String directory)
      throws IOException {
    finish(kept(env, directory), settings, partitions, null);
  }

  /** Adds the planning of output files, whose contents are kept in another directory. */
  static void buildTasks(
      StreamExecutionEnvironment env,
      CompressSettings settings,
      Partitions partitions,
      String sketches,
      String directory)
      throws IOException {
    tasks(directory).keep(tasks(kept(env, sketches), settings, partitions, null), "tasks");
  }

  /**
   * Adds encode and commit.
   *
   * @param tasks where the contents of output files are kept
   * @param outcomes where the outcomes of output files are kept; those that are there are not
   *     written again
   */
  static void buildEncoding(
      StreamExecutionEnvironment env,
      CompressSettings settings,
      Partitions partitions,
      String sketches,
      String tasks,
      String outcomes)
      throws IOException {
    encode(
        tasks(tasks).read(env, "tasks"),
        rejected(sketches).read(env, "rejected"),
        settings,
        partitions,
        null,
        new KeptOutcomes(outcomes));
  }

  private static Sketches kept(StreamExecutionEnvironment env, String directory)
      throws IOException {
    return new Sketches(
        blocks(directory).read(env, "sketches"),
        copies(directory).read(env, "pass-through"),
        rejected(directory).read(env, "rejected"));
  }

  private static KeptRecords<EncodeTask> tasks(String directory) {
    return new KeptRecords<>(new EncodeTask.EncodeTaskCodec(), directory);
  }

  private static KeptRecords<SketchedBlock> blocks(String directory) {
    return new KeptRecords<>(new SketchedBlock.SketchedBlockCodec(), directory + "/blocks");
  }

  private static KeptRecords<PassThrough> copies(String directory) {
    return new KeptRecords<>(new PassThrough.PassThroughCodec(), directory + "/copies");
  }

  private static KeptRecords<Outcome> rejected(String directory) {
    return new KeptRecords<>(new Outcome.OutcomeCodec(), directory + "/rejected");
  }

  private static Sketches sketch(
      StreamExecutionEnvironment env, CompressSettings settings, @Nullable Addition addition) {
    SlotGroups slots = SlotGroups.of(env);
    DataStream<TensorSplit> tensors =
        slots.apply(
            "sketch",
            env.fromSource(
                    new TensorSource(settings.input().uris()),
                    WatermarkStrategy.noWatermarks(),
                    "list",
                    CodecTypeInfo.of(new TensorSplitCodec()))
                .uid("list"));
    if (addition != null) {
      tensors = tensors.filter(split -> !addition.has(split.tensor())).name("new").uid("new");
    }
    SingleOutputStreamOperator<SketchedBlock> blocks =
        slots.apply(
            "sketch",
            tensors
                .process(new SketchFunction(settings, slots.processor("sketch")))
                .returns(CodecTypeInfo.of(new SketchedBlock.SketchedBlockCodec()))
                .name("sketch")
                .uid("sketch"));
    return new Sketches(
        blocks,
        blocks.getSideOutput(SketchFunction.PASS_THROUGH),
        blocks.getSideOutput(SketchFunction.REJECTED));
  }

  private static void finish(
      Sketches sketches,
      CompressSettings settings,
      Partitions partitions,
      @Nullable Addition addition) {
    encode(
        tasks(sketches, settings, partitions, addition),
        sketches.rejected,
        settings,
        partitions,
        addition,
        null);
  }

  /** The contents of all output files. */
  private static DataStream<EncodeTask> tasks(
      Sketches sketches,
      CompressSettings settings,
      Partitions partitions,
      @Nullable Addition addition) {
    SlotGroups slots = SlotGroups.of(sketches.blocks.getExecutionEnvironment());
    Addition joining = addition == null || addition.replaces() ? null : addition;
    DataStream<EncodeTask> clusters = partitioned(sketches.blocks, settings, partitions, joining);
    if (settings.isAllocated()) {
      clusters =
          slots.apply(
              "allocate",
              clusters
                  .global()
                  .transform(
                      "allocate",
                      CodecTypeInfo.of(new EncodeTask.EncodeTaskCodec()),
                      new AllocateOperator(settings))
                  .setParallelism(1)
                  .uid("allocate"));
    }
    DataStream<EncodeTask> copies =
        slots.apply(
            "group pass-through",
            sketches
                .copies
                .global()
                .transform(
                    "group pass-through",
                    CodecTypeInfo.of(new EncodeTask.EncodeTaskCodec()),
                    new PassThroughOperator())
                .setParallelism(1)
                .uid("group-pass-through"));
    return clusters.union(copies);
  }

  private static void encode(
      DataStream<EncodeTask> tasks,
      DataStream<Outcome> rejected,
      CompressSettings settings,
      Partitions partitions,
      @Nullable Addition addition,
      @Nullable KeptOutcomes kept) {
    SlotGroups slots = SlotGroups.of(tasks.getExecutionEnvironment());
    DataStream<Outcome> written =
        slots.apply(
            "encode",
            tasks
                .rebalance()
                .map(new EncodeFunction(settings, kept))
                .returns(CodecTypeInfo.of(new Outcome.OutcomeCodec()))
                .name("encode")
                .uid("encode"));
    slots
        .apply(
            "commit",
            written
                .union(rejected)
                .global()
                .transform("commit", Types.VOID, new CommitOperator(settings, partitions, addition))
                .setParallelism(1)
                .uid("commit"))
        .sinkTo(new DiscardingSink<>())
        .setParallelism(1)
        .name("end")
        .uid("end");
  }

  /**
   * The clusters of all families. Every partition and every node of a tree that merges partitions
   * is a subtask; as many run at a time as there are slots, and each holds only what it works on.
   */
  private static DataStream<EncodeTask> partitioned(
      DataStream<SketchedBlock> sketches,
      CompressSettings settings,
      Partitions partitions,
      @Nullable Addition addition) {
    SlotGroups slots = SlotGroups.of(sketches.getExecutionEnvironment());
    SingleOutputStreamOperator<EncodeTask> level =
        slots.apply(
            "partition",
            sketches
                .partitionCustom(
                    (Integer task, int subtasks) -> task % subtasks,
                    block -> partitions.task(block.rows(), block.ordinal(), block.index()))
                .transform(
                    "partition",
                    CodecTypeInfo.of(new EncodeTask.EncodeTaskCodec()),
                    new PartitionOperator(settings, partitions, addition))
                .setParallelism(partitions.taskCount())
                .uid("partition"));
    DataStream<EncodeTask> clusters = level;
    for (int each = 1; addition == null && each <= partitions.levels(); each++) {
      int number = each;
      level =
          slots.apply(
              "partition",
              level
                  .getSideOutput(PartitionOperator.PARTS)
                  .partitionCustom(
                      (Integer node, int subtasks) -> node % subtasks,
                      part -> partitions.node(part.rows(), number, PartTree.parent(part.number())))
                  .transform(
                      "merge " + number,
                      CodecTypeInfo.of(new EncodeTask.EncodeTaskCodec()),
                      new MergeOperator(settings, partitions, number))
                  .setParallelism(Math.min(partitions.nodes(number), Partitions.MOST_TASKS))
                  .uid("merge-" + number));
      clusters = clusters.union(level);
    }
    return clusters;
  }
}
