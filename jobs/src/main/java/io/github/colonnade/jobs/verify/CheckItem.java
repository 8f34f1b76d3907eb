package io.github.colonnade.jobs.verify;

import io.github.colonnade.bounds.ScaledEnergy;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorReader;
import io.github.colonnade.connectors.view.BlockReader;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.jobs.manifest.SparseEntry;
import io.github.colonnade.jobs.manifest.TensorLocation;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Work for one subtask at a time.
 *
 * @param ordinal its number; findings are shown in this order
 * @param pieces clusters, or pieces of them
 * @param copies data that must be as it was
 */
record CheckItem(long ordinal, List<ClusterPiece> pieces, List<Copy> copies) {

  /** The bytes of the originals. */
  long sizeBytes() {
    long bytes = 0;
    for (ClusterPiece piece : pieces) {
      for (TensorBlocks tensor : piece.tensors()) {
        bytes += tensor.sizeBytes();
      }
    }
    return bytes + copies.stream().mapToLong(Copy::sizeBytes).sum();
  }

  /**
   * Some members of a cluster.
   *
   * @param id which cluster
   * @param rows m
   * @param rank r
   * @param basis where U is: m×r; nowhere if r is 0
   * @param mask where it is written which columns of U each member uses; nowhere if all
   * @param error the joint error that the manifest states
   * @param weightedError the joint weighted error that the manifest states, if it does
   * @param members the blocks of the whole cluster
   * @param tensors the blocks of this piece, by tensor
   */
  record ClusterPiece(
      String id,
      long rows,
      int rank,
      Optional<TensorLocation> basis,
      Optional<TensorLocation> mask,
      double error,
      OptionalDouble weightedError,
      long members,
      List<TensorBlocks> tensors) {

    ClusterSum nothingMeasured() {
      return new ClusterSum(
          id,
          error,
          weightedError,
          members,
          0,
          ScaledEnergy.ZERO,
          ScaledEnergy.ZERO,
          WeightedSum.ZERO);
    }
  }

  /** Blocks of one tensor, by ascending column, so that it is opened once for all of them. */
  record TensorBlocks(TensorInfo tensor, List<Member> members) {
    long sizeBytes() {
      return members.stream().mapToLong(member -> member.block().sizeBytes()).sum();
    }
  }

  /**
   * A block of a cluster.
   *
   * @param id its name in the manifest
   * @param number its number among the members of the cluster
   * @param block where its original numbers are
   * @param coefficients where C is: a row for each direction it uses; nowhere if it uses none
   * @param scale the block is scale·U·C
   * @param error what the manifest states
   * @param weightedError what the manifest states, if it does
   * @param sha256 of the original bytes
   * @param sparse the columns that are stored as they are, if there are any
   */
  record Member(
      String id,
      int number,
      BlockRef block,
      Optional<TensorLocation> coefficients,
      double scale,
      double error,
      OptionalDouble weightedError,
      String sha256,
      Optional<SparseEntry> sparse) {}

  /**
   * Bytes that were copied.
   *
   * @param id the block's name in the manifest
   * @param tensor the original
   * @param block the block of the tensor that it is, if it could have been compressed
   * @param data where the copy is
   * @param sha256 of the original bytes
   */
  record Copy(
      String id, TensorInfo tensor, Optional<BlockRef> block, TensorLocation data, String sha256) {

    long sizeBytes() {
      return block.map(BlockRef::sizeBytes).orElse(tensor.sizeBytes());
    }

    InputStream openOriginal() throws IOException {
      return block.isPresent() ? BlockReader.open(block.get()) : TensorReader.open(tensor);
    }
  }
}
