package io.github.colonnade.jobs.memory;

import java.io.Serializable;

/**
 * What a user allows for payloads. No result depends on it.
 *
 * @param bytesPerSlot heap and native memory together, or 0 for as much as the process has
 */
public record PayloadLimit(long bytesPerSlot) implements Serializable {

  /** As much as the process has. */
  public static final PayloadLimit NONE = new PayloadLimit(0);

  public boolean isSet() {
    return bytesPerSlot > 0;
  }
}
