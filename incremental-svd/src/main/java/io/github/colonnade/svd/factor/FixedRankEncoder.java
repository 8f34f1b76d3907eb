package io.github.colonnade.svd.factor;

import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.svd.factor.BasisFinder.Basis;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Encodes a cluster at a rank that was asked for, whatever error that makes: the members use all of
 * one basis, and their errors are measured on the factors as stored.
 *
 * <p>The rank is at most the largest at which the factors are fewer numbers than the members, and
 * that of the members side by side. Where no rank pays, the members stay raw.
 */
public final class FixedRankEncoder {

  private final LinearAlgebra la;
  private final EncoderSettings settings;

  /**
   * @param settings whose rank limit is the rank, and whose limit is only asked for its scope
   */
  public FixedRankEncoder(LinearAlgebra la, EncoderSettings settings) {
    this.la = la;
    this.settings = settings;
  }

  /**
   * Encodes blocks together.
   *
   * @param rows m
   * @param members at least one
   * @return each member in exactly one encoding
   */
  public List<Encoding> encode(int rows, List<Member> members, BlockLoader loader) {
    Cluster cluster = new Cluster(la, rows, members, loader, settings.limit().scope());
    if (IntStream.range(0, cluster.count()).allMatch(i -> cluster.energy(i) == 0)) {
      return List.of(StoredFactors.zero(members, true));
    }
    int rank = cluster.largestUsefulRank(settings.rankLimit());
    if (rank == 0) {
      List<Encoding> raw = new ArrayList<>();
      for (int i = 0; i < cluster.count(); i++) {
        raw.add(
            new Encoding.Raw(
                members.get(i).position(),
                cluster.plainEnergy(List.of(i)),
                cluster.energy(List.of(i)),
                "no rank makes fewer numbers than the "
                    + StorageCost.raw(rows, cluster.columns())
                    + " of its cluster"));
      }
      return raw;
    }
    Basis basis = new BasisFinder(la).find(cluster, rank, BasisFinder.GRAM_ACCURACY);
    try (Matrix vectors = basis.vectors()) {
      return List.of(
          new StoredFactors(la, settings, cluster, vectors, rank)
              .encodeAll()
              .encoding(Optional.of(basis.spectrum()), true));
    }
  }
}
