package io.github.colonnade.jobs.compress;

import io.github.colonnade.bounds.ScaledEnergy;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.bounds.TradeOff;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * What a cluster would cost for what it loses, together or each member by itself.
 *
 * @param energy of all members, with their weights
 * @param exponent the unit of all energies below is 4 to this power
 * @param together what all members cost that share a basis
 * @param members the spectrum of the sketch of each
 */
public record Prospect(
    ScaledEnergy energy, int exponent, TradeOff together, List<Spectrum> members) {

  void write(DataOutputView out) throws IOException {
    out.writeDouble(energy.value());
    out.writeInt(energy.exponent());
    out.writeInt(exponent);
    out.writeInt(together.size());
    for (int way = 0; way < together.size(); way++) {
      out.writeDouble(together.lost(way));
      out.writeLong(together.numbers(way));
    }
    out.writeInt(members.size());
    for (Spectrum member : members) {
      RecordBytes.writeDoubles(squares(member), out);
      out.writeDouble(member.droppedEnergy());
    }
  }

  static Prospect read(DataInputView in) throws IOException {
    ScaledEnergy energy = new ScaledEnergy(in.readDouble(), in.readInt());
    int exponent = in.readInt();
    double[] lost = new double[in.readInt()];
    long[] numbers = new long[lost.length];
    for (int way = 0; way < lost.length; way++) {
      lost[way] = in.readDouble();
      numbers[way] = in.readLong();
    }
    List<Spectrum> members = new ArrayList<>();
    for (int remaining = in.readInt(); remaining > 0; remaining--) {
      members.add(Spectrum.ofKept(RecordBytes.readDoubles(in), in.readDouble()));
    }
    return new Prospect(energy, exponent, TradeOff.of(lost, numbers), members);
  }

  static double[] squares(Spectrum spectrum) {
    double[] squares = new double[spectrum.size()];
    for (int i = 0; i < squares.length; i++) {
      squares[i] = spectrum.squaredSingularValue(i);
    }
    return squares;
  }
}
