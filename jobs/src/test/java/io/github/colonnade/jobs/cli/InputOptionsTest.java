package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.manifest.Transpose;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class InputOptionsTest {

  @ParameterizedTest
  @CsvSource({
    "in, AUTO",
    "--transpose in, ALWAYS",
    "in --transpose, ALWAYS",
    "--transpose never in, NEVER",
    "--transpose=auto in, AUTO",
    "in --transpose=always, ALWAYS",
    "in --transpose --strict, ALWAYS",
  })
  void transposeAloneIsAlways(String arguments, Transpose expected) {
    InputOptions options = new InputOptions();
    new CommandLine(options).parseArgs(arguments.split(" "));
    assertEquals(expected, options.transpose());
    assertEquals(List.of("in"), options.inputs());
  }

  @ParameterizedTest
  @ValueSource(strings = {"--include", "--exclude"})
  void emptyPatternsAreRefused(String option) {
    InputOptions options = new InputOptions();
    new CommandLine(options).parseArgs("in", option, "*", option, "");
    UsageException e = assertThrows(UsageException.class, options::check);
    assertEquals(option + ": expected a pattern, got an empty one", e.getMessage());
  }
}
