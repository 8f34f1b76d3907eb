package io.github.colonnade.jobs.flink;

import io.github.colonnade.jobs.UsageException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.flink.api.common.operators.SlotSharingGroup;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * The task slots of the operators that do the work. Without a word about them all share slots; an
 * operator with resources of its own runs in slots of that size, which a cluster with fine-grained
 * resource management cuts out of its TaskManagers.
 */
public final class SlotGroups {

  /** The operators that may have slots of their own. */
  public static final Set<String> NAMES = Set.of("sketch", "partition", "encode");

  /** By operator, as the option {@code --slot} gives them. */
  private static final ConfigOption<Map<String, String>> OPTION =
      ConfigOptions.key("colonnade.slots").mapType().defaultValue(Map.of());

  private static final String EXPECTED =
      "expected resources as cpu:2,heap:2g,off-heap:1g,managed:1g,gpu:1, of which cpu and heap must"
          + " be there, and gpu is for sketch alone";

  /** The slots of all operators without slots of their own, by Flink's name for them. */
  private static final String SHARED = "default";

  private final Map<String, SlotSharingGroup> groups = new TreeMap<>();

  private SlotGroups() {}

  /**
   * The slots that an environment asks for.
   *
   * @throws UsageException if they are not as they should be
   */
  public static SlotGroups of(StreamExecutionEnvironment env) {
    ReadableConfig configuration = env.getConfiguration();
    SlotGroups slots = new SlotGroups();
    configuration.get(OPTION).forEach((name, text) -> slots.groups.put(name, parse(name, text)));
    return slots;
  }

  /** Says in a configuration which slots a job asks for. */
  static void set(Configuration configuration, Map<String, String> slots) {
    if (!slots.isEmpty()) {
      configuration.set(OPTION, slots);
    }
  }

  /**
   * Checks a slot as it is given on the command line.
   *
   * @throws UsageException that names it
   */
  public static void check(String name, String text) {
    parse(name, text);
  }

  /** The operator, in its own slots if there are any for it. */
  public <T> SingleOutputStreamOperator<T> apply(
      String name, SingleOutputStreamOperator<T> operator) {
    SlotSharingGroup group = groups.get(name);
    if (group != null) {
      return operator.slotSharingGroup(group);
    }
    // Otherwise it would be in the slots of the operators before it.
    return groups.isEmpty() ? operator : operator.slotSharingGroup(SHARED);
  }

  /** What an operator multiplies on: a device if its slots have one. */
  public Processor processor(String name) {
    SlotSharingGroup group = groups.get(name);
    return group != null && group.getExternalResources().containsKey(Processor.RESOURCE)
        ? Processor.DEVICE
        : Processor.HOST;
  }

  private static SlotSharingGroup parse(String name, String text) {
    String shown = "--slot " + name + "=" + text;
    if (!NAMES.contains(name)) {
      throw new UsageException(
          shown + ": expected one of sketch, partition and encode, got " + name);
    }
    SlotSharingGroup.Builder group = SlotSharingGroup.newBuilder(name);
    boolean cpu = false;
    boolean heap = false;
    for (String each : text.split(",", -1)) {
      int colon = each.indexOf(':');
      String key = colon < 0 ? each.strip() : each.substring(0, colon).strip();
      String value = colon < 0 ? "" : each.substring(colon + 1).strip();
      try {
        switch (key) {
          case "cpu" -> {
            group.setCpuCores(positive(value));
            cpu = true;
          }
          case "heap" -> {
            group.setTaskHeapMemory(MemorySize.parse(value));
            heap = true;
          }
          case "off-heap" -> group.setTaskOffHeapMemory(MemorySize.parse(value));
          case "managed" -> group.setManagedMemory(MemorySize.parse(value));
          case "gpu" -> group.setExternalResource(Processor.RESOURCE, device(name, value));
          default -> throw new UsageException(shown + ": " + EXPECTED);
        }
      } catch (IllegalArgumentException e) {
        throw new UsageException(shown + ": " + EXPECTED + "; " + key + ": " + e.getMessage(), e);
      }
    }
    if (!cpu || !heap) {
      throw new UsageException(shown + ": " + EXPECTED);
    }
    return group.build();
  }

  /** Devices for a slot, of which it uses one; a fraction is for several slots that share one. */
  private static double device(String name, String value) {
    if (!name.equals("sketch")) {
      throw new IllegalArgumentException("only sketch uses a device");
    }
    double number = positive(value);
    if (number > 1) {
      throw new IllegalArgumentException("a slot uses one device, got " + value);
    }
    return number;
  }

  private static double positive(String value) {
    double number = Double.parseDouble(value);
    if (!(number > 0 && number < Integer.MAX_VALUE)) {
      throw new IllegalArgumentException("expected a number above 0, got " + value);
    }
    return number;
  }
}
