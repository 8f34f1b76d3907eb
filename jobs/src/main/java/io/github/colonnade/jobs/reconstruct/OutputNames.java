package io.github.colonnade.jobs.reconstruct;

import io.github.colonnade.jobs.UsageException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the output file of each source is called.
 *
 * <p>A safetensors file keeps its name; any other has its ending replaced, as {@code a.npz} becomes
 * {@code a.safetensors}. If two would then be the same, all keep their folders below the deepest
 * folder that has them all; if they are in one folder, as {@code a.npy} and {@code a.npz}, all
 * others than safetensors keep their ending too: {@code a.npy.safetensors}.
 *
 * <p>The names come from a manifest, which may be anybody's: one that would lead out of the output
 * directory is refused.
 */
final class OutputNames {
  private static final String ENDING = ".safetensors";
  private static final Pattern KNOWN_ENDING =
      Pattern.compile("\\.(npy|npz|onnx|gguf|mat|h5|hdf5|hdf|he5|nc|nc4|tif|tiff|mtx)$");
  private static final Pattern SCHEME = Pattern.compile("^[A-Za-z][A-Za-z0-9+.-]+:(//)?");

  private OutputNames() {}

  /**
   * The path below the output directory for each source.
   *
   * @throws UsageException if a name is not fit for a file, or two sources would be one file
   */
  static Map<String, String> of(Collection<String> sources) {
    Map<String, List<String>> segments = new LinkedHashMap<>();
    for (String source : sources) {
      segments.put(source, segments(source));
    }
    Map<String, String> names = names(segments, false, false);
    if (hasTwice(names)) {
      names = names(segments, true, false);
    }
    if (hasTwice(names)) {
      names = names(segments, true, true);
    }
    Map<String, String> sourceOf = new HashMap<>();
    names.forEach(
        (source, name) -> {
          String other = sourceOf.put(name, source);
          if (other != null) {
            throw new UsageException(
                other + " and " + source + " would both be written to " + name);
          }
        });
    return names;
  }

  private static Map<String, String> names(
      Map<String, List<String>> segments, boolean folders, boolean endings) {
    int common = folders ? commonFolders(segments.values()) : 0;
    Map<String, String> names = new LinkedHashMap<>();
    segments.forEach(
        (source, parts) -> {
          String name = parts.get(parts.size() - 1);
          check(source, name);
          if (!name.endsWith(ENDING)) {
            name = (endings ? name : KNOWN_ENDING.matcher(name).replaceFirst("")) + ENDING;
          }
          List<String> path =
              new ArrayList<>(folders ? parts.subList(common, parts.size() - 1) : List.of());
          path.add(name);
          path.forEach(part -> check(source, part));
          names.put(source, String.join("/", path));
        });
    return names;
  }

  private static boolean hasTwice(Map<String, String> names) {
    Set<String> seen = new HashSet<>();
    return names.values().stream().anyMatch(name -> !seen.add(name));
  }

  private static int commonFolders(Collection<List<String>> all) {
    List<String> first = all.iterator().next();
    int common = first.size() - 1;
    for (List<String> other : all) {
      int same = 0;
      while (same < Math.min(common, other.size() - 1) && first.get(same).equals(other.get(same))) {
        same++;
      }
      common = same;
    }
    return common;
  }

  /** The host, if there is one, the folders and the name. */
  private static List<String> segments(String source) {
    String path = SCHEME.matcher(source).replaceFirst("");
    List<String> parts =
        Arrays.stream(path.split("/", -1)).filter(part -> !part.isEmpty()).toList();
    if (parts.isEmpty() || path.endsWith("/")) {
      throw new UsageException("the source " + source + " of the manifest is no file");
    }
    return parts;
  }

  /**
   * Checks that a name is one of a file in its folder.
   *
   * @throws UsageException if it is not
   */
  static void check(String source, String part) {
    boolean plain =
        !part.equals(".")
            && !part.equals("..")
            && part.chars().noneMatch(c -> c == '\\' || c == ':' || Character.isISOControl(c));
    if (!plain) {
      throw new UsageException(
          "the source " + source + " of the manifest has a name that no file is written to");
    }
  }
}
