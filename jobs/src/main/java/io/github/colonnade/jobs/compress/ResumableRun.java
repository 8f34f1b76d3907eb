package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.connectors.io.Sha256;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.compress.CompressSettings.Place;
import io.github.colonnade.jobs.console.Progress;
import io.github.colonnade.jobs.flink.Cluster;
import io.github.colonnade.jobs.flink.FileSystems;
import io.github.colonnade.jobs.flink.Target;
import io.github.colonnade.jobs.plan.Partitions;
import io.github.colonnade.jobs.plan.RunPlan;
import io.github.colonnade.jobs.stored.AtomicFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * A compress run in three jobs, each of which keeps what it has done in a directory beside the
 * output, so that a run that was stopped at any moment can go on: the sketches of all blocks, the
 * contents of all output files, and each output file with its outcome.
 */
public final class ResumableRun {

  private static final String LOCK = "lock";
  private static final String FINGERPRINT = "fingerprint";
  private static final String SKETCHED = "sketched";
  private static final String PARTITIONED = "partitioned";
  private static final String SPOOL = ".tmp";

  private final CompressSettings settings;
  private final RunPlan plan;
  private final Partitions partitions;
  private final Target target;
  private final Path directory;
  private final FileSystem fileSystem;

  private ResumableRun(
      CompressSettings settings, RunPlan plan, Partitions partitions, Target target, Path directory)
      throws IOException {
    this.settings = settings;
    this.plan = plan;
    this.partitions = partitions;
    this.target = target;
    this.directory = directory;
    this.fileSystem = directory.getFileSystem();
  }

  /**
   * A run whose output is on a local disk.
   *
   * @param target this process
   * @throws UsageException if it is not
   */
  public static ResumableRun of(
      CompressSettings settings, RunPlan plan, Partitions partitions, Target target)
      throws IOException {
    Path output = InputFiles.qualify(settings.place().output());
    if (FileSystems.isObjectStore(output)) {
      throw new UsageException(
          "--resume: the output must be on a local disk; into an object store, colonnade stream"
              + " --once goes on by itself");
    }
    Path directory = new Path(output.getParent(), "." + output.getName() + ".resume");
    return new ResumableRun(settings, plan, partitions, target, directory);
  }

  /**
   * Begins the run or goes on with it.
   *
   * @param tensors all that were listed
   * @throws UsageException if what was begun had other inputs or settings, or another run goes on
   *     with it
   */
  public void run(List<TensorInfo> tensors, PrintWriter err, boolean redraw) throws Exception {
    fileSystem.mkdirs(directory);
    java.nio.file.Path lockFile =
        java.nio.file.Path.of(new Path(directory, LOCK).toUri().getPath());
    try (FileChannel channel =
            FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        Cluster cluster = target.bounded()) {
      lock(channel);
      requireSame(tensors, err);
      Path sketches = new Path(directory, "sketches");
      Path tasks = new Path(directory, "tasks");
      if (!has(SKETCHED)) {
        fileSystem.delete(sketches, true);
        StreamExecutionEnvironment env = cluster.environment();
        CompressJob.buildSketches(env, settings, sketches.toString());
        cluster.run(env, "colonnade compress", this::sketched, err, redraw);
        write(SKETCHED, "");
      }
      if (!has(PARTITIONED)) {
        fileSystem.delete(tasks, true);
        StreamExecutionEnvironment env = cluster.environment();
        CompressJob.buildTasks(env, settings, partitions, sketches.toString(), tasks.toString());
        cluster.run(env, "colonnade compress", this::partitioned, err, redraw);
        write(PARTITIONED, "");
      }
      Path result = new Path(directory, "result");
      fileSystem.mkdirs(result);
      removeSpools(result);
      StreamExecutionEnvironment env = cluster.environment();
      CompressJob.buildEncoding(
          env,
          settings.withPlace(new Place(settings.place().output(), result.toString())),
          partitions,
          sketches.toString(),
          tasks.toString(),
          new Path(directory, "outcomes").toString());
      cluster.run(env, "colonnade compress", this::encoded, err, redraw);
    }
    fileSystem.delete(directory, true);
  }

  private Progress.State sketched(Map<String, Object> accumulators) {
    return new Progress.State(
        "sketch", Counters.value(accumulators, Counters.SKETCHED_BYTES), plan.matrixBytes());
  }

  private Progress.State partitioned(Map<String, Object> accumulators) {
    return new Progress.State(
        "partition",
        Counters.value(accumulators, Counters.PARTITIONED_BLOCKS),
        plan.blocks(),
        Progress.Unit.BLOCKS);
  }

  private Progress.State encoded(Map<String, Object> accumulators) {
    return new Progress.State(
        "encode", Counters.value(accumulators, Counters.ENCODED_BYTES), plan.bytes());
  }

  /** Holds until the channel is closed. */
  private void lock(FileChannel channel) throws IOException {
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw new UsageException(
          settings.place().output() + ": another run goes on with it; let that end");
    }
  }

  private void requireSame(List<TensorInfo> tensors, PrintWriter err) throws IOException {
    String inputs = inputs(tensors);
    List<String> forms =
        settings.forms().entrySet().stream().map(Object::toString).sorted().toList();
    String now = settings.forManifest(partitions) + " " + forms + "\n" + inputs + "\n";
    if (!has(FINGERPRINT)) {
      // What is left of a directory that was being removed belongs to nobody.
      for (FileStatus left : fileSystem.listStatus(directory)) {
        if (!left.getPath().getName().equals(LOCK)) {
          fileSystem.delete(left.getPath(), true);
        }
      }
      write(FINGERPRINT, now);
      return;
    }
    String before;
    try (InputStream in = InputFiles.open(new Path(directory, FINGERPRINT))) {
      before = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    if (!before.equals(now)) {
      throw new UsageException(
          settings.place().output()
              + ": the run that was stopped had other "
              + (before.endsWith("\n" + inputs + "\n") ? "options" : "inputs, or they have changed")
              + "; give the same ones, or remove "
              + directory
              + " to begin anew");
    }
    err.println("  goes on with " + settings.place().output());
  }

  /** SHA-256 of names, sizes and times of all files. */
  private static String inputs(List<TensorInfo> tensors) throws IOException {
    TreeSet<String> files = new TreeSet<>();
    for (TensorInfo tensor : tensors) {
      files.add(tensor.source());
      files.add(tensor.payload().path());
    }
    MessageDigest digest = Sha256.digest();
    for (String file : files) {
      FileStatus status = InputFiles.status(new Path(file));
      String line = file + "\n" + status.getLen() + "\n" + status.getModificationTime() + "\n";
      digest.update(line.getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private boolean has(String name) throws IOException {
    return fileSystem.exists(new Path(directory, name));
  }

  private void write(String name, String text) throws IOException {
    AtomicFile.write(
        new Path(directory, name), out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** What was being written when a run was stopped. */
  private void removeSpools(Path result) throws IOException {
    for (FileStatus file : fileSystem.listStatus(result)) {
      if (file.getPath().getName().endsWith(SPOOL)) {
        fileSystem.delete(file.getPath(), false);
      }
    }
  }
}
