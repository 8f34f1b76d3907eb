package io.github.colonnade.jobs.cli;

import io.github.colonnade.bounds.ErrorInterval;
import io.github.colonnade.jobs.compress.CompressSettings;
import io.github.colonnade.jobs.console.Formats;
import io.github.colonnade.jobs.console.Table;
import io.github.colonnade.jobs.estimate.Estimation;
import io.github.colonnade.jobs.manifest.Precision;
import java.io.IOException;
import java.util.Map;

/**
 * Prints the bounds of one cluster. All of its blocks are decomposed together, which is one task,
 * so it runs in this process without a job.
 */
final class Estimate implements Action<EstimateCommand> {

  @Override
  public int run(EstimateCommand command, Terminal terminal) throws IOException {
    CompressSettings settings =
        Compress.settings(command.input(), new CompressionOptions(), new GoalOptions(), "", 0);
    Estimation estimation =
        Estimation.of(
            settings.input().uris(),
            settings.view(),
            command.rank(),
            command.precision() == Precision.FLOAT32
                ? io.github.colonnade.svd.linalg.Precision.FLOAT32
                : io.github.colonnade.svd.linalg.Precision.FLOAT64);
    terminal
        .out()
        .printf(
            "  %s blocks, %s rows, %s columns, rank %s%n%n",
            Formats.count(estimation.blocks()),
            Formats.count(estimation.rows()),
            Formats.count(estimation.columns()),
            Formats.count(estimation.rank()));
    Table table = new Table().left("estimate").right("lower").right("upper").left("proved by");
    for (Map.Entry<String, ErrorInterval> each : estimation.estimates().entrySet()) {
      ErrorInterval interval = each.getValue();
      table.row(
          each.getKey(),
          Formats.error(interval.lower()),
          Formats.error(interval.upper()),
          interval.lowerProof().label() + ", " + interval.upperProof().label());
    }
    String exact = Formats.error(estimation.exact());
    table.row("exact", exact, exact, "exact");
    table.print(terminal.out());
    return ExitCodes.OK;
  }
}
