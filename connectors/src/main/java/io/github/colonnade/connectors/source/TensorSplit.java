package io.github.colonnade.connectors.source;

import io.github.colonnade.connectors.tensor.TensorInfo;
import org.apache.flink.api.connector.source.SourceSplit;

/**
 * One tensor of a collection, without its payload.
 *
 * @param ordinal its number in the order of the listing, from 0
 * @param tensor where it is
 * @param listStartMillis when the listing began, in milliseconds since 1970
 * @param listEndMillis when the listing was complete
 */
public record TensorSplit(long ordinal, TensorInfo tensor, long listStartMillis, long listEndMillis)
    implements SourceSplit {

  @Override
  public String splitId() {
    return Long.toString(ordinal);
  }
}
