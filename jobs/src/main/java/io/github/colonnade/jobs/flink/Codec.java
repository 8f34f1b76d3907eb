package io.github.colonnade.jobs.flink;

import java.io.IOException;
import java.io.Serializable;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * How one type of record is written between operators.
 *
 * <p>Implementations have a public constructor without arguments, no state, and write the same
 * bytes for the same record. Whoever changes the bytes raises {@link #version} and keeps reading
 * the old ones, or raises {@link #oldestVersion}.
 */
public interface Codec<T> extends Serializable {

  /** The class of the records. */
  Class<T> type();

  /** The version that {@link #write} writes, from 1. */
  int version();

  /** The oldest version that {@link #read} can tell apart from others and reads. */
  default int oldestVersion() {
    return 1;
  }

  void write(T record, DataOutputView out) throws IOException;

  /**
   * Reads what {@link #write} wrote.
   *
   * @param version the version that wrote the bytes
   */
  T read(int version, DataInputView in) throws IOException;
}
