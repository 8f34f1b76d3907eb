package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the launcher script with a Java and a Maven that only tell how they were called. */
class LauncherIT {
  @TempDir private Path root;
  private Path project;
  private Path commands;
  private Path launcher;
  private Path jar;

  /** There once Java has been asked for its version. */
  private Path asked;

  @BeforeEach
  void layOut() throws IOException {
    project = root.toRealPath().resolve("a project");
    commands = Files.createDirectories(root.resolve("commands"));
    launcher = project.resolve("jobs/bin/colonnade");
    jar = project.resolve("jobs/target/colonnade.jar");
    asked = root.resolve("asked");
    Files.createDirectories(launcher.getParent());
    Files.createDirectories(jar.getParent());
    Files.copy(Path.of("bin/colonnade"), launcher);
    launcher.toFile().setExecutable(true);
    command("java", java("17.0.9"));
    command("mvn", "echo \"mvn in $PWD: $*\"; touch jobs/target/colonnade.jar");
    command("npm", "exit 0");
  }

  @Test
  void startsTheJarWithItsOptions() throws Exception {
    Files.createFile(jar);
    Result result = run(launcher, Map.of("JAVA_OPTS", "-Xmx1g -Dx=y"), "inspect", "my dir");
    assertEquals(0, result.exitCode);
    List<String> lines = result.out.lines().toList();
    assertEquals("OMP 1 OPENBLAS 1", lines.get(0));
    assertTrue(lines.contains("-Dorg.bytedeco.javacpp.maxphysicalbytes=0"), result.out);
    assertTrue(
        lines.contains(
            "-Dcolonnade.demo.model=" + project + "/jobs/target/minilm/all-minilm-l6-v2.onnx"),
        result.out);
    assertEquals(
        List.of("-Xmx1g", "-Dx=y", "-jar", jar.toString(), "inspect", "my dir"),
        lines.subList(lines.size() - 6, lines.size()));
    assertFalse(result.out.contains("colonnade.terminal"), "standard error is no terminal here");
  }

  @Test
  void worksThroughSymbolicLinks() throws Exception {
    Files.createFile(jar);
    Files.createSymbolicLink(root.resolve("far"), launcher);
    Path near = Files.createSymbolicLink(commands.resolve("near"), Path.of("../far"));
    Result result = run(near, Map.of(), "plan");
    assertEquals(0, result.exitCode, result.out);
    assertTrue(result.out.contains("\n" + jar + "\n"), result.out);
  }

  @Test
  void buildsTheJarOnce() throws Exception {
    String call = "mvn in " + project + ": -q -pl jobs -am -DskipTests package\n";
    assertTrue(run(launcher, Map.of()).out.contains(call));
    assertFalse(run(launcher, Map.of()).out.contains("mvn in"));
    assertTrue(run(launcher, Map.of("COLONNADE_REBUILD", "1")).out.contains(call));
  }

  @Test
  void saysWhenTheBuildFailed() throws Exception {
    command("mvn", "exit 1");
    Result result = run(launcher, Map.of());
    assertEquals(2, result.exitCode);
    assertTrue(result.out.endsWith("colonnade: the build failed\n"), result.out);
  }

  @Test
  void anOldJavaIsRefused() throws Exception {
    command("java", java("11.0.2"));
    Result result = run(launcher, Map.of());
    assertEquals(2, result.exitCode);
    assertEquals(
        "colonnade: java has version 11; install a JDK of version 17 or later (Debian: apt-get"
            + " install default-jdk-headless)\n",
        result.out);
  }

  @Test
  void javaHomeIsTakenBeforeThePath() throws Exception {
    Files.createFile(jar);
    command("java", java("11.0.2"));
    Path home = root.resolve("jdk");
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(home.resolve("bin/java"), "#!/bin/bash\n" + java("21"));
    home.resolve("bin/java").toFile().setExecutable(true);
    assertEquals(0, run(launcher, Map.of("JAVA_HOME", home.toString())).exitCode);
    Result none = run(launcher, Map.of("JAVA_HOME", root.toString()));
    assertEquals(2, none.exitCode);
    assertTrue(none.out.startsWith("colonnade: there is no Java; install"), none.out);
  }

  @Test
  void theVersionOfJavaIsReadFromItsRelease() throws Exception {
    Files.createFile(jar);
    Path home = jdk("IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"17.0.15\"\n");
    assertEquals(0, run(launcher, Map.of("JAVA_HOME", home.toString())).exitCode);
    assertFalse(Files.exists(asked), "Java was started to tell its version");
    Files.delete(commands.resolve("java"));
    Files.createSymbolicLink(commands.resolve("java"), home.resolve("bin/java"));
    assertEquals(0, run(launcher, Map.of()).exitCode);
    assertFalse(Files.exists(asked), "Java was started to tell its version");
  }

