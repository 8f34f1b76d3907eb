package io.github.colonnade.jobs.compress;

import io.github.colonnade.bounds.ScaledEnergy;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * What blocks have and lose together.
 *
 * @param lost Σ‖A − Â‖²
 * @param energy Σ‖A‖²
 * @param weightedLost as {@code lost}, blocks with a weight multiplied by it
 * @param weightedEnergy as {@code energy}, blocks with a weight multiplied by it
 */
public record EnergySums(
    ScaledEnergy lost,
    ScaledEnergy energy,
    ScaledEnergy weightedLost,
    ScaledEnergy weightedEnergy) {

  static final EnergySums ZERO =
      new EnergySums(ScaledEnergy.ZERO, ScaledEnergy.ZERO, ScaledEnergy.ZERO, ScaledEnergy.ZERO);

  EnergySums plus(EnergySums other) {
    return new EnergySums(
        lost.plus(other.lost),
        energy.plus(other.energy),
        weightedLost.plus(other.weightedLost),
        weightedEnergy.plus(other.weightedEnergy));
  }

  double error() {
    return lost.relativeTo(energy);
  }

  double weightedError() {
    return weightedLost.relativeTo(weightedEnergy);
  }

  void write(DataOutputView out) throws IOException {
    write(lost, out);
    write(energy, out);
    write(weightedLost, out);
    write(weightedEnergy, out);
  }

  static EnergySums read(DataInputView in) throws IOException {
    return new EnergySums(readEnergy(in), readEnergy(in), readEnergy(in), readEnergy(in));
  }

  private static void write(ScaledEnergy energy, DataOutputView out) throws IOException {
    out.writeDouble(energy.value());
    out.writeInt(energy.exponent());
  }

  private static ScaledEnergy readEnergy(DataInputView in) throws IOException {
    return new ScaledEnergy(in.readDouble(), in.readInt());
  }
}
