package io.github.colonnade.tests.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The program in a process of its own, with credentials in its environment. */
record Program(Path folder, String endpoint) {
  static final String KEY_ID = "key-id-that-nobody-may-see";
  static final String SECRET = "secret-that-nobody-may-see";

  /** What a run wrote. */
  record Result(int exitCode, String out, String err) {}

  /** The file that the program logs to. */
  Path log() {
    return folder.resolve("program.log");
  }

  /** Starts a command. */
  Process start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String each : List.of("lang", "net", "io", "nio", "util")) {
      command.add("--add-opens=java.base/java." + each + "=ALL-UNNAMED");
    }
    command.addAll(
        List.of(
            "-Xmx512m",
            "-Dcolonnade.log=" + log(),
            "-cp",
            System.getProperty("java.class.path"),
            "io.github.colonnade.jobs.cli.Colonnade"));
    command.addAll(List.of(arguments));
    command.addAll(
        List.of(
            "--fs=s3.endpoint=" + endpoint,
            "--fs=s3.path.style.access=true",
            "--fs=s3.endpoint.region=us-east-1"));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectOutput(folder.resolve("out.txt").toFile())
            .redirectError(folder.resolve("err.txt").toFile());
    builder.environment().put("AWS_ACCESS_KEY_ID", KEY_ID);
    builder.environment().put("AWS_SECRET_ACCESS_KEY", SECRET);
    return builder.start();
  }

  /** Runs a command to its end. */
  Result run(String... arguments) throws IOException, InterruptedException {
    int exitCode = start(arguments).waitFor();
    return new Result(
        exitCode,
        Files.readString(folder.resolve("out.txt")),
        Files.readString(folder.resolve("err.txt")));
  }
}
