package io.github.colonnade.connectors.io;

import java.util.Objects;
import java.util.Optional;
import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;
import org.jspecify.annotations.Nullable;

/**
 * An input that cannot be used: missing, truncated, corrupt, or of a kind that is not supported.
 *
 * <p>The message is one line: {@code file: tensor "name": reason}, where the reason also says what
 * to do. It names the file by its last path component; {@link #source()} has the whole URI.
 */
@ThrowableAnnotation(ThrowableType.NonRecoverableError)
public final class FormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST_NAME = 200;

  private final String source;
  private final @Nullable String tensor;
  private final String reason;

  private FormatException(String source, @Nullable String tensor, String reason) {
    super(
        fileName(source)
            + (tensor == null ? "" : ": tensor \"" + oneLine(tensor) + "\"")
            + ": "
            + reason);
    this.source = source;
    this.tensor = tensor;
    this.reason = reason;
  }

  /** An error of a whole file. {@code source} is its URI. */
  public static FormatException of(String source, String reason) {
    return new FormatException(source, null, oneLine(reason, 2000));
  }

  /** An error of one tensor of a file. {@code source} is the file's URI. */
  public static FormatException of(String source, String tensor, String reason) {
    return new FormatException(source, tensor, oneLine(reason, 2000));
  }

  /** Records the cause and returns this. */
  public FormatException causedBy(Throwable cause) {
    initCause(cause);
    return this;
  }

  /** File, tensor and reason on one line; never null. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }

  /** URI of the file. */
  public String source() {
    return source;
  }

  /** Name of the tensor, if the error belongs to one. */
  public Optional<String> tensor() {
    return Optional.ofNullable(tensor);
  }

  /** What is wrong and what to do, without the names. */
  public String reason() {
    return reason;
  }

  /** {@code text} from an untrusted file, made fit to be shown within one line of a message. */
  public static String oneLine(String text) {
    return oneLine(text, LONGEST_NAME);
  }

  private static String oneLine(String text, int longest) {
    StringBuilder line = new StringBuilder(Math.min(text.length(), longest) + 1);
    for (int i = 0; i < text.length() && i < longest; i++) {
      char c = text.charAt(i);
      line.append(Character.isISOControl(c) || c == '\u2028' || c == '\u2029' ? '\ufffd' : c);
    }
    return text.length() > longest ? line.append('…').toString() : line.toString();
  }

  private static String fileName(String source) {
    String path = source;
    while (path.length() > 1 && path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    String name = path.substring(path.lastIndexOf('/') + 1);
    return oneLine(name.isEmpty() ? source : name);
  }
}
