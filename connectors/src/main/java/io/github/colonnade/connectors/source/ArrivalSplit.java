package io.github.colonnade.connectors.source;

import org.apache.flink.api.connector.source.SourceSplit;

/**
 * One arrival on its way to a reader.
 *
 * @param number among all arrivals, from 0
 * @param arrival what the reader emits
 */
public record ArrivalSplit(long number, Arrival arrival) implements SourceSplit {

  @Override
  public String splitId() {
    return Long.toString(number);
  }
}
