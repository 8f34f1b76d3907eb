package io.github.colonnade.jobs.verify;

import io.github.colonnade.bounds.ScaledEnergy;
import io.github.colonnade.jobs.flink.Codec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.types.StringValue;

/** The bytes of a {@link Measurement}. */
public final class MeasurementCodec implements Codec<Measurement> {

  @Override
  public Class<Measurement> type() {
    return Measurement.class;
  }

  @Override
  public int version() {
    return 3;
  }

  @Override
  public void write(Measurement measurement, DataOutputView out) throws IOException {
    out.writeLong(measurement.ordinal());
    out.writeInt(measurement.lines().size());
    for (String line : measurement.lines()) {
      StringValue.writeString(line, out);
    }
    out.writeLong(measurement.findings());
    out.writeLong(measurement.blocks());
    out.writeDouble(measurement.maxBlockError());
    out.writeDouble(measurement.maxClusterError());
    write(measurement.collection().lost(), out);
    write(measurement.collection().energy(), out);
    write(measurement.collection().weighted(), out);
    out.writeInt(measurement.incomplete().size());
    for (ClusterSum sum : measurement.incomplete()) {
      StringValue.writeString(sum.id(), out);
      out.writeDouble(sum.error());
      CheckItemCodec.write(sum.weightedError(), out);
      out.writeLong(sum.members());
      out.writeLong(sum.measured());
      write(sum.lost(), out);
      write(sum.energy(), out);
      write(sum.weighted(), out);
    }
  }

  @Override
  public Measurement read(int version, DataInputView in) throws IOException {
    long ordinal = in.readLong();
    int lineCount = in.readInt();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < lineCount; i++) {
      lines.add(StringValue.readString(in));
    }
    long findings = in.readLong();
    long blocks = in.readLong();
    double maxBlockError = in.readDouble();
    double maxClusterError = in.readDouble();
    CollectionSum collection =
        version < 3
            ? CollectionSum.ZERO
            : new CollectionSum(readSum(in), readSum(in), readWeighted(in));
    int sumCount = in.readInt();
    List<ClusterSum> sums = new ArrayList<>();
    for (int i = 0; i < sumCount; i++) {
      sums.add(
          new ClusterSum(
              StringValue.readString(in),
              in.readDouble(),
              version < 2 ? OptionalDouble.empty() : CheckItemCodec.readOptional(in),
              in.readLong(),
              in.readLong(),
              readSum(in),
              readSum(in),
              version < 2 ? WeightedSum.ZERO : readWeighted(in)));
    }
    return new Measurement(
        ordinal, lines, findings, blocks, maxBlockError, maxClusterError, collection, sums);
  }

  private static void write(WeightedSum sum, DataOutputView out) throws IOException {
    write(sum.lost(), out);
    write(sum.energy(), out);
    write(sum.doubt(), out);
  }

  private static WeightedSum readWeighted(DataInputView in) throws IOException {
    return new WeightedSum(readSum(in), readSum(in), readSum(in));
  }

  private static void write(ScaledEnergy sum, DataOutputView out) throws IOException {
    out.writeDouble(sum.value());
    out.writeInt(sum.exponent());
  }

  private static ScaledEnergy readSum(DataInputView in) throws IOException {
    return new ScaledEnergy(in.readDouble(), in.readInt());
  }
}
