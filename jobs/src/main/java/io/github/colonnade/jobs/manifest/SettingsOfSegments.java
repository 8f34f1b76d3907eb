package io.github.colonnade.jobs.manifest;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a collection in segments. These must agree in all that decides what a block may
 * lose and how it is stored; each segment has its own inputs and perhaps its own program, and its
 * families were divided as it needed. What the first was to reach by a target holds for that alone.
 */
public final class SettingsOfSegments {
  private static final Set<String> OF_EACH_SEGMENT =
      Set.of("tool", "inputs", "targetRatio", "targetBytes", "partitions");

  private @Nullable Settings first;
  private String firstFile = "";
  private final Set<String> tools = new LinkedHashSet<>();
  private final Set<String> inputs = new LinkedHashSet<>();
  private final TreeMap<Long, Integer> divided = new TreeMap<>();

  /**
   * Adds the settings of the next segment.
   *
   * @param file of the segment, for messages about later ones
   * @throws ManifestException if it cannot be in one collection with those before
   */
  void add(Settings settings, String file) throws ManifestException {
    if (settings.scope() == Scope.COLLECTION) {
      throw new ManifestException(
          "settings.scope: expected block or cluster; a joint limit cannot be kept in segments");
    }
    Settings before = first;
    if (before == null) {
      first = settings;
      firstFile = file;
    } else {
      Optional<String> difference = difference(before, settings);
      if (difference.isPresent()) {
        throw new ManifestException(
            "settings." + difference.get() + " in the first segment, " + firstFile);
      }
    }
    tools.add(settings.tool());
    inputs.addAll(settings.inputs());
    for (PartitionsEntry.Family family :
        settings.partitions().map(PartitionsEntry::families).orElse(List.of())) {
      divided.merge(family.rows(), family.partitions(), Math::max);
    }
  }

  /** The settings of all segments together, of which there is one at least. */
  Settings all() {
    Settings all = Objects.requireNonNull(first);
    List<PartitionsEntry.Family> families = new ArrayList<>();
    divided.forEach((rows, count) -> families.add(new PartitionsEntry.Family(rows, count)));
    OptionalInt asked = asked(all);
    return all.ofSegments(
        String.join(", ", tools),
        List.copyOf(inputs),
        asked.isPresent() || !families.isEmpty()
            ? Optional.of(new PartitionsEntry(asked, families))
            : Optional.empty());
  }

  /**
   * Why the settings of a segment do not fit those of another, as {@code maxError: 0.1, but 0.05},
   * if they do not.
   */
  public static Optional<String> difference(Settings first, Settings next) {
    for (RecordComponent component : Settings.class.getRecordComponents()) {
      Object ofFirst = value(component, first);
      Object ofNext = value(component, next);
      if (!OF_EACH_SEGMENT.contains(component.getName()) && !ofFirst.equals(ofNext)) {
        return Optional.of(difference(component.getName(), ofFirst, ofNext));
      }
    }
    return asked(first).equals(asked(next))
        ? Optional.empty()
        : Optional.of(difference("partitions.asked", asked(first), asked(next)));
  }

  private static String difference(String key, Object ofFirst, Object ofNext) {
    return key + ": " + shown(ofNext) + ", but " + shown(ofFirst);
  }

  private static OptionalInt asked(Settings settings) {
    return settings.partitions().map(PartitionsEntry::asked).orElse(OptionalInt.empty());
  }

  private static Object value(RecordComponent component, Settings settings) {
    try {
      return component.getAccessor().invoke(settings);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e); // The accessors of a public record are public.
    }
  }

  private static String shown(Object value) {
    String text = value.toString();
    if (!text.startsWith("Optional")) {
      return text;
    }
    return text.endsWith(".empty")
        ? "none"
        : text.substring(text.indexOf('[') + 1, text.length() - 1);
  }
}
