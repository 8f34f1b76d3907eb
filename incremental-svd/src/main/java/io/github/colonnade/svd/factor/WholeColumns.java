package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.svd.factor.OtherColumns.Encoded;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.lost.LostPlan;
import io.github.colonnade.svd.lost.LostSearch;
import java.util.Optional;

/**
 * Encodes a block by itself with some of its columns as they are and low-rank factors for the
 * others, if that takes fewer numbers. Blocks with a weight are left alone, since a full weight
 * mixes columns.
 */
final class WholeColumns {

  private final LinearAlgebra la;
  private final EncoderSettings settings;
  private final ErrorLimit limit;

  /**
   * @param limit the limit less what rounding is expected to add
   */
  WholeColumns(LinearAlgebra la, EncoderSettings settings, ErrorLimit limit) {
    this.la = la;
    this.settings = settings;
    this.limit = limit;
  }

  /**
   * Encodes a block.
   *
   * @param cluster the block by itself
   * @param vectors leading left singular vectors of the block: m×q, not modified
   * @param otherwise the numbers that it takes without whole columns
   */
  Optional<Encoding.LowRank> encode(
      Member member,
      BlockLoader loader,
      Cluster cluster,
      Matrix vectors,
      long otherwise,
      boolean intact) {
    if (member.weightExponent().isPresent() || member.columns() < 2) {
      return Optional.empty();
    }
    int bytes = loader.sourceBytes(member.position());
    double allowed = limit.value() * limit.value() * cluster.energy(0);
    try (Matrix a = loader.load(member.position())) {
      LostPlan plan = new LostSearch(la).cheapest(a, vectors, settings.rankLimit(), allowed, bytes);
      if (plan.channels().length == 0 || plan.numbers() >= otherwise) {
        return Optional.empty();
      }
      try (OtherColumns others = new OtherColumns(la, settings, member, a, plan.channels())) {
        Optional<Encoded> encoded = others.withinLimit(limit);
        return encoded
            .filter(each -> each.numbers(bytes) < otherwise)
            .map(each -> each.encoding(intact));
      }
    }
  }
}
