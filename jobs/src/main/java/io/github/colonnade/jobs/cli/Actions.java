package io.github.colonnade.jobs.cli;

import io.github.colonnade.jobs.reconstruct.Reconstruction;
import io.github.colonnade.jobs.verify.Verification;
import java.util.Optional;

/** The work behind each command. A class of Flink or ND4J may be loaded only when one runs. */
final class Actions {
  private Actions() {}

  static Action<CompressCommand> compress() {
    return new Compress();
  }

  static Action<StreamCommand> stream() {
    return new Stream();
  }

  static Action<AddCommand> add() {
    return new Add();
  }

  static Action<CompactCommand> compact() {
    return new Compact();
  }

  static Action<LostCommand> lost() {
    return new Lost();
  }

  static Action<VerifyCommand> verify() {
    return (options, terminal) -> {
      Optional<String> weights = options.weights();
      if (weights.isPresent()) {
        weights = Optional.of(Locations.absolute(weights.get()));
      }
      return Verification.run(
              options.directory(),
              weights,
              options.run().target(),
              options.run().payloadLimit(),
              terminal.out(),
              terminal.err(),
              terminal.interactive())
          ? ExitCodes.OK
          : ExitCodes.VERIFICATION_FAILED;
    };
  }

  static Action<ReconstructCommand> reconstruct() {
    return (options, terminal) -> {
      new Reconstruction(options.directory(), options.output(), options.only())
          .run(
              options.run().target(),
              options.run().payloadLimit(),
              terminal.out(),
              terminal.err(),
              terminal.interactive());
      return ExitCodes.OK;
    };
  }

  static Action<PlanCommand> plan() {
    return new Plan();
  }

  static Action<EstimateCommand> estimate() {
    return new Estimate();
  }

  static Action<DemoCommand> demo() {
    return new Demo();
  }

  static Action<ReportCommand> report() {
    return new WriteReport();
  }

  static Action<DiffCommand> diff() {
    return new Diff();
  }

  static Action<InspectCommand> inspect() {
    return new Inspect();
  }
}
