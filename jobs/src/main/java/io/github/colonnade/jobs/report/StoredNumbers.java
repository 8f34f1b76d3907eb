package io.github.colonnade.jobs.report;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.SparseEntry;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.stored.StoredTensors;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How many numbers are stored for each cluster and each block, from the headers of the factor
 * files. All together are {@code numbersStored} of the totals.
 *
 * @param bases for each cluster, in the order of the manifest; 0 where an earlier one has the same
 * @param masks for each cluster
 * @param coefficients for each block, in the order of the manifest
 * @param wholeColumns for each block: columns that are stored as they are, and their bitmap
 * @param copies for each block: numbers as they came
 * @param scales for each block: 1 if it has a scale
 */
record StoredNumbers(
    long[] bases,
    long[] masks,
    long[] coefficients,
    long[] wholeColumns,
    long[] copies,
    long[] scales) {

  /**
   * Reads the headers of all files that the manifest names.
   *
   * @throws FormatException if one is not there or is not as it should be
   */
  static StoredNumbers read(Manifest manifest, StoredTensors stored) throws IOException {
    int clusters = manifest.clusters().size();
    int blocks = manifest.blocks().size();
    StoredNumbers numbers =
        new StoredNumbers(
            new long[clusters],
            new long[clusters],
            new long[blocks],
            new long[blocks],
            new long[blocks],
            new long[blocks]);
    Map<String, DType> types = new HashMap<>();
    Set<TensorLocation> counted = new HashSet<>();
    for (int i = 0; i < clusters; i++) {
      ClusterEntry cluster = manifest.clusters().get(i);
      if (cluster.basis().isEmpty()) {
        continue;
      }
      TensorInfo basis = stored.info(cluster.basis().get());
      types.put(cluster.id(), basis.dtype());
      numbers.bases[i] = counted.add(cluster.basis().get()) ? basis.elements() : 0;
      numbers.masks[i] = count(cluster.mask(), basis.dtype(), stored);
    }
    for (int i = 0; i < blocks; i++) {
      BlockEntry block = manifest.blocks().get(i);
      DType type = block.cluster().map(types::get).orElse(DType.U8);
      numbers.coefficients[i] = count(block.coefficients(), type, stored);
      if (block.sparse().isPresent()) {
        SparseEntry sparse = block.sparse().get();
        TensorInfo columns = stored.info(sparse.columns());
        numbers.wholeColumns[i] =
            columns.elements() + count(Optional.of(sparse.bitmap()), columns.dtype(), stored);
      }
      if (block.data().isPresent()) {
        numbers.copies[i] = stored.info(block.data().get()).elements();
      }
      numbers.scales[i] = block.scale() == 1 ? 0 : 1;
    }
    return numbers;
  }

  /** Packed bytes count as numbers of the type that they go with. */
  private static long count(Optional<TensorLocation> at, DType type, StoredTensors stored)
      throws IOException {
    if (at.isEmpty()) {
      return 0;
    }
    TensorInfo tensor = stored.info(at.get());
    return tensor.dtype() == DType.U8
        ? StoredTensors.numbers(tensor.sizeBytes(), type)
        : tensor.elements();
  }

  /** What is stored for a block alone, so without its basis and mask. */
  long ofBlock(int block) {
    return coefficients[block] + wholeColumns[block] + copies[block] + scales[block];
  }

  /** What is stored for a cluster beside what is stored for each of its blocks. */
  long ofCluster(int cluster) {
    return bases[cluster] + masks[cluster];
  }
}
