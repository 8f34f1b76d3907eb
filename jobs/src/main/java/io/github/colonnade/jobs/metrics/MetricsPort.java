package io.github.colonnade.jobs.metrics;

import io.github.colonnade.jobs.UsageException;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.prometheus.PrometheusReporterFactory;
import org.apache.flink.metrics.reporter.MetricReporter;

/**
 * Flink's reporter for Prometheus, for a cluster that lives in this process and ends with its jobs.
 *
 * <p>On a cluster metrics go when their subtask ends. Here those of our meters stay as they were in
 * the end, so that what was sketched since the last scrape is not lost when the last tensor is:
 * until the process ends, or until another subtask has metrics with the same names and takes their
 * place.
 */
public final class MetricsPort implements MetricReporter {

  /** The setting of Flink's reporter. */
  private static final String PORT = "port";

  private static final int LARGEST_PORT = 65_535;

  /** A metric of a subtask that has ended. */
  private record Kept(Metric metric, String name, MetricGroup group) {}

  private final MetricReporter reporter;
  private final Map<String, Kept> kept = new HashMap<>();

  private MetricsPort(MetricReporter reporter) {
    this.reporter = reporter;
  }

  /**
   * Begins to answer on a port.
   *
   * @param port of all addresses of this machine
   * @throws UsageException if another program has the port
   */
  public static MetricsPort open(int port) {
    requireFree(port);
    MetricConfig config = new MetricConfig();
    config.setProperty(PORT, Integer.toString(port));
    try {
      MetricReporter reporter = new PrometheusReporterFactory().createMetricReporter(config);
      reporter.open(config);
      return new MetricsPort(reporter);
    } catch (RuntimeException e) {
      throw taken(port, e);
    }
  }

  /** Refuses what is no port. */
  public static void check(int port) {
    if (port < 1 || port > LARGEST_PORT) {
      throw new UsageException(
          "--metrics-port: expected a port from 1 to " + LARGEST_PORT + ", got " + port);
    }
  }

  /**
   * Checks that a port can be used. The reporter would only log the reason.
   *
   * @throws UsageException if it cannot
   */
  public static void requireFree(int port) {
    try {
      new ServerSocket(port).close();
    } catch (IOException e) {
      throw taken(port, e);
    }
  }

  private static UsageException taken(int port, Exception cause) {
    return new UsageException(
        "--metrics-port "
            + port
            + ": the port cannot be used ("
            + cause.getMessage()
            + "); choose another, or end the program that has it",
        cause);
  }

  @Override
  public void open(MetricConfig config) {}

  @Override
  public synchronized void notifyOfAddedMetric(Metric metric, String name, MetricGroup group) {
    Kept before = kept.remove(group.getMetricIdentifier(name));
    if (before != null) {
      reporter.notifyOfRemovedMetric(before.metric, before.name, before.group);
    }
    reporter.notifyOfAddedMetric(metric, name, group);
  }

  @Override
  public synchronized void notifyOfRemovedMetric(Metric metric, String name, MetricGroup group) {
    if (metric instanceof OperatorMetric) {
      kept.put(group.getMetricIdentifier(name), new Kept(metric, name, group));
    } else {
      reporter.notifyOfRemovedMetric(metric, name, group);
    }
  }

  @Override
  public void close() {
    reporter.close();
  }
}
