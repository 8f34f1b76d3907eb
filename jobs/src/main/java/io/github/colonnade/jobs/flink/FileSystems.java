package io.github.colonnade.jobs.flink;

import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.connectors.io.RootCause;
import io.github.colonnade.jobs.UsageException;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigConstants;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.plugin.PluginManager;
import org.apache.flink.core.plugin.PluginUtils;
import org.jspecify.annotations.Nullable;

/**
 * The file systems of this process: Flink's own and those of the plugins in the folder {@code
 * FLINK_PLUGINS_DIR}, with the options of Flink's configuration in {@code FLINK_CONF_DIR} and those
 * of the command line, which win.
 */
public final class FileSystems {
  private static final String PLUGINS = "FLINK_PLUGINS_DIR";

  /** Parts of the keys of credentials, which other users of the machine would see among options. */
  private static final Set<String> CREDENTIALS =
      Set.of(
          "access-key",
          "access.key",
          "accesskey",
          "private.key",
          "encryption.key",
          ".sas",
          "secret",
          "password",
          "token",
          "credential");

  private static final Set<String> OBJECT_STORES =
      Set.of("s3", "s3a", "s3n", "s3p", "gs", "oss", "wasb", "wasbs", "abfs", "abfss");

  /** With those of the library, it takes minutes to see that nothing is at an endpoint. */
  private static final Map<String, String> DEFAULTS =
      Map.of("s3.attempts.maximum", "4", "s3.retry.limit", "4");

  private FileSystems() {}

  /**
   * Makes the file systems known.
   *
   * @param options by key, as in Flink's configuration
   * @throws UsageException if one of them is a credential, or Flink's configuration is not sound
   */
  public static void initialize(Map<String, String> options) {
    Configuration configuration = ofFlink(System.getenv(ConfigConstants.ENV_FLINK_CONF_DIR));
    DEFAULTS.forEach(
        (key, value) -> {
          if (!configuration.containsKey(key)) {
            configuration.setString(key, value);
          }
        });
    options.forEach(
        (key, value) -> {
          if (isCredential(key)) {
            throw new UsageException(
                "--fs "
                    + key
                    + ": credentials on the command line are seen by others; put them into Flink's"
                    + " configuration (FLINK_CONF_DIR) or the environment (AWS_ACCESS_KEY_ID,"
                    + " AWS_SECRET_ACCESS_KEY)");
          }
          configuration.setString(key, value);
        });
    // Amazon's library in the plugin for S3 would write warnings to the terminal.
    System.setProperty("org.apache.commons.logging.Log", "org.apache.commons.logging.impl.NoOpLog");
    FileSystem.initialize(configuration, plugins(configuration));
  }

  /** Flink's configuration, which is empty without a directory. */
  static Configuration ofFlink(@Nullable String directory) {
    if (directory == null) {
      return new Configuration();
    }
    try {
      return GlobalConfiguration.loadConfiguration(directory);
    } catch (RuntimeException e) { // of a file that is no YAML there is no narrower type
      throw new UsageException(
          "FLINK_CONF_DIR: Flink's configuration cannot be read: " + reason(e), e);
    }
  }

  /**
   * The fault itself, which comes last, and its place. The lines of the file that follow may hold
   * credentials.
   */
  private static String reason(Throwable failure) {
    return String.valueOf(RootCause.of(failure).getMessage())
        .lines()
        .limit(2)
        .collect(Collectors.joining(" "));
  }

  private static @Nullable PluginManager plugins(Configuration configuration) {
    // Without the variable Flink would load what is in a folder "plugins" of the working directory.
    return System.getenv(PLUGINS) == null
        ? null
        : PluginUtils.createPluginManagerFromRootFolder(configuration);
  }

  private static boolean isCredential(String key) {
    String lower = key.toLowerCase(Locale.ROOT);
    return GlobalConfiguration.isSensitive(key) || CREDENTIALS.stream().anyMatch(lower::contains);
  }

  /**
   * Whether the directories of a path's file system are only beginnings of names, so that none can
   * be renamed in one step.
   */
  public static boolean isObjectStore(Path path) throws IOException {
    String scheme = InputFiles.qualify(path.toString()).toUri().getScheme();
    return scheme != null && OBJECT_STORES.contains(scheme.toLowerCase(Locale.ROOT));
  }
}
