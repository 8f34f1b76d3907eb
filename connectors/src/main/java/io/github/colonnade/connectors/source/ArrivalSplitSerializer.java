package io.github.colonnade.connectors.source;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** The bytes of splits. */
final class ArrivalSplitSerializer extends VersionedBytes<ArrivalSplit> {

  ArrivalSplitSerializer() {
    super("a split", 1);
  }

  @Override
  void write(ArrivalSplit split, DataOutput out) throws IOException {
    out.writeLong(split.number());
    ArrivalBytes.write(split.arrival(), out);
  }

  @Override
  ArrivalSplit read(DataInput in) throws IOException {
    return new ArrivalSplit(in.readLong(), ArrivalBytes.read(in));
  }
}
