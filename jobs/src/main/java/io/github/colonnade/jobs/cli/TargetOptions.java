package io.github.colonnade.jobs.cli;

import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.flink.LocalTarget;
import io.github.colonnade.jobs.flink.RemoteTarget;
import io.github.colonnade.jobs.flink.SlotGroups;
import io.github.colonnade.jobs.flink.SubmittedTarget;
import io.github.colonnade.jobs.flink.Target;
import io.github.colonnade.jobs.memory.PayloadLimit;
import io.github.colonnade.jobs.metrics.MetricsPort;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where the Flink jobs of a command run. */
final class TargetOptions {

  /** The words of {@code --target}. */
  private enum Place {
    LOCAL,
    REMOTE
  }

  @Mixin private RunOptions run = new RunOptions();

  @Option(
      names = "--target",
      paramLabel = "WHERE",
      description = "local, in this process, or remote, on a Flink cluster. Default: local.")
  private String target = "local";

  @Option(
      names = "--jobmanager",
      paramLabel = "HOST:PORT",
      description = "The REST endpoint of the cluster, for --target remote.")
  private @Nullable String jobManager;

  @Option(
      names = "--slot",
      paramLabel = "OPERATOR=RESOURCES",
      description = {
        "On a cluster with fine-grained resources, task slots for one operator (sketch, partition"
            + " or encode), as encode=cpu:1,heap:2g,managed:1g. May be repeated."
      })
  private Map<String, String> slots = new LinkedHashMap<>();

  @Option(
      names = "--payload-memory",
      paramLabel = "SIZE",
      converter = Sizes.class,
      description = {
        "The most memory that tensors take in each slot while they are worked on, as 2g. What needs"
            + " more waits for the shares of the other slots. Default: what the process has."
      })
  private @Nullable Long payloadMemory;

  @Option(
      names = "--metrics-port",
      paramLabel = "PORT",
      description = {
        "Give metrics to Prometheus on this port while the command works; on a cluster its own"
            + " reporters do."
      })
  private @Nullable Integer metricsPort;

  private boolean detached;

  /**
   * Where jobs run.
   *
   * @throws UsageException if that is a cluster that does not answer
   */
  Target target() {
    if (SubmittedTarget.isHere()) {
      if (place() == Place.REMOTE) {
        throw new UsageException(
            "--target: Flink has been told already where to run; leave it out");
      }
      return SubmittedTarget.of(run.given(), slots);
    }
    if (place() == Place.REMOTE && jobManager != null) {
      return RemoteTarget.of(jobManager, run.given(), !detached, slots);
    }
    if (metricsPort == null) {
      return new LocalTarget(run.parallelism());
    }
    MetricsPort.requireFree(metricsPort);
    return new LocalTarget(run.parallelism(), OptionalInt.of(metricsPort));
  }

  /** The memory for payloads. */
  PayloadLimit payloadLimit() {
    return payloadMemory == null ? PayloadLimit.NONE : new PayloadLimit(payloadMemory);
  }

  /** Says that the program is not to wait for the job. */
  void detach() {
    detached = true;
  }

  void check() {
    run.check();
    slots.forEach(SlotGroups::check);
    if (place() == Place.REMOTE && jobManager == null) {
      throw new UsageException(
          "--target remote: expected --jobmanager HOST:PORT too, as --jobmanager localhost:8081");
    }
    if (place() == Place.LOCAL && jobManager != null) {
      throw new UsageException("--jobmanager: only with --target remote");
    }
    if (place() == Place.LOCAL && !slots.isEmpty() && !SubmittedTarget.isHere()) {
      throw new UsageException("--slot: only with --target remote or flink run");
    }
    if (metricsPort != null && (place() == Place.REMOTE || SubmittedTarget.isHere())) {
      throw new UsageException(
          "--metrics-port: the job runs on a cluster, whose configuration says which reporters"
              + " export its metrics (metrics.reporters); leave it out");
    }
    if (metricsPort != null) {
      MetricsPort.check(metricsPort);
    }
    if (place() == Place.LOCAL && detached) {
      throw new UsageException("--detached: only with --target remote; flink run has -d for it");
    }
  }

  private Place place() {
    return switch (target) {
      case "local" -> Place.LOCAL;
      case "remote" -> Place.REMOTE;
      default -> throw new UsageException("--target: expected local or remote, got " + target);
    };
  }
}
