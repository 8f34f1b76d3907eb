package io.github.colonnade.jobs.manifest;

import java.io.IOException;
import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;

/**
 * A manifest that is not as it should be. The message is one line that names the place: {@code
 * manifest.json: clusters[3].rank: expected a whole number}.
 */
@ThrowableAnnotation(ThrowableType.NonRecoverableError)
public final class ManifestException extends IOException {
  private static final long serialVersionUID = 1L;

  ManifestException(String message) {
    super(message);
  }

  ManifestException(String message, Throwable cause) {
    super(message, cause);
  }
}
