package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.ScaledEnergy;
import io.github.colonnade.bounds.Spectrum;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** What becomes of blocks: factors, or their own numbers. */
public sealed interface Encoding {

  /**
   * Blocks that share a basis (or one block with its own).
   *
   * @param rank r, how many directions the basis has; 0 when all blocks are zero, or all may be
   *     lost
   * @param basis U: m×r in the storage format, row after row; empty if it was given ({@link
   *     GivenBasis}) and is stored already
   * @param mask which directions each block uses, {@link KeptRows} in the order of the blocks;
   *     empty when each uses all
   * @param blocks by ascending position
   * @param error ‖M − M̂‖_F / ‖M‖_F of the blocks side by side, measured
   * @param weightedError the same where each block with a weight is multiplied by its F; only if
   *     there is such a block
   * @param energy ‖M‖_F²
   * @param weightedEnergy the same where each block with a weight is multiplied by its F
   * @param spectrum that of these blocks side by side, with their weights, if it is known: in scope
   *     cluster as they are, in scope block (and for a block alone) scaled to unit energy
   * @param intact whether the members are those that were given to the encoder
   */
  record LowRank(
      int rank,
      byte[] basis,
      byte[] mask,
      List<EncodedBlock> blocks,
      double error,
      OptionalDouble weightedError,
      ScaledEnergy energy,
      ScaledEnergy weightedEnergy,
      Optional<Spectrum> spectrum,
      boolean intact)
      implements Encoding {

    /** The numbers of the factors, all bytes counted as numbers. */
    long numbers(StorageFormat format) {
      return Encoding.numbers(format, basis, mask, blocks);
    }
  }

  /**
   * A block that keeps its numbers.
   *
   * @param energy ‖A‖_F²
   * @param weightedEnergy ‖A·F‖_F² if the block has a weight, else the same
   * @param reason why, for the reader of the manifest
   */
  record Raw(int position, ScaledEnergy energy, ScaledEnergy weightedEnergy, String reason)
      implements Encoding {}

  /** The numbers of factors, all bytes counted as numbers. */
  static long numbers(StorageFormat format, byte[] basis, byte[] mask, List<EncodedBlock> blocks) {
    long numbers = format.numbers(basis.length) + format.numbers(mask.length);
    for (EncodedBlock each : blocks) {
      numbers += format.numbers(each.coefficients().length);
    }
    return numbers;
  }
}
