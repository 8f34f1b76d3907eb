package io.github.colonnade.jobs.stream;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.jobs.compress.CompressSettings;
import io.github.colonnade.jobs.compress.EncodeTask;
import io.github.colonnade.jobs.compress.EncodeTask.ClusterTask;
import io.github.colonnade.jobs.compress.EncodeTask.MemberTask;
import io.github.colonnade.jobs.compress.FileEncoder;
import io.github.colonnade.jobs.compress.Outcome;
import io.github.colonnade.jobs.compress.PassThrough;
import io.github.colonnade.jobs.manifest.RejectionCause;
import io.github.colonnade.jobs.memory.PayloadShare;
import io.github.colonnade.jobs.metrics.EncodeMeters;
import io.github.colonnade.jobs.metrics.Meters;
import io.github.colonnade.jobs.metrics.RejectionMeters;
import io.github.colonnade.jobs.metrics.WorkMeters;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.core.fs.Path;

/**
 * Writes the files of a batch.
 *
 * <p>The names of files tell run and attempt, so that one that was given up, but works on for a
 * while, does not touch the files of another.
 *
 * <p>An original that is no longer what was sketched costs its own tensor and nothing else: the
 * tensor is rejected, and the files of the batch that have blocks of it are written without it.
 */
final class EncodeBatches extends RichMapFunction<BatchTask, BatchOutcome> {

  private final CompressSettings settings;
  private final String run;

  private transient FileEncoder encoder;
  private transient PayloadShare memory;
  private transient RejectionMeters rejections;

  @SuppressWarnings("NullAway.Init") // open() comes before everything else.
  EncodeBatches(CompressSettings settings, String run) {
    this.settings = settings;
    this.run = run;
  }

  @Override
  public void open(OpenContext context) throws IOException {
    memory = PayloadShare.open(getRuntimeContext(), settings.payloadLimit());
    Meters meters = Meters.of(getRuntimeContext().getMetricGroup());
    rejections =
        new RejectionMeters(meters, Set.of(RejectionCause.CHANGED, RejectionCause.TOO_LARGE));
    encoder =
        FileEncoder.open(
            WorkMeters.measured(meters, new Nd4jLinearAlgebra()),
            settings,
            memory,
            new EncodeMeters(meters),
            bytes -> {});
  }

  @Override
  public BatchOutcome map(BatchTask planned) throws IOException {
    BatchTask batch = Fitting.of(planned, encoder::refusal);
    Map<Long, Outcome.Rejected> changed = new TreeMap<>();
    Map<Integer, Outcome> written = new TreeMap<>();
    while (true) {
      Map<Long, Outcome.Rejected> more = write(batch, changed.keySet(), written);
      if (more.isEmpty()) {
        List<Outcome> outcomes = new ArrayList<>(written.values());
        outcomes.addAll(batch.rejected());
        outcomes.addAll(changed.values());
        batch.rejected().stream()
            .filter(each -> !planned.rejected().contains(each))
            .forEach(each -> rejections.rejected(each.cause()));
        changed.values().forEach(each -> rejections.rejected(each.cause()));
        return new BatchOutcome(batch.inputBytes(), outcomes);
      }
      changed.putAll(more);
      for (int i = 0; i < batch.files().size(); i++) {
        if (!Collections.disjoint(tensors(batch.files().get(i)).keySet(), more.keySet())) {
          written.remove(i);
        }
      }
    }
  }

