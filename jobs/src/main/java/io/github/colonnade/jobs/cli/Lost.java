package io.github.colonnade.jobs.cli;

import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.TensorPlan;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.compress.CompressJob;
import io.github.colonnade.jobs.compress.CompressSettings;
import io.github.colonnade.jobs.compress.CompressSettings.Method;
import io.github.colonnade.jobs.compress.CompressSettings.Place;
import io.github.colonnade.jobs.compress.Goal;
import io.github.colonnade.jobs.flink.Cluster.Outcome;
import io.github.colonnade.jobs.flink.Target;
import io.github.colonnade.jobs.manifest.Precision;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.Transpose;
import io.github.colonnade.jobs.plan.Needs;
import io.github.colonnade.jobs.plan.Partitions;
import io.github.colonnade.jobs.plan.RunPlan;
import io.github.colonnade.jobs.plan.Undecided;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs the compress job with every matrix by itself. */
final class Lost implements Action<LostCommand> {
  /** What the manifest says in place of a strategy. */
  private static final String NAME = "lost";

  @Override
  public int run(LostCommand command, Terminal terminal) throws Exception {
    long start = System.currentTimeMillis();
    String output = Locations.absolute(command.output());
    Target target = command.run().target();
    Compress.mustBeFree(output, target);
    command.report().check(command.output(), target);
    CompressSettings asked =
        settings(command, output, start).withPayloadLimit(command.run().payloadLimit());
    Locations.mustNotLieInside(output, asked.input().uris());
    int parallelism = target.parallelism();
    List<TensorInfo> tensors = TensorLister.list(asked.input().uris()).tensors();
    RunPlan plan = asked.plan(tensors, Optional.empty(), Undecided.NOTHING);
    if (command.lost().rank().isPresent()) {
      checkRank(command.lost().rank().get(), tensors, asked);
    }
    Partitions partitions = Partitions.of(tensors, asked.view(), 1);
    Needs needs =
        Needs.of(plan, partitions, parallelism, Double.BYTES, CompressJob.PAYLOAD_CACHE_BYTES);
    if (asked.goal() instanceof Goal.Target) {
      needs = needs.withTries(plan, Double.BYTES);
    }
    if (Compress.execute(asked, plan, partitions, target, terminal) == Outcome.FINISHED) {
      Compress.report(command.output(), command.report(), needs, target, terminal);
    }
    return ExitCodes.OK;
  }

  private static CompressSettings settings(LostCommand command, String output, long start)
      throws Exception {
    LostOptions lost = command.lost();
    CompressSettings.Input input = Compress.input(command.input());
    // Columns are the inputs of a layer, so that nobody turns a matrix unasked.
    Transpose transpose =
        input.transpose() == Transpose.ALWAYS ? Transpose.ALWAYS : Transpose.NEVER;
    return new CompressSettings(
        new CompressSettings.Input(
            input.uris(),
            input.rows(),
            input.columns(),
            transpose,
            input.include(),
            input.exclude(),
            input.strict()),
        new Method(Scope.BLOCK, 0, NAME, Precision.FLOAT64, lost.storeDtype(), 0, lost.method()),
        lost.maxError(),
        lost.goal(),
        new Place(output, ""),
        start,
        null,
        Map.of());
  }

  private static void checkRank(int rank, List<TensorInfo> tensors, CompressSettings settings) {
    for (TensorInfo tensor : tensors) {
      if (settings.view().plan(tensor) instanceof TensorPlan.Blocks blocks) {
        for (BlockRef block : blocks.blocks()) {
          long most = Math.min(block.rows(), block.columns());
          if (rank > most) {
            throw new UsageException(
                String.format(
                    "--rank: %d is more than %s of %s has, which is %d×%d; see --exclude",
                    rank, block.id(), tensor.source(), block.rows(), block.columns()));
          }
        }
      }
    }
  }
}
