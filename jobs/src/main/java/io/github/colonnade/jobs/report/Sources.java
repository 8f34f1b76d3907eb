package io.github.colonnade.jobs.report;

import io.github.colonnade.jobs.manifest.Manifest;
import java.util.HashSet;
import java.util.Set;

/** The input files of a collection, each by the part of its URI in which it differs from others. */
final class Sources {
  /** Characters of the folder that all are in. */
  private final int common;

  Sources(Manifest manifest) {
    Set<String> uris = new HashSet<>();
    manifest.blocks().forEach(block -> uris.add(block.source()));
    manifest.rejected().forEach(entry -> uris.add(entry.source()));
    this.common = uris.isEmpty() ? 0 : commonFolder(uris);
  }

  /** The length of the longest folder that all are in. */
  private static int commonFolder(Set<String> uris) {
    String prefix = uris.iterator().next();
    for (String uri : uris) {
      int length = 0;
      while (length < Math.min(prefix.length(), uri.length())
          && prefix.charAt(length) == uri.charAt(length)) {
        length++;
      }
      prefix = prefix.substring(0, length);
    }
    return prefix.lastIndexOf('/') + 1;
  }

  /** The name of a file by its URI, as it came. */
  String name(String uri) {
    return uri.substring(common);
  }
}
