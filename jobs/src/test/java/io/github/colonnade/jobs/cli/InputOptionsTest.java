package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.colonnade.jobs.UsageException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class InputOptionsTest {

  @ParameterizedTest
  @ValueSource(strings = {"--include", "--exclude"})
  void emptyPatternsAreRefused(String option) {
    InputOptions options = new InputOptions();
    new CommandLine(options).parseArgs("in", option, "*", option, "");
    UsageException e = assertThrows(UsageException.class, options::check);
    assertEquals(option + ": expected a pattern, got an empty one", e.getMessage());
  }
}
