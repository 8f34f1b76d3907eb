package io.github.colonnade.jobs.verify;

import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.manifest.RejectionCause;
import io.github.colonnade.jobs.stored.CompressedCollection;
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

  /**
   * What came of it.
   *
   * @param matched the tensors whose numbers can be compared
   * @param changed how many cannot, because their files were written again
   * @param missing how many are in the inputs of an open collection, and not in it yet
   */
  record Result(List<Matched> matched, long changed, long missing) {}

  private Coverage() {}

  /** Compares; what should be there and is not, or is not as it should be, is found at fault. */
  static Result check(
      CompressedCollection collection,
      FileRejections rejections,
      Originals originals,
      Findings findings) {
    Manifest manifest = collection.manifest();
    List<Matched> matched = new ArrayList<>();
    Set<TensorKey> named = new HashSet<>();
    long changed = 0;
    checkIds(manifest, findings);
    for (OriginalTensor tensor : OriginalTensor.all(manifest)) {
      named.add(tensor.key());
      boolean comparable = !rejections.changed().contains(tensor.key().source());
      Optional<String> fault =
          tensor.fault().or(() -> comparable ? fault(tensor, originals) : Optional.empty());
      if (fault.isPresent()) {
        findings.add(fault.get());
      } else if (!comparable) {
        changed++;
      } else if (!originals.unreadable().contains(tensor.key().source())) {
        matched.add(new Matched(tensor, original(tensor.key(), originals)));
      }
    }
    for (RejectedEntry rejected : manifest.rejected()) {
      if (!rejected.isWholeFile()) {
        check(rejected, named, rejections, originals, findings);
      }
    }
    long missing = 0;
    for (TensorKey key : originals.tensors().keySet()) {
      if (named.contains(key) || rejections.covers(key.source())) {
        continue;
      }
      if (collection.isOpen()) {
        missing++;
      } else {
        findings.add(key + ": it is in the input, but not in the manifest");
      }
    }
    return new Result(matched, changed, missing);
  }

  /** A tensor that could not be read at first may have been taken later. */
  private static void check(
      RejectedEntry rejected,
      Set<TensorKey> named,
      FileRejections rejections,
      Originals originals,
      Findings findings) {
    TensorKey key = new TensorKey(rejected.source(), rejected.tensor());
    boolean isNew = named.add(key);
    if (rejected.cause() != RejectionCause.NOT_FINITE
        || rejections.changed().contains(rejected.source())) {
      return;
    }
    if (!isNew) {
      findings.add(key + ": it is rejected, and there is another entry for it");
    } else if (isMissing(key, originals)) {
      findings.add(key + ": it is rejected, but not in the input");
    }
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
