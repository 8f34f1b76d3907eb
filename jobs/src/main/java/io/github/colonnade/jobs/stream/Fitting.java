package io.github.colonnade.jobs.stream;

import io.github.colonnade.jobs.compress.EncodeTask;
import io.github.colonnade.jobs.compress.EncodeTask.ClusterTask;
import io.github.colonnade.jobs.compress.EncodeTask.MemberTask;
import io.github.colonnade.jobs.compress.PassThrough;
import io.github.colonnade.jobs.compress.PassThroughFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Makes a batch fit into the memory that there is, since a stream cannot end for want of it: a
 * cluster that needs more is halved until its parts do not, and a tensor with a block that needs
 * more by itself is copied as it is.
 */
final class Fitting {

  private final Function<ClusterTask, Optional<String>> refusal;
  private final Map<Long, PassThrough> copies = new TreeMap<>();

  private Fitting(Function<ClusterTask, Optional<String>> refusal) {
    this.refusal = refusal;
  }

  /**
   * The batch itself if it fits.
   *
   * @param refusal tells why a cluster can never be encoded
   */
  static BatchTask of(BatchTask batch, Function<ClusterTask, Optional<String>> refusal) {
    Fitting fitting = new Fitting(refusal);
    List<EncodeTask> files = new ArrayList<>();
    for (EncodeTask file : batch.files()) {
      List<ClusterTask> clusters = new ArrayList<>();
      file.clusters().forEach(each -> fitting.divide(each, file, clusters));
      files.add(new EncodeTask(file.file(), clusters, file.copies(), file.times()));
    }
    // A tensor may have other blocks, which would fit.
    files.replaceAll(file -> EncodeBatches.without(file, fitting.copies.keySet()));
    files.addAll(PassThroughFiles.of(fitting.copies.values()));
    return new BatchTask(batch.batch(), batch.inputBytes(), files, batch.rejected());
  }

  private void divide(ClusterTask cluster, EncodeTask file, List<ClusterTask> parts) {
    Optional<String> reason = refusal.apply(cluster);
    List<MemberTask> members = cluster.members();
    if (reason.isEmpty()) {
      parts.add(cluster);
    } else if (members.size() == 1) {
      MemberTask member = members.get(0);
      copies.put(
          member.ordinal(),
          new PassThrough(member.ordinal(), member.block().tensor(), reason.get(), file.times()));
    } else {
      int half = members.size() / 2;
      divide(part(cluster, 0, members.subList(0, half)), file, parts);
      divide(part(cluster, 1, members.subList(half, members.size())), file, parts);
    }
  }

  private static ClusterTask part(ClusterTask cluster, int number, List<MemberTask> members) {
    return cluster.withMembers(List.copyOf(members)).withId(cluster.id() + "-" + number);
  }
}
