package io.github.colonnade.jobs.verify;

import io.github.colonnade.jobs.console.Formats;
import io.github.colonnade.jobs.console.Progress;
import io.github.colonnade.jobs.flink.Cluster;
import io.github.colonnade.jobs.flink.CodecTypeInfo;
import io.github.colonnade.jobs.flink.Target;
import io.github.colonnade.jobs.manifest.LostMode;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.memory.PayloadLimit;
import io.github.colonnade.jobs.stored.CompressedCollection;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;

/**
 * Checks a compressed collection against its originals, without trusting its manifest:
 *
 * <ul>
 *   <li>every original is as it was (by its SHA-256) and in the manifest once, and so are the
 *       weights;
 *   <li>every error, plain and weighted, of each block and of each cluster, measured in double on
 *       the stored factors, is the one in the manifest, up to {@link Tolerance rounding}, and keeps
 *       to the limit, and so does the joint error of all blocks, if the limit is on that;
 *   <li>every rank keeps to its limit, the size to its target, and no joint error is below its
 *       proven bound;
 *   <li>what was not compressed is identical bit for bit, whole columns among it, and the two lists
 *       of these agree;
 *   <li>what was rejected has a number that is not finite;
 *   <li>nothing is stored that the manifest does not name, and the totals are right.
 * </ul>
 *
 * <p>Of a collection that grows, only what its segments name counts as stored, and while it is
 * open, tensors of the inputs may be missing, which are counted. Where a file was written again
 * after its tensors had been taken, or may have been, there is nothing to compare these with: they
 * are counted too, and are no fault. What a file that was refused holds now is not held against the
 * collection.
 *
 * <p>Factors that a layer is trained from are no approximation. Of these it is checked that the
 * columns kept are those of the original, and that the low-rank part has the error that the
 * manifest states; which columns were chosen is not worked out again.
 *
 * <p>What is certified is the error, not the bytes of the factors: a change of a factor that leaves
 * every error as it is stated goes unnoticed.
 */
public final class Verification {
  private static final String PHASE = "verify";

  private Verification() {}

  /**
   * Verifies and tells the result: one line on {@code out} if all is well, else one line for each
   * of the first findings on {@code err}.
   *
   * @param directory a path or a URI
   * @param weights where the weights are, if not where they were
   * @param memory for the originals and factors that are in work
   * @param err also for progress
   * @param redraw whether {@code err} is a terminal
   * @return whether nothing was found to be wrong
   * @throws io.github.colonnade.jobs.UsageException if there is no readable manifest
   * @throws io.github.colonnade.jobs.manifest.ManifestException if the manifest is not sound
   */
  public static boolean run(
      String directory,
      Optional<String> weights,
      Target target,
      PayloadLimit memory,
      PrintWriter out,
      PrintWriter err,
      boolean redraw)
      throws Exception {
    CompressedCollection collection = CompressedCollection.open(directory);
    Result result;
    try (Cluster cluster = target.waitedFor("verify").bounded()) {
      result =
          check(
              collection,
              weights,
              (items, limit) ->
                  measure(cluster, collection.directory(), items, limit, memory, err, redraw));
    }
    if (result.findings() == 0) {
      out.println(
          summary(collection.manifest(), result.limit(), result.measured()) + result.unseen());
      return true;
    }
    print(result, err);
    return false;
  }

  /** Measures items, somewhere. */
  @FunctionalInterface
  interface Measurer {
    Measurement measure(List<CheckItem> items, Limit limit) throws Exception;
  }

  /**
   * What came of it.
   *
   * @param lines the first lines about what is wrong
   * @param findings how many there are
   * @param limit that the numbers are held to
   * @param measured the numbers
   * @param changed the tensors that could not be compared, because their files were written again
   * @param missing the tensors of the inputs that are not in an open collection yet
   * @param waiting the files of the inputs that cannot be read, and are not in it yet
   */
  record Result(
      List<String> lines,
      long findings,
      Limit limit,
      Measurement measured,
      long changed,
      long missing,
      long waiting) {

    /** What nothing can be said about, to follow a line. */
    String unseen() {
      StringBuilder text = new StringBuilder();
      if (changed > 0) {
        text.append("; ")
            .append(counted(changed, "tensor"))
            .append(" cannot be checked: the files were written again");
      }
      if (missing > 0) {
        text.append("; ").append(counted(missing, "tensor")).append(" of the inputs not here yet");
      }
      if (waiting > 0) {
        text.append("; ")
            .append(counted(waiting, "file"))
            .append(" of the inputs cannot be read yet");
      }
      return text.toString();
    }

    private static String counted(long count, String what) {
      return Formats.count(count) + " " + what + (count == 1 ? "" : "s");
    }
  }

