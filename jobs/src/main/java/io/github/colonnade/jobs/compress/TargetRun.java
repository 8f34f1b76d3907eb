package io.github.colonnade.jobs.compress;

import io.github.colonnade.bounds.LimitSearch;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.compress.CompressSettings.Place;
import io.github.colonnade.jobs.console.Formats;
import io.github.colonnade.jobs.console.Progress;
import io.github.colonnade.jobs.flink.Cluster;
import io.github.colonnade.jobs.flink.Target;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.ManifestReader;
import io.github.colonnade.jobs.manifest.ManifestVisitor;
import io.github.colonnade.jobs.manifest.Totals;
import io.github.colonnade.jobs.plan.Partitions;
import io.github.colonnade.jobs.plan.RunPlan;
import io.github.colonnade.jobs.stored.IncompleteDirectory;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * Finds the least error limit whose output is of a size, and writes that output.
 *
 * <p>The blocks are sketched once, in a job of its own, with all directions that can pay. Each try
 * partitions and encodes them within one limit and is measured as it was written, so that what fits
 * does fit. The best output so far is kept beside the others' work, and gets its name in the end.
 */
public final class TargetRun {

  private final CompressSettings settings;
  private final Goal.Target target;
  private final RunPlan plan;
  private final Partitions partitions;
  private final Target where;
  private final PrintWriter err;
  private final boolean redraw;

  /**
   * @param settings whose goal is a target and whose limit does not matter
   * @param err where progress is shown
   * @param redraw whether that is a terminal
   */
  public TargetRun(
      CompressSettings settings,
      RunPlan plan,
      Partitions partitions,
      Target where,
      PrintWriter err,
      boolean redraw) {
    this.settings = settings;
    this.target = (Goal.Target) settings.goal();
    this.plan = plan;
    this.partitions = partitions;
    this.where = where;
    this.err = err;
    this.redraw = redraw;
  }

  /**
   * Runs all jobs.
   *
   * @throws UsageException if no limit reaches the target; then nothing is written
   */
  public void run() throws Exception {
    Cluster cluster = where.bounded();
    try (IncompleteDirectory incomplete =
            IncompleteDirectory.create(settings.place().output()).leftWhile(cluster::mayStillRun);
        cluster) {
      Path directory = work(incomplete);
      FileSystem files = directory.getFileSystem();
      String sketches = new Path(directory, "sketches").toString();
      StreamExecutionEnvironment env = cluster.environment();
      CompressJob.buildSketches(
          env,
          settings
              .withLimit(0)
              .withPlace(new Place(settings.place().output(), directory.toString())),
          sketches);
      execute(cluster, env, this::sketched);
      Path best = new Path(directory, "best");
      LimitSearch search = null;
      @Nullable Totals smallest = null;
      double smallestAt = 0;
      double limit = LimitSearch.FIRST;
      for (int number = 1; ; number++) {
        Path result = new Path(directory, "result-" + number);
        Totals totals =
            attempt(cluster, limit, sketches, new Path(directory, "work-" + number), result);
        if (search == null) {
          search = new LimitSearch(target.most(totals));
        }
        if (smallest == null || target.size(totals) < target.size(smallest)) {
          smallest = totals;
          smallestAt = limit;
        }
        boolean fits = target.isReachedBy(totals);
        search.add(limit, target.size(totals), fits);
        if (fits && search.found().orElseThrow() == limit) {
          files.delete(best, true);
          rename(result, best);
        } else {
          files.delete(result, true);
        }
        OptionalDouble next = search.next();
        if (next.isEmpty()) {
          break;
        }
        limit = next.getAsDouble();
      }
      if (search.found().isEmpty()) {
        throw new UsageException(
            target.option()
                + ": the smallest output that is possible has "
                + target.shown(Objects.requireNonNull(smallest))
                + ", at an error limit of "
                + Formats.error(smallestAt));
      }
      incomplete.complete(best);
    }
  }

  /** Where sketches and tries are kept, which every worker must see. */
  private Path work(IncompleteDirectory incomplete) throws IOException {
    if (!where.isLocal() && incomplete.isInPlace()) {
      throw new UsageException(
          target.option()
              + ": on a cluster the output must be in a file system that its workers share, since"
              + " an object store cannot rename what was tried; give --max-error instead");
    }
    return incomplete.work();
  }

  private Totals attempt(Cluster cluster, double limit, String sketches, Path work, Path result)
      throws Exception {
    StreamExecutionEnvironment env = cluster.environment();
    CompressJob.buildRest(
        env,
        settings.withLimit(limit).withPlace(new Place(result.toString(), work.toString())),
        partitions,
        sketches);
    String name = "limit " + Formats.error(limit);
    execute(cluster, env, accumulators -> encoded(name, accumulators));
    return totals(result);
  }

  private void execute(
      Cluster cluster,
      StreamExecutionEnvironment env,
      Function<Map<String, Object>, Progress.State> progress)
      throws Exception {
    cluster.run(env, "colonnade compress", progress, err, redraw);
  }

  private Progress.State sketched(Map<String, Object> accumulators) {
    return new Progress.State(
        "sketch", Counters.value(accumulators, Counters.SKETCHED_BYTES), plan.matrixBytes());
  }

  private Progress.State encoded(String name, Map<String, Object> accumulators) {
    return new Progress.State(
        name, Counters.value(accumulators, Counters.ENCODED_BYTES), plan.bytes());
  }

  private static void rename(Path from, Path to) throws IOException {
    if (!from.getFileSystem().rename(from, to)) {
      throw new IOException("cannot rename " + from + " to " + to);
    }
  }

  private static Totals totals(Path output) throws IOException {
    TotalsOnly totals = new TotalsOnly();
    Path file = new Path(output, Manifest.FILE_NAME);
    try (InputStream in = new BufferedInputStream(file.getFileSystem().open(file))) {
      ManifestReader.read(in, totals);
    }
    return Objects.requireNonNull(totals.found);
  }

  private static final class TotalsOnly implements ManifestVisitor {
    private @Nullable Totals found;

    @Override
    public void totals(Totals totals) {
      found = totals;
    }
  }
}
