package io.github.colonnade.jobs.cli;

import io.github.colonnade.connectors.source.WatchSettings;
import io.github.colonnade.jobs.compress.CompressSettings;
import io.github.colonnade.jobs.compress.CompressSettings.Input;
import io.github.colonnade.jobs.compress.CompressSettings.Method;
import io.github.colonnade.jobs.compress.CompressSettings.Place;
import io.github.colonnade.jobs.compress.Goal;
import io.github.colonnade.jobs.console.Formats;
import io.github.colonnade.jobs.flink.Cluster;
import io.github.colonnade.jobs.flink.Cluster.Outcome;
import io.github.colonnade.jobs.flink.Target;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Totals;
import io.github.colonnade.jobs.manifest.Transpose;
import io.github.colonnade.jobs.stored.CompressedCollection;
import io.github.colonnade.jobs.stored.Segments;
import io.github.colonnade.jobs.stream.StreamJob;
import io.github.colonnade.jobs.stream.StreamPlace;
import io.github.colonnade.jobs.stream.StreamProgress;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Runs the stream job, from its newest checkpoint if there is one. */
final class Stream implements Action<StreamCommand> {

  /** A run that has lost its place makes no checkpoint that it has not begun yet. */
  private static final long SETTLE_MILLIS = 500;

  @Override
  public int run(StreamCommand command, Terminal terminal) throws Exception {
    String output = Locations.absolute(command.output());
    CompressSettings settings =
        settings(command, output).withPayloadLimit(command.run().payloadLimit());
    Locations.mustNotLieInside(output, settings.input().uris());
    StreamPlace place = new StreamPlace(output);
    String asked = StreamSettings.text(settings, command.watch());
    Segments segments = Segments.open(output);
    Optional<String> begun = place.settings();
    if (begun.isEmpty()) {
      if (!place.isEmpty()) {
        Locations.mustNotExist(output);
      }
      if (command.watch().once()) {
        Locations.mustExist(settings.input().uris());
      }
      segments.requireSupport();
      place.begin(asked);
    } else {
      StreamSettings.mustAgree(output, begun.get(), asked);
    }
    boolean complete = segments.root().filter(root -> !root.open()).isPresent();
    if (!complete) {
      Target target = command.run().target();
      String run = target.run().orElseGet(() -> UUID.randomUUID().toString());
      if (!place.isOwnedBy(run)) {
        place.own(run);
        place.removeTemporary();
      }
      Optional<String> from = begun.isEmpty() ? Optional.empty() : settledCheckpoint(place);
      terminal
          .err()
          .println((from.isPresent() ? "  goes on with " : "  begins ") + command.output());
      if (execute(settings, command, target, place, from, run, terminal) == Outcome.SUBMITTED) {
        terminal
            .out()
            .println(
                "  "
                    + command.output()
                    + " grows; to stop, flink stop --savepointPath "
                    + place.savepoints()
                    + " JOB, and the same command goes on");
        return ExitCodes.OK;
      }
    }
    Segments after = Segments.open(output);
    if (after.root().filter(root -> !root.open()).isEmpty()) {
      // Flink calls a job finished, too, that was stopped with a savepoint.
      terminal.out().println("  " + command.output() + ": stopped; the same command goes on");
      return ExitCodes.OK;
    }
    place.remove();
    after.clean(Segments.Owner.ME);
    report(command.output(), output, terminal);
    return ExitCodes.OK;
  }

  /** The newest checkpoint when a run that was the owner before, if it lives, makes no more. */
  private static Optional<String> settledCheckpoint(StreamPlace place)
      throws IOException, InterruptedException {
    Optional<String> newest = place.newestCheckpoint();
    while (true) {
      TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
      Optional<String> again = place.newestCheckpoint();
      if (again.equals(newest)) {
        return again;
      }
      newest = again;
    }
  }

  private static void report(String shown, String output, Terminal terminal) throws IOException {
    Manifest manifest = CompressedCollection.open(output).manifest();
    Totals totals = manifest.totals();
    terminal
        .out()
        .println(
            shown
                + ": "
                + Formats.count(totals.blocks())
                + " blocks, "
                + Formats.count(totals.numbersIn())
                + " numbers stored as "
                + Formats.count(totals.numbersStored())
                + ", "
                + manifest.rejected().size()
                + " rejected");
  }

  private static Outcome execute(
      CompressSettings settings,
      StreamCommand command,
      Target target,
      StreamPlace place,
      Optional<String> from,
      String run,
      Terminal terminal)
      throws Exception {
    try (Cluster cluster = target.streaming(place.checkpoints(), command.publishEvery(), from)) {
      StreamExecutionEnvironment env = cluster.environment();
      WatchSettings watch = command.watch();
      StreamJob.build(env, settings, watch, run);
      return cluster.run(
          env, "colonnade stream", new StreamProgress(), terminal.err(), terminal.interactive());
    }
  }

  private static CompressSettings settings(StreamCommand command, String output)
      throws IOException {
    Input given = Compress.input(command.input());
    // Which way shapes are better taken cannot be sampled from what is not there yet.
    Transpose transpose = given.transpose() == Transpose.AUTO ? Transpose.NEVER : given.transpose();
    Input input =
        new Input(
            given.uris(),
            given.rows(),
            given.columns(),
            transpose,
            given.include(),
            given.exclude(),
            false);
    CompressionOptions compression = command.compression();
    return new CompressSettings(
        input,
        new Method(
            compression.scope(),
            compression.rankLimit().orElse(0),
            compression.strategy(),
            compression.precision(),
            compression.storeDtype(),
            0),
        command.maxError(),
        new Goal.Limit(),
        new Place(output, output),
        System.currentTimeMillis(),
        null,
        Map.of());
  }
}