  /**
   * Writes files that are not written yet, without some tensors.
   *
   * @param written receives what was written, by the number of the file
   * @return tensors whose originals have changed too; none if everything was written
   */
  private Map<Long, Outcome.Rejected> write(
      BatchTask batch, Set<Long> changed, Map<Integer, Outcome> written) throws IOException {
    Path directory = new Path(settings.place().output());
    String writer =
        run.substring(0, Math.min(8, run.length()))
            + "-"
            + getRuntimeContext().getTaskInfo().getAttemptNumber();
    for (int i = 0; i < batch.files().size(); i++) {
      if (written.containsKey(i)) {
        continue;
      }
      EncodeTask planned = batch.files().get(i);
      EncodeTask task =
          BatchPlanner.named(batch.batch(), i, writer, without(planned, changed), planned.times());
      if (task.clusters().isEmpty() && task.copies().isEmpty()) {
        continue;
      }
      try {
        written.put(i, encoder.write(task, directory, StreamPlace.spool(directory)));
      } catch (FormatException e) {
        Map<Long, Outcome.Rejected> gone = MissingFiles.isCauseOf(e) ? gone(task) : Map.of();
        return gone.isEmpty() ? changed(task, e) : gone;
      }
    }
    return Map.of();
  }

  static EncodeTask without(EncodeTask task, Set<Long> tensors) {
    if (tensors.isEmpty()) {
      return task;
    }
    List<ClusterTask> clusters = new ArrayList<>();
    for (ClusterTask cluster : task.clusters()) {
      List<MemberTask> members =
          cluster.members().stream().filter(each -> !tensors.contains(each.ordinal())).toList();
      if (members.size() == cluster.members().size()) {
        clusters.add(cluster);
      } else if (!members.isEmpty()) {
        clusters.add(cluster.withMembers(members));
      }
    }
    List<PassThrough> copies =
        task.copies().stream().filter(each -> !tensors.contains(each.ordinal())).toList();
    return new EncodeTask(task.file(), clusters, copies, task.times());
  }

  /** The tensors that a failure is about: one, or all of a file. */
  private static Map<Long, Outcome.Rejected> changed(EncodeTask task, FormatException failure) {
    Map<Long, Outcome.Rejected> changed = new HashMap<>();
    tensors(task)
        .forEach(
            (ordinal, tensor) -> {
              if (isAbout(failure, tensor)) {
                changed.put(
                    ordinal,
                    rejected(
                        ordinal,
                        tensor,
                        "its file changed before the tensor was stored (" + failure.reason() + ")",
                        task));
              }
            });
    if (changed.isEmpty()) {
      throw failure;
    }
    return changed;
  }

  private static boolean isAbout(FormatException failure, TensorInfo tensor) {
    boolean inFile =
        failure.source().equals(tensor.source())
            || failure.source().equals(tensor.payload().path());
    return inFile && failure.tensor().map(tensor.name()::equals).orElse(true);
  }

  private Map<Long, Outcome.Rejected> gone(EncodeTask task) throws IOException {
    Map<Long, Outcome.Rejected> gone = new HashMap<>();
    Map<String, Boolean> missing = new HashMap<>();
    for (Map.Entry<Long, TensorInfo> each : tensors(task).entrySet()) {
      TensorInfo tensor = each.getValue();
      for (String file : List.of(tensor.source(), tensor.payload().path())) {
        Boolean known = missing.get(file);
        boolean isMissing =
            known == null ? MissingFiles.isGone(settings.input().uris(), file) : known;
        missing.put(file, isMissing);
        if (isMissing) {
          gone.put(each.getKey(), rejected(each.getKey(), tensor, MissingFiles.REASON, task));
        }
      }
    }
    return gone;
  }

  private static Outcome.Rejected rejected(
      long ordinal, TensorInfo tensor, String reason, EncodeTask task) {
    return new Outcome.Rejected(
        ordinal, tensor.source(), tensor.name(), RejectionCause.CHANGED, reason, task.times());
  }

  private static Map<Long, TensorInfo> tensors(EncodeTask task) {
    Map<Long, TensorInfo> tensors = new TreeMap<>();
    for (ClusterTask cluster : task.clusters()) {
      cluster.members().forEach(each -> tensors.put(each.ordinal(), each.block().tensor()));
    }
    task.copies().forEach(each -> tensors.put(each.ordinal(), each.tensor()));
    return tensors;
  }

  @Override
  public void close() throws IOException {
    if (memory != null) {
      memory.close();
    }
    if (encoder != null) {
      encoder.close();
    }
  }
}
