package io.github.colonnade.jobs.stream;

import io.github.colonnade.jobs.flink.Codec;
import io.github.colonnade.jobs.flink.CodecSerializer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Records within records, each with the version of its own codec. */
final class Versioned<T> {

  private final CodecSerializer<T> serializer;

  Versioned(Codec<T> codec) {
    this.serializer = new CodecSerializer<>(codec);
  }

  void write(T record, DataOutputView out) throws IOException {
    serializer.serialize(record, out);
  }

  T read(DataInputView in) throws IOException {
    return serializer.deserialize(in);
  }

  void writeAll(Collection<? extends T> records, DataOutputView out) throws IOException {
    out.writeInt(records.size());
    for (T record : records) {
      write(record, out);
    }
  }

  List<T> readAll(DataInputView in) throws IOException {
    List<T> records = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      records.add(read(in));
    }
    return records;
  }
}