  @Test
  void anOldJavaIsRefusedByItsRelease() throws Exception {
    Path home = jdk("JAVA_VERSION=\"1.8.0_402\"\n");
    Result result = run(launcher, Map.of("JAVA_HOME", home.toString()));
    assertEquals(2, result.exitCode);
    assertEquals(
        "colonnade: "
            + home
            + "/bin/java has version 1; install a JDK of version 17 or later (Debian: apt-get"
            + " install default-jdk-headless)\n",
        result.out);
  }

  @Test
  void javaIsAskedWhereItsReleaseDoesNotTell() throws Exception {
    Files.createFile(jar);
    Path home = jdk("JAVA_VERSION=\"unknown\"\n");
    assertEquals(0, run(launcher, Map.of("JAVA_HOME", home.toString())).exitCode);
    assertTrue(Files.exists(asked));
  }

  @Test
  void aJavaThatDoesNotRunIsRefused() throws Exception {
    command("java", "echo 'no such machine' >&2; exit 1");
    Result result = run(launcher, Map.of());
    assertEquals(2, result.exitCode);
    assertTrue(result.out.startsWith("colonnade: java has version unknown; install"), result.out);
  }

  @Test
  void theArchiveOfClassesIsGivenToJavaWhereItIsWhole() throws Exception {
    Files.createFile(jar);
    Path archive = jar.resolveSibling("colonnade.jsa");
    Path size = jar.resolveSibling("colonnade.jsa.size");
    String option = "-XX:SharedArchiveFile=" + archive;
    assertFalse(run(launcher, Map.of()).out.contains("SharedArchiveFile"));
    Files.writeString(archive, "classes");
    assertFalse(run(launcher, Map.of()).out.contains("SharedArchiveFile"));
    Files.writeString(size, "7\n");
    assertTrue(run(launcher, Map.of()).out.lines().toList().contains(option));
    Files.writeString(archive, "class");
    assertFalse(run(launcher, Map.of()).out.contains("SharedArchiveFile"));
    Files.writeString(size, "");
    assertFalse(run(launcher, Map.of()).out.contains("SharedArchiveFile"));
  }

  @Test
  void onlyShortCommandsAreNotOptimized() throws Exception {
    Files.createFile(jar);
    String option = "-XX:TieredStopAtLevel=1";
    assertTrue(run(launcher, Map.of(), "--help").out.contains(option));
    assertTrue(run(launcher, Map.of(), "plan", "x").out.contains(option));
    assertTrue(run(launcher, Map.of(), "compress", "--help").out.contains(option));
    assertFalse(run(launcher, Map.of(), "compress", "x", "--output", "plan").out.contains(option));
  }

  /** A folder of Java 17 whose release says something. */
  private Path jdk(String release) throws IOException {
    Path home = root.toRealPath().resolve("jdk");
    Path program = home.resolve("bin/java");
    Files.createDirectories(program.getParent());
    Files.writeString(program, "#!/bin/bash\n" + java("17.0.15"));
    program.toFile().setExecutable(true);
    Files.writeString(home.resolve("release"), release);
    return home;
  }

  private String java(String version) {
    return """
        if [[ $1 == -version ]]; then
          touch "%s"
          echo "Picked up JAVA_TOOL_OPTIONS: -Dx" >&2
          echo 'openjdk version "%s" 2023-10-17' >&2
          exit
        fi
        echo "OMP $OMP_NUM_THREADS OPENBLAS $OPENBLAS_NUM_THREADS"
        printf '%%s\\n' "$@"
        """
        .formatted(asked, version);
  }

  private void command(String name, String script) throws IOException {
    Path file = commands.resolve(name);
    Files.writeString(file, "#!/bin/bash\n" + script);
    file.toFile().setExecutable(true);
  }

  private Result run(Path program, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(program.toString());
    builder.command().addAll(List.of(arguments));
    builder.directory(Files.createDirectories(root.resolve("elsewhere")).toFile());
    builder.environment().keySet().removeAll(List.of("JAVA_HOME", "JAVA_OPTS"));
    builder.environment().put("PATH", commands + ":/usr/bin:/bin");
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true);
    Process process = builder.start();
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), out);
  }

  private record Result(int exitCode, String out) {}
}
