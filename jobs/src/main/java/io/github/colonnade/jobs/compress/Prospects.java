package io.github.colonnade.jobs.compress;

import io.github.colonnade.bounds.ScaledEnergy;
import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.bounds.TradeOff;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.svd.partition.ClusterTradeOff;
import io.github.colonnade.svd.partition.Family;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Makes the {@link Prospect}s of the clusters of a family, where the scope asks for them. */
final class Prospects {

  /** Directions below this share of the error limit are of no use to any cluster. */
  private static final double NEGLIGIBLE_SHARE = 0.02;

  private final CompressSettings settings;
  private final Family family;
  private final List<SketchedBlock> blocks;
  private final int exponent;
  private final int directionLimit;
  private final ClusterTradeOff tradeOffs;

  /**
   * @param blocks those of the family, whose sketches keep their proportions in it
   */
  Prospects(
      CompressSettings settings, Family family, List<SketchedBlock> blocks, int directionLimit) {
    this.settings = settings;
    this.family = family;
    this.blocks = blocks;
    this.directionLimit = directionLimit;
    this.exponent = blocks.stream().mapToInt(SketchedBlock::sketchExponent).max().orElse(0);
    double negligible = NEGLIGIBLE_SHARE * settings.maxError();
    this.tradeOffs = new ClusterTradeOff(family, directionLimit, negligible * negligible);
  }

  /**
   * The prospect of a cluster; none but in scope collection.
   *
   * @param members positions in the family
   * @param sketch the spectrum of all members
   */
  Optional<Prospect> of(int[] members, Spectrum sketch) {
    if (!settings.isAllocated()) {
      return Optional.empty();
    }
    ScaledEnergy energy = ScaledEnergy.ZERO;
    List<Spectrum> spectra = new ArrayList<>();
    for (int j : members) {
      SketchedBlock block = blocks.get(j);
      energy = energy.plus(new ScaledEnergy(block.spectrum().energy(), block.sketchExponent()));
      spectra.add(family.block(j).spectrum());
    }
    List<DType> types =
        Arrays.stream(members).mapToObj(j -> blocks.get(j).block().tensor().dtype()).toList();
    FactorFormat format = FactorFormat.of(settings.method().storeDtype(), types);
    double rounding = format.typicalRounding();
    TradeOff together =
        members.length == 1
            ? TradeOff.ofMatrix(
                spectra.get(0),
                family.rows(),
                family.block(members[0]).columns(),
                directionLimit,
                rounding)
            : tradeOffs.of(members, rounding, format.sizeBytes(), sketch);
    return Optional.of(new Prospect(energy, exponent, together, spectra));
  }
}
