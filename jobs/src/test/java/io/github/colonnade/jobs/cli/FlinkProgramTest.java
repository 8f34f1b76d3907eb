package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Objects;
import org.apache.flink.client.program.PackagedProgram;
import org.apache.flink.client.program.ProgramInvocationException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlinkProgramTest {

  /** As a JobManager calls it, which must not end with the program. */
  @ParameterizedTest
  @ValueSource(classes = {FlinkProgram.class, Colonnade.class})
  void aMistakeIsAnExceptionWhereFlinkCallsIt(Class<?> main) throws Exception {
    try (PackagedProgram program =
        PackagedProgram.newBuilder()
            .setUserClassPaths(List.of(main.getProtectionDomain().getCodeSource().getLocation()))
            .setEntryPointClassName(main.getName())
            .setArguments("compress", "nowhere", "--output", "out")
            .build()) {
      Exception failure =
          assertThrows(
              ProgramInvocationException.class, program::invokeInteractiveModeForExecution);
      String message =
          String.valueOf(Objects.requireNonNull(failure.getCause(), "a cause").getMessage());
      assertTrue(message.startsWith("colonnade: "), message);
      assertEquals(1, message.lines().count(), message);
    }
  }
}