  static Result check(CompressedCollection collection, Optional<String> weights, Measurer measurer)
      throws Exception {
    Manifest manifest = collection.manifest();
    Findings findings = new Findings();
    String foundWeights = WeightsCheck.find(manifest, weights, findings);
    FileRejections rejections = FileRejections.of(manifest);
    Originals originals = Originals.list(collection, rejections, findings);
    Coverage.Result covered = Coverage.check(collection, rejections, originals, findings);
    RejectedCheck.check(manifest, rejections, originals, findings);
    ClusterCheck.check(manifest, findings);
    StoredCensus stored = StoredCensus.take(collection, findings);
    TotalsCheck.check(collection, rejections, originals, stored, findings);
    List<CheckItem> items = WorkPlanner.plan(manifest, covered.matched());
    Limit limit =
        new Limit(
            manifest.settings().maxError().orElse(Double.POSITIVE_INFINITY),
            manifest.settings().scope(),
            foundWeights,
            manifest.settings().isApproximation() ? LostMode.COMPRESS : LostMode.PRETRAIN);
    Measurement measured = items.isEmpty() ? Measurement.NOTHING : measurer.measure(items, limit);
    findings.addAll(measured.lines(), measured.findings());
    measured.collection().settle(manifest.totals(), limit, findings);
    return new Result(
        findings.lines(),
        findings.count(),
        limit,
        measured,
        covered.changed(),
        covered.missing(),
        originals.waiting());
  }

  private static void print(Result result, PrintWriter err) {
    result.lines().forEach(line -> err.println("verify: " + Formats.printable(line)));
    long more = result.findings() - result.lines().size();
    err.println(
        "verify: failed, "
            + Formats.count(result.findings())
            + (result.findings() == 1 ? " difference" : " differences")
            + (more > 0 ? ", " + Formats.count(more) + " of them not shown" : ""));
    err.flush();
  }

  private static Measurement measure(
      Cluster cluster,
      Path directory,
      List<CheckItem> items,
      Limit limit,
      PayloadLimit memory,
      PrintWriter err,
      boolean redraw)
      throws Exception {
    CodecTypeInfo<Measurement> measurements = CodecTypeInfo.of(new MeasurementCodec());
    StreamExecutionEnvironment env = cluster.environment();
    CloseableIterator<Measurement> result =
        env.fromData(items, CodecTypeInfo.of(new CheckItemCodec()))
            .name("work")
            .rebalance()
            .map(new CheckFunction(directory, limit, memory))
            .returns(measurements)
            .name("measure")
            .transform("sum", measurements, new SumOperator(limit))
            .setParallelism(1)
            .collectAsync();
    long bytes = items.stream().mapToLong(CheckItem::sizeBytes).sum();
    // One small record, so it waits for its reader until the job has ended.
    try (result) {
      cluster.run(
          env,
          "verify " + directory,
          counters ->
              new Progress.State(
                  PHASE,
                  counters.get(CheckFunction.BYTES_DONE) instanceof Long done ? done : 0,
                  bytes),
          err,
          redraw);
      return result.next();
    }
  }

  private static String summary(Manifest manifest, Limit limit, Measurement measured) {
    if (limit.factors() == LostMode.PRETRAIN) {
      return "verified "
          + Formats.count(measured.blocks())
          + (measured.blocks() == 1 ? " block" : " blocks")
          + ", not an approximation: columns kept are those of the originals, largest error of a"
          + " low-rank part "
          + Formats.error(measured.maxBlockError());
    }
    return "verified "
        + Formats.count(measured.blocks())
        + (measured.blocks() == 1 ? " block in " : " blocks in ")
        + Formats.count(manifest.clusters().size())
        + (manifest.clusters().size() == 1 ? " cluster" : " clusters")
        + switch (manifest.settings().scope()) {
          case BLOCK -> ": largest error of a block ";
          case CLUSTER -> ": largest error of a cluster ";
          case COLLECTION -> ": joint error ";
        }
        + (limit.weighed() ? "(with weights) " : "")
        + Formats.error(
            switch (manifest.settings().scope()) {
              case BLOCK -> measured.maxBlockError();
              case CLUSTER -> measured.maxClusterError();
              case COLLECTION -> measured.collection().error(limit);
            })
        + ", "
        + (manifest.settings().maxError().isPresent()
            ? "limit " + Formats.error(manifest.settings().maxError().getAsDouble())
            : "no limit");
  }
}
