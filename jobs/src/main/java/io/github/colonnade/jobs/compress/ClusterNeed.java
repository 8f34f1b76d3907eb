package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.jobs.compress.EncodeTask.ClusterTask;
import io.github.colonnade.jobs.compress.EncodeTask.MemberTask;
import io.github.colonnade.jobs.memory.PayloadNeed;
import io.github.colonnade.jobs.weights.BlockWeights;
import java.util.HashMap;
import java.util.Map;

/**
 * The memory that a cluster needs while it is encoded.
 *
 * @param bare what it takes if its members are read whenever they are asked for
 * @param keeping what it takes if they are read once and kept
 * @param payloadBytes of all members as doubles
 */
record ClusterNeed(PayloadNeed bare, PayloadNeed keeping, long payloadBytes) {

  /**
   * @param rank that the clusters of the run are given, or 0 if it is found
   * @param storedBytes of a stored number
   */
  static ClusterNeed of(ClusterTask task, BlockWeights weights, int rank, int storedBytes) {
    long rows = task.members().get(0).block().rows();
    long numbers = 0;
    long columns = 0;
    long largest = 0;
    long alone = 0;
    Map<Long, Long> together = new HashMap<>();
    PayloadNeed opening = PayloadNeed.NOTHING;
    PayloadNeed weight = PayloadNeed.NOTHING;
    for (MemberTask member : task.members()) {
      BlockRef block = member.block();
      numbers += block.elements();
      columns += block.columns();
      largest = Math.max(largest, block.elements());
      alone += member.loneCost();
      if (!block.isContiguous()) {
        together.merge(member.ordinal(), block.elements(), Long::sum);
      }
      opening = opening.max(PayloadNeed.opening(block.tensor()));
      if (weights.has(block.tensor())) {
        weight = weight.max(weights.need(block));
      }
    }
    // A rank that was given may take more than the least that the limit asks for.
    long stored = Math.min(numbers, Math.max(alone, rank * (rows + columns)));
    PayloadNeed bare =
        PayloadNeed.encode(
                numbers,
                largest,
                Math.min(rows, columns),
                task.members().size(),
                stored * storedBytes)
            .plus(opening)
            .plus(weight);
    if (task.basis().isPresent()) {
      bare = bare.plus(PayloadNeed.basis(rows, task.basis().get().rank()));
    }
    long payload = Double.BYTES * numbers;
    // Pieces that lie in every row of a tensor are read together.
    long read = Double.BYTES * together.values().stream().reduce(0L, Math::max);
    PayloadNeed kept = new PayloadNeed(read, payload);
    return new ClusterNeed(bare, bare.plus(kept), payload);
  }

  /** What is worked on, for a message. */
  static String describe(ClusterTask task) {
    BlockRef largest = task.members().get(0).block();
    for (MemberTask member : task.members()) {
      if (member.block().elements() > largest.elements()) {
        largest = member.block();
      }
    }
    String block = largest.tensor().source() + ": " + largest.id();
    int others = task.members().size() - 1;
    return others == 0
        ? block
        : block + ", in a cluster with " + others + (others == 1 ? " other," : " others,");
  }
}
