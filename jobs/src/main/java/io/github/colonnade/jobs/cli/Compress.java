package io.github.colonnade.jobs.cli;

import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.MatrixForm;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.compress.CompressJob;
import io.github.colonnade.jobs.compress.CompressProgress;
import io.github.colonnade.jobs.compress.CompressSettings;
import io.github.colonnade.jobs.compress.CompressSettings.Input;
import io.github.colonnade.jobs.compress.CompressSettings.Method;
import io.github.colonnade.jobs.compress.CompressSettings.Place;
import io.github.colonnade.jobs.compress.Goal;
import io.github.colonnade.jobs.compress.ResumableRun;
import io.github.colonnade.jobs.compress.TargetRun;
import io.github.colonnade.jobs.console.Formats;
import io.github.colonnade.jobs.flink.Cluster;
import io.github.colonnade.jobs.flink.Cluster.Outcome;
import io.github.colonnade.jobs.flink.Target;
import io.github.colonnade.jobs.layout.Choices;
import io.github.colonnade.jobs.layout.FormChooser;
import io.github.colonnade.jobs.plan.Needs;
import io.github.colonnade.jobs.plan.Partitions;
import io.github.colonnade.jobs.plan.RunPlan;
import io.github.colonnade.jobs.plan.Undecided;
import io.github.colonnade.jobs.stored.IncompleteDirectory;
import io.github.colonnade.jobs.weights.WeightsFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Runs the compress job and shows its result. */
final class Compress implements Action<CompressCommand> {
  /** What the manifest says where a rank was asked for and blocks are not grouped. */
  private static final String NO_STRATEGY = "none";

  @Override
  public int run(CompressCommand command, Terminal terminal) throws Exception {
    long start = System.currentTimeMillis();
    String output = Locations.absolute(command.output());
    Target target = command.run().target();
    mustBeFree(output, target);
    command.report().check(command.output(), target);
    CompressSettings asked =
        settings(command.input(), command.compression(), command.goal(), output, start)
            .withPayloadLimit(command.run().payloadLimit());
    Locations.mustNotLieInside(output, asked.input().uris());
    int parallelism = target.parallelism();
    requireRunnable(command, target);
    Optional<WeightsFile> weights = weights(command.compression());
    List<TensorInfo> tensors = TensorLister.list(asked.input().uris()).tensors();
    RunPlan plan = asked.plan(tensors, weights, asked.undecided());
    Partitions partitions = partitions(asked, tensors, command.compression());
    Needs needs = Plan.needs(plan, partitions, command.compression(), command.goal(), parallelism);
    if (!asked.undecided().isNothing()) {
      asked = asked.withForms(chosen(asked, tensors, weights, parallelism, terminal));
      plan = asked.plan(tensors, weights, Undecided.NOTHING);
      partitions = partitions(asked, tensors, command.compression());
    }
    if (weights.isPresent()) {
      asked = asked.withWeights(WeightsFile.fingerprint(weights.get().source()));
    }
    if (command.resume()) {
      ResumableRun.of(asked, plan, partitions, target)
          .run(tensors, terminal.err(), terminal.interactive());
      report(command.output(), command.report(), needs, target, terminal);
    } else if (execute(asked, plan, partitions, target, terminal) == Outcome.FINISHED) {
      report(command.output(), command.report(), needs, target, terminal);
    }
    return ExitCodes.OK;
  }

  /** Checks that the output is not there, unless this is a run that goes on with it. */
  static void mustBeFree(String output, Target target) throws IOException {
    if (!IncompleteDirectory.isBegun(output, target.run())) {
      Locations.mustNotExist(output);
    }
  }

  private static void requireRunnable(CompressCommand command, Target target) {
    if (command.resume() && !target.isLocal()) {
      throw new UsageException(
          "--resume: a cluster goes on by itself when it loses workers; leave it out");
    }
  }

