package io.github.colonnade.jobs.reconstruct;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.console.Formats;
import io.github.colonnade.jobs.console.Progress;
import io.github.colonnade.jobs.flink.Cluster;
import io.github.colonnade.jobs.flink.CodecTypeInfo;
import io.github.colonnade.jobs.flink.Target;
import io.github.colonnade.jobs.memory.PayloadLimit;
import io.github.colonnade.jobs.stored.CompressedCollection;
import io.github.colonnade.jobs.stored.IncompleteDirectory;
import io.github.colonnade.jobs.stored.Leftovers;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.ExceptionUtils;

/**
 * Writes a compressed collection as dense safetensors: one file for each file of the input, tensors
 * with their original names, shapes and number formats, and the index of a checkpoint in shards.
 *
 * <p>Numbers are those of the factors, rounded once to the original format, which adds up to its
 * unit roundoff to the error; tensors that passed through and blocks that stayed raw are as they
 * were, bit for bit. The originals are not needed.
 *
 * @param directory what to read, a path or a URI
 * @param output what to write; it must not exist, and appears when it is complete
 * @param only the names of the tensors to write; none means all
 */
public record Reconstruction(String directory, String output, List<String> only) {
  private static final String PHASE = "reconstruct";

  /** Takes an unmodifiable copy. */
  public Reconstruction {
    only = List.copyOf(only);
  }

  /**
   * Writes the output and one line about it.
   *
   * @param memory for the factors that are in work
   * @param out for that line
   * @param err for progress
   * @param redraw whether {@code err} is a terminal
   * @throws UsageException if the collection is not sound, the output exists or a name is unknown
   * @throws io.github.colonnade.jobs.manifest.ManifestException if the manifest is not sound
   */
  public void run(
      Target target, PayloadLimit memory, PrintWriter out, PrintWriter err, boolean redraw)
      throws Exception {
    CompressedCollection collection = CompressedCollection.open(directory);
    if (!collection.manifest().settings().isApproximation()) {
      throw new UsageException(
          directory
              + ": it holds factors that layers are trained from, which do not approximate the"
              + " original matrices; docs/format.md says how to load them");
    }
    OutputPlan plan = OutputPlan.of(collection.manifest(), only);
    Cluster cluster = target.waitedFor("reconstruct").bounded();
    try (IncompleteDirectory incomplete =
            IncompleteDirectory.create(output).leftWhile(cluster::mayStillRun);
        cluster) {
      if (!plan.files().isEmpty()) {
        write(cluster, collection.directory(), incomplete.path(), plan, memory, err, redraw);
      }
      for (IndexFile index : plan.indexes()) {
        index.write(incomplete.path());
      }
      Leftovers.removeBegun(incomplete.path());
      incomplete.complete();
    }
    int rejected = collection.manifest().rejected().size();
    out.println(
        "wrote "
            + Formats.count(plan.tensors())
            + (plan.tensors() == 1 ? " tensor (" : " tensors (")
            + Formats.bytes(plan.sizeBytes())
            + ") in "
            + Formats.count(plan.files().size())
            + (plan.files().size() == 1 ? " file to " : " files to ")
            + Formats.printable(output)
            + (rejected == 0
                ? ""
                : "; the " + Formats.count(rejected) + " rejected when compressing are not there"));
  }

  private static void write(
      Cluster cluster,
      Path from,
      Path to,
      OutputPlan plan,
      PayloadLimit memory,
      PrintWriter err,
      boolean redraw)
      throws Exception {
    CodecTypeInfo<FilePlan> files = CodecTypeInfo.of(new FilePlanCodec());
    StreamExecutionEnvironment env = cluster.environment();
    env.fromData(plan.files(), files)
        .name("files")
        .rebalance()
        .flatMap(new FileFunction(from, to, memory))
        .returns(files)
        .name("write")
        .sinkTo(new DiscardingSink<>());
    long bytes = plan.sizeBytes();
    try {
      cluster.run(
          env,
          "reconstruct " + from,
          counters ->
              new Progress.State(
                  PHASE,
                  counters.get(FileFunction.BYTES_DONE) instanceof Long done ? done : 0,
                  bytes),
          err,
          redraw);
    } catch (Exception e) {
      Optional<FormatException> fault =
          ExceptionUtils.findSerializedThrowable(
              e, FormatException.class, Thread.currentThread().getContextClassLoader());
      if (fault.isPresent()) {
        throw new UsageException(String.valueOf(fault.get().getMessage()), e);
      }
      throw e;
    }
  }
}
