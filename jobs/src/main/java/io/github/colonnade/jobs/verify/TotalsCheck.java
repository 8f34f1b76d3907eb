package io.github.colonnade.jobs.verify;

import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Root;
import io.github.colonnade.jobs.manifest.Totals;
import io.github.colonnade.jobs.stored.CompressedCollection;
import io.github.colonnade.jobs.stored.OriginalTensor;
import java.io.IOException;
import java.util.OptionalDouble;

/**
 * Works the totals of a manifest out again. They are sums of whole numbers, quotients of such sums
 * and largest values of what the manifest holds, so they must be equal to the last digit; but for
 * the bytes stored, which count the manifest that they are written in.
 */
final class TotalsCheck {
  /** The most that the digits of the bytes stored and of their ratio change in length. */
  private static final int OWN_DIGITS = 64;

  private final Findings findings;

  private TotalsCheck(Findings findings) {
    this.findings = findings;
  }

  static void check(
      CompressedCollection collection,
      FileRejections rejections,
      Originals originals,
      StoredCensus stored,
      Findings findings)
      throws IOException {
    Manifest manifest = collection.manifest();
    TotalsCheck check = new TotalsCheck(findings);
    Totals totals = manifest.totals();
    if (originals.unreadable().isEmpty()) {
      long numbersIn =
          OriginalTensor.all(manifest).stream()
              .mapToLong(tensor -> elements(tensor, rejections, originals))
              .sum();
      check.equal("numbersIn", totals.numbersIn(), numbersIn);
      // Of files that were rejected it is not known whether, and how large, they were counted, nor
      // of files of which tensors came to the collection later.
      boolean once = collection.root().map(Root::count).orElse(1L) == 1;
      if (once && !collection.isOpen() && rejections.isEmpty()) {
        check.equal("bytesIn", totals.bytesIn(), originals.fileBytes());
      }
    }
    check.equal("numbersStored", totals.numbersStored(), stored.numbers());
    long manifests = 1 + collection.root().map(Root::count).orElse(0L);
    if (Math.abs(totals.bytesStored() - stored.bytes()) > OWN_DIGITS * manifests) {
      check.equal("bytesStored", totals.bytesStored(), stored.bytes());
    }
    check.equal(
        "compressionRatio",
        totals.compressionRatio(),
        Totals.ratio(totals.numbersIn(), totals.numbersStored()));
    check.equal(
        "bytesRatio", totals.bytesRatio(), Totals.ratio(totals.bytesIn(), totals.bytesStored()));
    check.equal(
        "maxBlockError",
        totals.maxBlockError(),
        manifest.blocks().stream().mapToDouble(BlockEntry::error).max().orElse(0));
    check.equal(
        "maxClusterError",
        totals.maxClusterError(),
        manifest.clusters().stream().mapToDouble(ClusterEntry::error).max().orElse(0));
    Totals weighted = totals.withWeightedErrors(manifest.blocks(), manifest.clusters());
    check.equal(
        "maxWeightedBlockError", totals.maxWeightedBlockError(), weighted.maxWeightedBlockError());
    check.equal(
        "maxWeightedClusterError",
        totals.maxWeightedClusterError(),
        weighted.maxWeightedClusterError());
    manifest
        .settings()
        .targetRatio()
        .ifPresent(
            ratio -> {
              if (!(totals.compressionRatio() >= ratio)) {
                findings.add(
                    "the compression ratio "
                        + totals.compressionRatio()
                        + " misses its target "
                        + ratio);
              }
            });
    manifest
        .settings()
        .targetBytes()
        .ifPresent(
            bytes -> {
              if (totals.bytesStored() > bytes) {
                findings.add(totals.bytesStored() + " bytes are stored, the target is " + bytes);
              }
            });
    check.equal(
        "compressedBlocks",
        totals.compressedBlocks(),
        manifest.blocks().stream().filter(block -> block.cluster().isPresent()).count());
  }

  private static long elements(
      OriginalTensor tensor, FileRejections rejections, Originals originals) {
    if (rejections.changed().contains(tensor.key().source())) {
      return tensor.fault().isEmpty() ? tensor.shape().elements() : 0;
    }
    TensorInfo original = originals.tensors().get(tensor.key());
    return original == null ? 0 : original.elements();
  }

  private void equal(String key, long stated, long found) {
    if (stated != found) {
      findings.add("totals." + key + ": " + found + " found, the manifest says " + stated);
    }
  }

  private void equal(String key, OptionalDouble stated, OptionalDouble found) {
    if (!stated.equals(found)) {
      findings.add(
          "totals." + key + ": " + shown(found) + " found, the manifest says " + shown(stated));
    }
  }

  private static String shown(OptionalDouble value) {
    return value.isPresent() ? Double.toString(value.getAsDouble()) : "none";
  }

  private void equal(String key, double stated, double found) {
    if (stated != found) {
      findings.add("totals." + key + ": " + found + " found, the manifest says " + stated);
    }
  }
}
