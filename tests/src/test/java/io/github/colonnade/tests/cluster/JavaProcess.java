package io.github.colonnade.tests.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A Java program in a process of its own, which ends with this one at the latest. */
public final class JavaProcess {
  private final String name;
  private final Process process;
  private final Path out;
  private final Path err;

  private JavaProcess(String name, Process process, Path out, Path err) {
    this.name = name;
    this.process = process;
    this.out = out;
    this.err = err;
  }

  /**
   * Starts a program.
   *
   * @param folder where it works, keeps temporary files and what it writes to the console
   * @param arguments of the command {@code java}, its own options first
   */
  public static JavaProcess start(
      String name, Path folder, Map<String, String> environment, List<String> arguments)
      throws IOException {
    Files.createDirectories(folder.resolve("tmp"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Djava.io.tmpdir=" + folder.resolve("tmp"));
    command.add("-XX:+UseSerialGC");
    command.add("-Dorg.bytedeco.javacpp.maxphysicalbytes=0");
    for (String each : List.of("lang", "net", "io", "nio", "util")) {
      command.add("--add-opens=java.base/java." + each + "=ALL-UNNAMED");
    }
    command.addAll(arguments);
    Path out = folder.resolve(name + ".out");
    Path err = folder.resolve(name + ".err");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    return new JavaProcess(name, process, out, err);
  }

  public String name() {
    return name;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** What it wrote to its standard output. */
  public String out() throws IOException {
    return Files.readString(out);
  }

  /** What it wrote to its standard error. */
  public String err() throws IOException {
    return Files.readString(err);
  }

  /** Waits for its end and returns the exit code. */
  public int exitCode(long seconds) throws InterruptedException, IOException {
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      throw new AssertionError(name + " still runs after " + seconds + " s:\n" + err());
    }
    return process.exitValue();
  }

  /** Kills it as {@code kill -9} does, whatever it does. */
  public void kill() {
    process.destroyForcibly().onExit().join();
  }

  /** Asks it to end, as Ctrl-C does. */
  public void terminate() {
    process.destroy();
  }

  /** Stops it from doing anything until it is killed. */
  void suspend() throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-STOP", String.valueOf(process.pid())).start().waitFor();
  }
}
