package io.github.colonnade.jobs.cli;

/** Where everything is logged; nothing is logged on the terminal. */
final class LogFile {
  /** The system property with the path, also read by {@code log4j2.xml}. */
  static final String PROPERTY = "colonnade.log";

  private LogFile() {}

  static String path() {
    return System.getProperty(
        PROPERTY,
        System.getProperty("java.io.tmpdir")
            + "/colonnade-"
            + System.getProperty("user.name")
            + ".log");
  }
}
