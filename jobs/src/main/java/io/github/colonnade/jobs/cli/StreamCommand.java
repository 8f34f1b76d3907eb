package io.github.colonnade.jobs.cli;

import io.github.colonnade.connectors.source.BatchLimits;
import io.github.colonnade.connectors.source.WatchSettings;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.plan.Partitions;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code colonnade stream}. */
@Command(
    name = "stream",
    description = {
      "Watches inputs and compresses what appears in them into a collection that grows.",
      "The same command again goes on where the last run stopped."
    })
final class StreamCommand extends ActionCommand<StreamCommand> {

  /** Checkpoints can be no closer. */
  private static final long LEAST_MILLIS = 10;

  /** The payload of a batch, at most. */
  private static final long BATCH_BYTES = 256L << 20;

  /** The payload of all batches that wait for more, at most. */
  private static final long OPEN_BYTES = 1L << 30;

  @Mixin private InputOptions input = new InputOptions();

  @Option(
      names = "--max-error",
      required = true,
      order = -2,
      paramLabel = "E",
      description = {
        "The error limit: a fraction of the Frobenius norm, as 0.05. What it holds for is set by"
            + " --scope."
      })
  private double maxError;

  @Mixin private CompressionOptions compression = new CompressionOptions();

  @Option(
      names = "--output",
      order = -3,
      required = true,
      paramLabel = "DIR",
      description = {
        "The collection, a path or a URI. It must not exist, or a stream with the same options"
            + " must have begun it."
      })
  private String output = "";

  @Option(
      names = "--once",
      description = "End when all files that are there are in the collection.")
  private boolean once;

  @Option(
      names = "--every",
      paramLabel = "TIME",
      defaultValue = "10s",
      converter = Durations.class,
      description = "How often the inputs are listed. Default: ${DEFAULT-VALUE}.")
  private Duration every = Duration.ofSeconds(10);

  @Option(
      names = "--publish-every",
      paramLabel = "TIME",
      defaultValue = "10s",
      converter = Durations.class,
      description = {
        "How often what is done becomes visible and is kept for the case of a failure."
            + " Default: ${DEFAULT-VALUE}."
      })
  private Duration publishEvery = Duration.ofSeconds(10);

  @Option(
      names = "--idle",
      paramLabel = "TIME",
      defaultValue = "1m",
      converter = Durations.class,
      description = {
        "A batch that got nothing for so long is compressed as it is. Default: ${DEFAULT-VALUE}."
      })
  private Duration idle = Duration.ofMinutes(1);

  @Option(
      names = "--lateness",
      paramLabel = "TIME",
      defaultValue = "10m",
      converter = Durations.class,
      description = {
        "How much older than the newest file one may be and still be remembered by itself."
            + " Default: ${DEFAULT-VALUE}."
      })
  private Duration lateness = Duration.ofMinutes(10);

  @Option(
      names = "--batch",
      paramLabel = "BLOCKS",
      defaultValue = "4096",
      description = {
        "Blocks of the same rows that are planned together, at most; they take 256 MiB at most."
            + " Default: ${DEFAULT-VALUE}."
      })
  private int batch = Partitions.MOST_BLOCKS;

  @Mixin private TargetOptions run = new TargetOptions();
  @Mixin private DetachOptions detach = new DetachOptions();

  StreamCommand(Action<StreamCommand> action) {
    super(action);
  }

  InputOptions input() {
    return input;
  }

  CompressionOptions compression() {
    return compression;
  }

  TargetOptions run() {
    return run;
  }

  String output() {
    return output;
  }

  double maxError() {
    return maxError;
  }

  Duration publishEvery() {
    return publishEvery;
  }

  /** How the inputs are watched. */
  WatchSettings watch() {
    return new WatchSettings(
        once, every, lateness, new BatchLimits(batch, BATCH_BYTES, idle, OPEN_BYTES));
  }

  @Override
  StreamCommand checked() {
    input.check();
    compression.check();
    detach.apply(run);
    run.check();
    ErrorLimit.check(maxError);
    if (input.strict()) {
      throw new UsageException("--strict: a stream rejects such tensors and goes on; leave it out");
    }
    if (compression.scope() == Scope.COLLECTION) {
      throw new UsageException(
          "--scope: expected block or cluster, got collection, of which a stream never has all");
    }
    if (compression.weights().isPresent()) {
      throw new UsageException("--weights: only with colonnade compress");
    }
    if (compression.askedPartitions() != 0) {
      throw new UsageException("--partitions: a stream divides by --batch; leave it out");
    }
    InputOptions.atLeastOne("--batch", java.util.OptionalInt.of(batch));
    positive("--every", every);
    if (publishEvery.toMillis() < LEAST_MILLIS) {
      throw new UsageException("--publish-every: expected at least " + LEAST_MILLIS + "ms");
    }
    positive("--idle", idle);
    return this;
  }

  private static void positive(String option, Duration time) {
    if (time.isZero()) {
      throw new UsageException(option + ": expected a time above 0");
    }
  }
}
