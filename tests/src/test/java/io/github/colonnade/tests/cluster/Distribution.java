package io.github.colonnade.tests.cluster;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.Objects;
import java.util.stream.Stream;

/** What the build has made for clusters. */
final class Distribution {
  private Distribution() {}

  /** The class path of a cluster: Flink's {@code lib/} with {@code colonnade-lib} in it. */
  static String classPath() {
    return property("colonnade.flink.lib") + "/*" + File.pathSeparator + lib() + "/*";
  }

  private static Path lib() {
    return fresh(property("colonnade.lib"));
  }

  static Path plugins() {
    return property("colonnade.flink.plugins");
  }

  /** What is submitted to a cluster that has {@code colonnade-lib}. */
  static Path jobJar() {
    return fresh(property("colonnade.job.jar"));
  }

  /** Where clusters keep their files, below the build's. */
  static Path clusters() {
    return property("colonnade.clusters");
  }

  private static Path property(String name) {
    return Path.of(Objects.requireNonNull(System.getProperty(name), name))
        .toAbsolutePath()
        .normalize();
  }

  /** Jars of another build would make tests pass that should fail. */
  private static Path fresh(Path made) {
    if (!Files.exists(made)) {
      throw new IllegalStateException(made + " is not there; run mvn verify, not mvn test");
    }
    if (made.toString().endsWith(".jar") && modified(made).compareTo(newestClass()) < 0) {
      throw new IllegalStateException(
          made + " is older than the classes; run mvn verify, not mvn test");
    }
    return made;
  }

  private static FileTime newestClass() {
    Path classes = property("colonnade.job.jar").resolveSibling("classes");
    try (Stream<Path> files = Files.walk(classes)) {
      return files
          .filter(file -> file.toString().endsWith(".class"))
          .map(Distribution::modified)
          .max(Comparator.naturalOrder())
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static FileTime modified(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
