package io.github.colonnade.jobs.stream;

import io.github.colonnade.jobs.flink.Codec;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * A segment that waits for its checkpoint.
 *
 * @param checkpoint after which it is to be written
 * @param number among the segments of the collection, from 1
 * @param bytes of its manifest
 */
@SuppressWarnings("ArrayRecordComponent") // It is compared by nobody.
public record Segment(long checkpoint, long number, byte[] bytes) {

  /** The bytes in the state of the job. */
  public static final class SegmentCodec implements Codec<Segment> {

    @Override
    public Class<Segment> type() {
      return Segment.class;
    }

    @Override
    public int version() {
      return 1;
    }

    @Override
    public void write(Segment record, DataOutputView out) throws IOException {
      out.writeLong(record.checkpoint);
      out.writeLong(record.number);
      out.writeInt(record.bytes.length);
      out.write(record.bytes);
    }

    @Override
    public Segment read(int version, DataInputView in) throws IOException {
      long checkpoint = in.readLong();
      long number = in.readLong();
      byte[] bytes = new byte[in.readInt()];
      in.readFully(bytes);
      return new Segment(checkpoint, number, bytes);
    }
  }
}
