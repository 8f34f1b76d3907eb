package io.github.colonnade.jobs;

import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;

/**
 * A mistake that the user can correct: a wrong option, an input that cannot be read, an output that
 * exists. The message is one full line that names the file, the tensor and the reason; the command
 * line shows it without a stack trace and exits with 2.
 */
@ThrowableAnnotation(ThrowableType.NonRecoverableError)
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(message);
  }

  public UsageException(String message, Throwable cause) {
    super(message, cause);
  }
}
