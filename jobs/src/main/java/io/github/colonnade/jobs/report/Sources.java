package io.github.colonnade.jobs.report;

import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The input files of a collection, each by the part of its URI in which it differs from others. */
final class Sources {
  private final Map<String, Integer> places = new LinkedHashMap<>();
  private final List<String> names = new ArrayList<>();

  Sources(Manifest manifest) {
    for (BlockEntry block : manifest.blocks()) {
      places.putIfAbsent(block.source(), places.size());
    }
    for (RejectedEntry entry : manifest.rejected()) {
      places.putIfAbsent(entry.source(), places.size());
    }
    List<String> uris = new ArrayList<>(places.keySet());
    int common = uris.isEmpty() ? 0 : commonFolder(uris);
    uris.forEach(uri -> names.add(uri.substring(common)));
  }

  /** The length of the longest folder that all are in. */
  private static int commonFolder(List<String> uris) {
    String prefix = uris.get(0);
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
    return names.get(place(uri));
  }

  private int place(String uri) {
    return places.getOrDefault(uri, 0);
  }
}
