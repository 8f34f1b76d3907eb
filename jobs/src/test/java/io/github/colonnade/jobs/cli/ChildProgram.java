package io.github.colonnade.jobs.cli;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The program in a Java process of its own, from the class path of the tests. */
final class ChildProgram {
  private ChildProgram() {}

  /**
   * Starts the program; its output is thrown away.
   *
   * @param heap as for {@code -Xmx}
   */
  static Process start(String heap, String... arguments) throws IOException {
    ProcessBuilder builder = builder(heap, arguments);
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    return builder.start();
  }

  /** The program with the options that the launcher gives it. */
  static ProcessBuilder builder(String heap, String... arguments) {
    return builder(heap, Colonnade.class, arguments);
  }

  /** A class with a {@code main} that runs the program, likewise. */
  static ProcessBuilder builder(String heap, Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.addAll(List.of("-Xmx" + heap, "-XX:+UseParallelGC"));
    command.add("-Dorg.bytedeco.javacpp.maxphysicalbytes=0");
    command.add("-Dcolonnade.log=" + System.getProperty("colonnade.log"));
    for (String name : List.of("lang", "net", "io", "nio", "util")) {
      command.add("--add-opens=java.base/java." + name + "=ALL-UNNAMED");
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("MALLOC_ARENA_MAX", "1");
    return builder;
  }
}
