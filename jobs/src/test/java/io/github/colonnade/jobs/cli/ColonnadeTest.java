package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.manifest.Precision;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.StoreDtype;
import io.github.colonnade.jobs.manifest.Transpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class ColonnadeTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"compress", "verify", "reconstruct", "plan", "inspect", "estimate", "demo"})
  void everyCommandHasHelpWithTheExitCodes(String command) {
    Session session = Session.run(command, "--help");
    assertEquals(0, session.exitCode);
    assertTrue(session.out().startsWith("Usage: colonnade " + command), session.out());
    assertTrue(session.out().contains("   1    verification failed"), session.out());
    assertTrue(session.out().contains("  130   interrupted"), session.out());
    assertTrue(Session.run("--help").out().contains("\n  " + command), command);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3.secret-key",
        "s3.access-key",
        "fs.s3a.encryption.key",
        "fs.s3a.server-side-encryption.key",
        "fs.s3a.session.token",
        "fs.gs.auth.service.account.private.key",
        "fs.azure.sas.fixed.token.account",
        "fs.azure.sas.container.account.blob.core.windows.net",
        "fs.azure.account.key.account.blob.core.windows.net"
      })
  void credentialsAmongTheOptionsOfFileSystemsAreRefused(String key) {
    Session session = Session.run("plan", "in", "--max-error=.1", "--fs=" + key + "=hidden");
    assertEquals(2, session.exitCode);
    assertEquals(1, session.err().size(), session.err().toString());
    assertTrue(
        session.err().get(0).startsWith("colonnade: --fs " + key + ": credentials on the command"),
        session.err().get(0));
    assertFalse(session.err().get(0).contains("hidden"));
  }

  @Test
  void theVersionIsThatOfTheBuild() {
    assertTrue(
        Session.run("--version").out().matches("colonnade \\d+\\.\\d+\\.\\d+.*\n"),
        Session.run("--version").out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "compress in --max-error .1|Missing required option: '--output=DIR'|compress",
        "compress --output o --max-error .1|Missing required parameter: 'INPUT'|compress",
        "compress in --output o --max-error x|"
            + "Invalid value for option '--max-error': 'x' is not a double|compress",
        "compress in --output o --max-error .1 --scope all|"
            + "Invalid value for option '--scope': expected one of block, cluster, collection, got all|compress",
        "compress in --output o --max-error .1 --store-dtype F32|"
            + "Invalid value for option '--store-dtype': expected one of source, f64, f32, f16,"
            + " bf16, got F32|compress",
        "verify|Missing required parameter: 'DIR'|verify",
        "inspect a b|Unmatched argument at index 2: 'b'|inspect"
      })
  void whatCannotBeReadIsToldInTwoLines(String arguments, String message, String command) {
    Session session = Session.run(arguments.split(" "));
    assertEquals(2, session.exitCode);
    assertEquals(
        List.of("colonnade: " + message, "try colonnade " + command + " --help"), session.err());
    assertEquals("", session.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "compress in --output o --max-error 1|"
            + "--max-error: expected a fraction from 0 to less than 1, got 1.0",
        "compress in --output o --max-error NaN|"
            + "--max-error: expected a fraction from 0 to less than 1, got NaN",
        "compress in --output o --max-error .1 --rows 0|--rows: expected at least 1, got 0",
        "compress in --output o --max-error .1 --rank-limit 0|"
            + "--rank-limit: expected at least 1, got 0",
        "compress in --output o --max-error .1 --strategy best|"
            + "--strategy: expected one of auto, gallop, max-norm, residual-norm,"
            + " residual-residual, incremental-norm, incremental-residual, got best",
        "compress in --output o --max-error .1 --partitions 0|"
            + "--partitions: expected at least 1, got 0",
        "plan in --strategy max-norm --partitions 2|"
            + "--partitions: expected 1 with --strategy max-norm, which is one pass over a whole"
            + " family, got 2",
        "plan in --rank 4 --partitions 3|"
            + "--partitions: expected 1 with --rank, which gives a whole family one basis, got 3",
        "plan in --scope collection --partitions 3|"
            + "--partitions: expected 1 with --scope collection, which weighs all blocks of a"
            + " family together, got 3",
        "plan in --rows 3 --transpose always|"
            + "--transpose always: it is for 2-D tensors as they are, not with --rows",
        "plan in --max-error -1|--max-error: expected a fraction from 0 to less than 1, got -1.0",
        "verify d --parallelism 0|--parallelism: expected at least 1, got 0",
        "reconstruct d --output o --parallelism -2|--parallelism: expected at least 1, got -2",
        "estimate in --rank 0|--rank: expected at least 1, got 0",
        "inspect d --top 0|--top: expected at least 1, got 0",
        "lost in --output o|one of --max-error, --target-ratio, --target-bytes, --rank with --sparsity"
            + " is missing",
        "lost in --output o --max-error 1|"
            + "--max-error: expected a fraction from 0 to less than 1, got 1.0",
        "lost in --output o --max-error .1 --rank 3 --sparsity .1|"
            + "expected one of --max-error and --rank, got all of them",
        "lost in --output o --max-error .1 --sparsity .1|"
            + "--sparsity: expected with --rank, which is missing",
        "lost in --output o --rank 3|--rank: expected with --sparsity, which is missing",
        "lost in --output o --rank 0 --sparsity .1|"
            + "--rank: expected a whole number of at least 1, got 0",
        "lost in --output o --rank 3 --sparsity 1.5|"
            + "--sparsity: expected a fraction from 0 to 1, got 1.5",
        "lost in --output o --target-ratio 0|--target-ratio: expected a number above 0, got 0.0",
        "lost in --output o --target-bytes 0|"
            + "--target-bytes: expected a whole number of at least 1, got 0",
        "lost in --output o --max-error .1 --gamma .5|--gamma: only with --mode pretrain",
        "lost in --output o --max-error .1 --seed 5|--seed: only with --mode pretrain",
        "lost in --output o --mode pretrain --max-error .1|"
            + "--mode pretrain: expected --rank and --sparsity",
        "lost in --output o --mode pretrain --rank 3 --sparsity .1|"
            + "--gamma: missing with --mode pretrain",
        "lost in --output o --mode pretrain --rank 3 --sparsity .1 --gamma NaN|"
            + "--gamma: expected a fraction from 0 to 1, got NaN",
        "lost in --output o --mode pretrain --rank 3 --sparsity .1 --gamma .5 --seed 1|"
            + "--seed: only for --channels random, got complement-l2",
        "lost in --output o --mode pretrain --rank 3 --sparsity .1 --gamma .5 --channels random"
            + " --complement-rank 2|"
            + "--complement-rank: --channels random looks at no singular triples",
        "lost in --output o --mode pretrain --rank 3 --sparsity .1 --gamma .5 --columns 9|"
            + "--columns: a layer is a whole matrix with --mode pretrain",
        "demo --max-error 2|--max-error: expected a fraction from 0 to less than 1, got 2.0"
      })
  void whatMakesNoSenseIsToldInOneLine(String arguments, String message) {
    Session session = Session.run(arguments.split(" "));
    assertEquals(List.of("colonnade: " + message), session.err());
    assertEquals(2, session.exitCode);
  }

  /** Of all options of all commands that take one of a few words. */
  static Stream<Arguments> choices() {
    Session session = Session.run("--version");
    return Colonnade.commandLine(session.terminal, new Failures(session.terminal))
        .getSubcommands()
        .values()
        .stream()
        .flatMap(
            command ->
                command.getCommandSpec().options().stream()
                    .filter(option -> option.type().isEnum())
                    .map(
                        option ->
                            Arguments.of(
                                command.getCommandName(),
                                option.longestName(),
                                option.type().getEnumConstants())));
  }

  @ParameterizedTest
  @MethodSource("choices")
  void anUnknownWordIsNoInput(String command, String option, Object[] words) {
    String[] wrong = {words[0] + "x", words[0].toString().toUpperCase(Locale.ROOT), "", "in"};
    for (String word : wrong) {
      String line =
          "colonnade: Invalid value for option '"
              + option
              + "': expected one of "
              + Arrays.stream(words).map(Object::toString).collect(Collectors.joining(", "))
              + ", got "
              + word;
      for (Session session :
          List.of(
              Session.run(command, "in", option + "=" + word),
              Session.run(command, option, word, "in"))) {
        assertEquals(2, session.exitCode);
        assertEquals(line.strip(), session.err().get(0));
      }
    }
  }

  @Test
  void transposeNeedsAWord() {
    Session session = Session.run("plan", "in", "--transpose");
    assertEquals(2, session.exitCode);
    assertEquals(
        "colonnade: Missing required parameter for option '--transpose' (WHEN)",
        session.err().get(0));
  }

  @Test
  void withoutACommandThereIsAHint() {
    Session session = Session.run();
    assertEquals(2, session.exitCode);
    assertEquals(
        List.of("colonnade: Missing required subcommand", "try colonnade --help"), session.err());
  }

  @Test
  void compressHandsItsOptionsOver() {
    List<CompressCommand> seen = new ArrayList<>();
    CompressCommand command =
        new CompressCommand(
            (options, terminal) -> {
              seen.add(options);
              return 0;
            });
    Session session = Session.run("--version");
    CommandLine line = Colonnade.commandLine(session.terminal, new Failures(session.terminal));
    line.getCommandSpec().removeSubcommand("compress");
    line.addSubcommand(command);
    Colonnade.registerConverters(line);
    String arguments =
        "compress a s3://b/c --output o --max-error 0.05 --rows 384 --columns 2 --include *.w"
            + " --include x --exclude y --strict --rank-limit 7 --scope cluster --strategy max-norm"
            + " --precision float64 --store-dtype bf16 --weights w --parallelism 3 --transpose never";
    assertEquals(0, line.execute(arguments.split(" ")));
    CompressCommand options = seen.get(0);
    assertAll(
        () -> assertEquals(List.of("a", "s3://b/c"), options.input().inputs()),
        () -> assertEquals("o", options.output()),
        () -> assertEquals(0.05, options.goal().maxError()),
        () -> assertEquals(OptionalInt.of(384), options.input().rows()),
        () -> assertEquals(OptionalInt.of(2), options.input().columns()),
        () -> assertEquals(List.of("*.w", "x"), options.input().include()),
        () -> assertEquals(List.of("y"), options.input().exclude()),
        () -> assertTrue(options.input().strict()),
        () -> assertEquals(Transpose.NEVER, options.input().transpose()),
        () -> assertEquals(OptionalInt.of(7), options.compression().rankLimit()),
        () -> assertEquals(Scope.CLUSTER, options.compression().scope()),
        () -> assertEquals("max-norm", options.compression().strategy()),
        () -> assertEquals(Precision.FLOAT64, options.compression().precision()),
        () -> assertEquals(StoreDtype.BF16, options.compression().storeDtype()),
        () -> assertEquals(Optional.of("w"), options.compression().weights()),
        () -> assertEquals(3, options.run().target().parallelism()));

    assertEquals(0, line.execute("compress a --output o --max-error 0".split(" ")));
    CompressCommand defaults = seen.get(1);
    assertAll(
        () -> assertEquals(Scope.BLOCK, defaults.compression().scope()),
        () -> assertEquals("auto", defaults.compression().strategy()),
        () -> assertEquals(Precision.FLOAT32, defaults.compression().precision()),
        () -> assertEquals(StoreDtype.SOURCE, defaults.compression().storeDtype()),
        () -> assertEquals(Optional.empty(), defaults.compression().weights()),
        () -> assertEquals(OptionalInt.empty(), defaults.compression().rankLimit()),
        () -> assertEquals(0, defaults.compression().partitions()),
        () -> assertEquals(Transpose.AUTO, defaults.input().transpose()),
        () -> assertEquals(List.of(), defaults.input().include()),
        () ->
            assertEquals(
                Runtime.getRuntime().availableProcessors(), defaults.run().target().parallelism()));
  }
}
