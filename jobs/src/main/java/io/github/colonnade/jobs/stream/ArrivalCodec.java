package io.github.colonnade.jobs.stream;

import io.github.colonnade.connectors.source.Arrival;
import io.github.colonnade.connectors.source.ArrivalBytes;
import io.github.colonnade.jobs.flink.Codec;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** The bytes between watch and sketch. */
public final class ArrivalCodec implements Codec<Arrival> {

  @Override
  public Class<Arrival> type() {
    return Arrival.class;
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public void write(Arrival record, DataOutputView out) throws IOException {
    ArrivalBytes.write(record, out);
  }

  @Override
  public Arrival read(int version, DataInputView in) throws IOException {
    return ArrivalBytes.read(in);
  }
}
