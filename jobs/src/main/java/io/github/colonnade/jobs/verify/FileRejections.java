package io.github.colonnade.jobs.verify;

import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.manifest.RejectionCause;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The files that need not be what they were when a run that watches its inputs met them.
 *
 * @param changed those that were written again, or came so late that they may have been: what is in
 *     the collection of them cannot be compared with what they hold now
 * @param refused those of which nothing is in the collection: what they hold now is not held
 *     against it
 */
record FileRejections(Set<String> changed, Set<String> refused) {

  static FileRejections of(Manifest manifest) {
    Set<String> changed = new HashSet<>();
    Set<String> refused = new HashSet<>();
    for (RejectedEntry entry : manifest.rejected()) {
      if (entry.cause() == RejectionCause.CHANGED
          || (entry.isWholeFile() && entry.cause() != RejectionCause.UNREADABLE)) {
        changed.add(entry.source());
      } else if (entry.isWholeFile()) {
        refused.add(entry.source());
      }
    }
    if (!refused.isEmpty()) {
      // A file that could not be read may have been taken later.
      Set<String> taken =
          manifest.blocks().stream().map(BlockEntry::source).collect(Collectors.toSet());
      refused.removeAll(taken);
    }
    return new FileRejections(changed, refused);
  }

  /** Whether a file need not be readable, and its tensors need not be in the collection. */
  boolean covers(String source) {
    return changed.contains(source) || refused.contains(source);
  }

  boolean isEmpty() {
    return changed.isEmpty() && refused.isEmpty();
  }
}
