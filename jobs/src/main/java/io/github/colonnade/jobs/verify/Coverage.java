package io.github.colonnade.jobs.verify;

import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.stored.OriginalTensor;
import io.github.colonnade.jobs.stored.TensorKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Compares the tensors of the input with those of the manifest: each must be there once. */
final class Coverage {

  /** A tensor that is in the input as the manifest says. */
  record Matched(OriginalTensor entry, TensorInfo original) {}

  private Coverage() {}

  /** The tensors whose numbers can be compared; all others are found at fault. */
  static List<Matched> check(Manifest manifest, Originals originals, Findings findings) {
    List<Matched> matched = new ArrayList<>();
    Set<TensorKey> named = new HashSet<>();
    checkIds(manifest, findings);
    for (OriginalTensor tensor : OriginalTensor.all(manifest)) {
      named.add(tensor.key());
      Optional<String> fault = tensor.fault().or(() -> fault(tensor, originals));
      if (fault.isPresent()) {
        findings.add(fault.get());
      } else if (!originals.unreadable().contains(tensor.key().source())) {
        matched.add(new Matched(tensor, original(tensor.key(), originals)));
      }
    }
    for (RejectedEntry rejected : manifest.rejected()) {
      TensorKey key = new TensorKey(rejected.source(), rejected.tensor());
      if (!named.add(key)) {
        findings.add(key + ": it is rejected, and there is another entry for it");
      } else if (isMissing(key, originals)) {
        findings.add(key + ": it is rejected, but not in the input");
      }
    }
    for (TensorKey key : originals.tensors().keySet()) {
      if (!named.contains(key)) {
        findings.add(key + ": it is in the input, but not in the manifest");
      }
    }
    return matched;
  }

  private static void checkIds(Manifest manifest, Findings findings) {
    Set<String> ids = new HashSet<>();
    manifest
        .blocks()
        .forEach(
            block -> {
              if (!ids.add(block.id())) {
                findings.add("block " + block.id() + ": there are two blocks of this id");
              }
            });
  }

  private static Optional<String> fault(OriginalTensor tensor, Originals originals) {
    if (originals.unreadable().contains(tensor.key().source())) {
      return Optional.empty();
    }
    if (isMissing(tensor.key(), originals)) {
      return Optional.of(tensor.key() + ": it is not in the input any more");
    }
    TensorInfo original = original(tensor.key(), originals);
    if (original.dtype() == tensor.dtype() && original.shape().equals(tensor.shape())) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            "%s: the original is %s of shape %s, the manifest says %s of shape %s",
            tensor.key(), original.dtype(), original.shape(), tensor.dtype(), tensor.shape()));
  }

  private static boolean isMissing(TensorKey key, Originals originals) {
    return !originals.tensors().containsKey(key) && !originals.unreadable().contains(key.source());
  }

  private static TensorInfo original(TensorKey key, Originals originals) {
    TensorInfo original = originals.tensors().get(key);
    if (original == null) {
      throw new IllegalStateException(key + " is not listed");
    }
    return original;
  }
}
