package io.github.colonnade.jobs.metrics;

import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.metrics.CharacterFilter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;

/** A group that notes, by name and labels, what is put into it and the groups below. */
final class NotedGroup extends UnregisteredMetricsGroup {
  final Map<String, Metric> metrics;
  final String scope;
  final Map<String, String> labels;

  NotedGroup(Map<String, Metric> metrics, String scope, Map<String, String> labels) {
    this.metrics = metrics;
    this.scope = scope;
    this.labels = labels;
  }

  private <M extends Metric> M note(String name, M metric) {
    metrics.put(scope + "_" + name + (labels.isEmpty() ? "" : labels.toString()), metric);
    return metric;
  }

  @Override
  public <C extends org.apache.flink.metrics.Counter> C counter(String name, C counter) {
    return note(name, counter);
  }

  @Override
  public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
    return note(name, gauge);
  }

  @Override
  public MetricGroup addGroup(String name) {
    return new NotedGroup(metrics, scope.isEmpty() ? name : scope + "_" + name, labels);
  }

  @Override
  public MetricGroup addGroup(String key, String value) {
    Map<String, String> more = new TreeMap<>(labels);
    more.put(key, value);
    return new NotedGroup(metrics, scope + "_" + key, more);
  }

  @Override
  public String getMetricIdentifier(String name, CharacterFilter filter) {
    return scope + "." + name;
  }
}
