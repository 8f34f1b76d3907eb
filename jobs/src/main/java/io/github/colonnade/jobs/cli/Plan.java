package io.github.colonnade.jobs.cli;

import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.jobs.compress.CompressJob;
import io.github.colonnade.jobs.compress.CompressSettings;
import io.github.colonnade.jobs.compress.Goal;
import io.github.colonnade.jobs.console.Formats;
import io.github.colonnade.jobs.console.Table;
import io.github.colonnade.jobs.manifest.Precision;
import io.github.colonnade.jobs.memory.PayloadNeed;
import io.github.colonnade.jobs.plan.Needs;
import io.github.colonnade.jobs.plan.Partitions;
import io.github.colonnade.jobs.plan.RunPlan;
import io.github.colonnade.jobs.plan.Undecided;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;

/** Prints what compress would do and need. */
final class Plan implements Action<PlanCommand> {

  @Override
  public int run(PlanCommand command, Terminal terminal) throws IOException {
    Optional<String> output = Optional.empty();
    if (command.output().isPresent()) {
      output = Optional.of(Locations.absolute(command.output().get()));
      Locations.mustNotExist(output.get());
    }
    CompressSettings settings =
        Compress.settings(command.input(), command.compression(), command.goal(), "", 0);
    if (output.isPresent()) {
      Locations.mustNotLieInside(output.get(), settings.input().uris());
    }
    List<TensorInfo> tensors = TensorLister.list(settings.input().uris()).tensors();
    RunPlan plan =
        settings.plan(tensors, Compress.weights(command.compression()), settings.undecided());
    Partitions partitions = Compress.partitions(settings, tensors, command.compression());
    print(plan, partitions, terminal.out());
    int parallelism = command.run().parallelism();
    Needs needs = needs(plan, partitions, command.compression(), command.goal(), parallelism);
    terminal.out().println();
    Table table = new Table().left("needs at most").right("").left("");
    table.row("Java heap", Formats.bytes(needs.heapBytes()), "(JAVA_OPTS=-Xmx…)");
    table.row("matrices outside it", Formats.bytes(needs.nativeBytes()), "");
    table.row("disk, output", Formats.bytes(needs.diskBytes()), "");
    table.row("disk, temporary", Formats.bytes(needs.temporaryBytes()), "");
    table.print(terminal.out());
    printSlot(plan, partitions, command.compression(), terminal.out());
    return ExitCodes.OK;
  }

  static Needs needs(
      RunPlan plan,
      Partitions partitions,
      CompressionOptions compression,
      GoalOptions goal,
      int parallelism) {
    int elementBytes = elementBytes(compression);
    Needs needs =
        Needs.of(plan, partitions, parallelism, elementBytes, CompressJob.PAYLOAD_CACHE_BYTES);
    boolean tries = goal.goal().filter(Goal.Target.class::isInstance).isPresent();
    return tries ? needs.withTries(plan, elementBytes) : needs;
  }

  private static int elementBytes(CompressionOptions compression) {
    return compression.precision() == Precision.FLOAT32 ? Float.BYTES : Double.BYTES;
  }

  /** What an operator of a cluster sets. */
  private static void printSlot(
      RunPlan plan, Partitions partitions, CompressionOptions compression, PrintWriter out) {
    int elementBytes = elementBytes(compression);
    PayloadNeed slot = Needs.slot(plan, partitions, elementBytes, CompressJob.PAYLOAD_CACHE_BYTES);
    PayloadNeed least = Needs.payloads(plan, elementBytes, 0);
    out.println();
    Table table = new Table().left("each slot of a cluster").right("").left("");
    table.row("task heap", Formats.bytes(slot.heapBytes()), "");
    table.row("task off-heap", Formats.bytes(slot.nativeBytes()), "");
    table.row(
        "payloads, at least",
        Formats.bytes(least.totalBytes()),
        "(--payload-memory, both together)");
    table.print(out);
  }

  private static String open(Undecided undecided) {
    String what =
        undecided.orientation()
            ? undecided.columns() ? "orientation, and columns of wide matrices:" : "orientation:"
            : "columns of wide matrices:";
    return what + " chosen by cost on a sample when the run starts; above as stored";
  }

  private static void print(RunPlan plan, Partitions partitions, PrintWriter out) {
    out.println(
        "  "
            + Formats.count(plan.tensors())
            + " tensors in "
            + Formats.count(plan.sources())
            + " files, "
            + Formats.bytes(plan.bytes()));
    out.println();
    Table families =
        new Table().right("rows").right("blocks").right("columns").right("numbers").right("bytes");
    for (RunPlan.Family family : plan.families()) {
      families.row(
          Formats.count(family.rows()),
          Formats.count(family.blocks()),
          Formats.count(family.columns()),
          Formats.count(family.numbers()),
          Formats.bytes(family.bytes()));
    }
    families.print(out);
    for (RunPlan.Family family : plan.families()) {
      int count = partitions.width(Math.toIntExact(family.rows()), 0);
      if (count > 1) {
        out.println(
            "  "
                + Formats.count(family.rows())
                + " rows: "
                + Formats.count(count)
                + " partitions, then merged");
      }
    }
    if (!plan.undecided().isNothing()) {
      out.println();
      out.println("  " + open(plan.undecided()));
    }
    if (plan.weights().tensors() > 0) {
      out.println();
      out.println("  " + Formats.count(plan.weights().tensors()) + " tensors have weights");
    }
    if (!plan.passThrough().isEmpty()) {
      out.println();
      Table kept = new Table().left("passes through").right("tensors").right("bytes");
      plan.passThrough()
          .forEach(
              (reason, each) ->
                  kept.row(reason, Formats.count(each.tensors()), Formats.bytes(each.bytes())));
      kept.print(out);
    }
  }
}