  /** Writes the output of a run in which nothing is left to be chosen. */
  static Outcome execute(
      CompressSettings asked, RunPlan plan, Partitions partitions, Target target, Terminal terminal)
      throws Exception {
    if (asked.goal() instanceof Goal.Target goal) {
      if (!target.isAttached()) {
        throw new UsageException(
            goal.option()
                + ": it takes several jobs, between which this program decides; leave out"
                + " --detached, or give --max-error");
      }
      new TargetRun(asked, plan, partitions, target, terminal.err(), terminal.interactive()).run();
      return Outcome.FINISHED;
    }
    return compress(asked, plan, partitions, target, terminal);
  }

  /** Shows what was written, and what it took. */
  static void report(
      String output, ReportOptions report, Needs needs, Target target, Terminal terminal)
      throws IOException {
    Inspect.print(output, terminal);
    report.finish(output, terminal);
    if (!target.isLocal()) {
      return;
    }
    terminal
        .err()
        .println(
            "  heap at most "
                + Formats.bytes(Memory.peakHeapBytes())
                + " (planned "
                + Formats.bytes(needs.heapBytes())
                + "), process at most "
                + Memory.peakProcess()
                + " (planned "
                + Formats.bytes(needs.heapBytes() + needs.nativeBytes())
                + ")");
  }

  private static Map<Shape, MatrixForm> chosen(
      CompressSettings settings,
      List<TensorInfo> tensors,
      Optional<WeightsFile> weights,
      int parallelism,
      Terminal terminal)
      throws IOException {
    Choices choices = FormChooser.choose(settings, tensors, weights, parallelism);
    choices.lines().forEach(line -> terminal.err().println("  " + line));
    return choices.forms();
  }

  private static Outcome compress(
      CompressSettings asked, RunPlan plan, Partitions partitions, Target target, Terminal terminal)
      throws Exception {
    Cluster cluster = target.bounded();
    try (IncompleteDirectory staging =
            IncompleteDirectory.create(asked.place().output(), target.run())
                .leftWhile(cluster::mayStillRun);
        cluster) {
      StreamExecutionEnvironment env = cluster.environment();
      CompressJob.build(
          env,
          asked.withPlace(
              new Place(
                  asked.place().output(), staging.path().toString(), staging.marker().toString())),
          partitions);
      Outcome outcome =
          cluster.run(
              env,
              "colonnade compress",
              new CompressProgress(plan, partitions),
              terminal.err(),
              terminal.interactive());
      if (outcome == Outcome.FINISHED) {
        staging.completed();
      } else {
        terminal
            .out()
            .println("  " + asked.place().output() + " appears when the job has finished");
      }
      return outcome;
    }
  }

  /** How families are divided; one basis of a fixed rank is for a whole family. */
  static Partitions partitions(
      CompressSettings settings, List<TensorInfo> tensors, CompressionOptions compression) {
    boolean fixedRank = settings.goal() instanceof Goal.Rank;
    return Partitions.of(tensors, settings.view(), fixedRank ? 1 : compression.partitions());
  }

  /** The header of the file with the weights, if there is one. */
  static Optional<WeightsFile> weights(CompressionOptions compression) throws IOException {
    Optional<String> location = compression.weights();
    return location.isEmpty()
        ? Optional.empty()
        : Optional.of(WeightsFile.open(Locations.absolute(location.get())));
  }

  /** The inputs of these options. */
  static Input input(InputOptions input) throws IOException {
    List<String> inputs = new ArrayList<>();
    for (String each : input.inputs()) {
      inputs.add(Locations.absolute(each));
    }
    return new Input(
        inputs,
        input.rows().orElse(0),
        input.columns().orElse(0),
        input.transpose(),
        input.include(),
        input.exclude(),
        input.strict());
  }

  /** The settings of these options, without weights and with no staging directory yet. */
  static CompressSettings settings(
      InputOptions input,
      CompressionOptions compression,
      GoalOptions goal,
      String output,
      long start)
      throws IOException {
    Goal wanted = goal.goal().orElse(new Goal.Limit());
    return new CompressSettings(
        input(input),
        new Method(
            compression.scope(),
            compression.rankLimit().orElse(0),
            wanted instanceof Goal.Rank ? NO_STRATEGY : compression.strategy(),
            compression.precision(),
            compression.storeDtype(),
            compression.askedPartitions()),
        goal.maxError(),
        wanted,
        new Place(output, ""),
        start,
        null,
        Map.of());
  }
}
