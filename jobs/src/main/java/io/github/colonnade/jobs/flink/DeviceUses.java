package io.github.colonnade.jobs.flink;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How many subtasks of a job in this process use each device. Each job loads this class anew, so
 * those of another are not counted.
 *
 * <p>By its number a subtask would always get the same device, but a TaskManager that runs the
 * subtasks 0 and 2 would then leave one of its two devices idle. So the number only says which one
 * to begin with.
 */
final class DeviceUses {

  private final Map<Integer, Integer> uses = new TreeMap<>();

  /**
   * Takes the device that the fewest subtasks use; among several such the first from device {@code
   * subtask} mod {@code devices.size()} on, in order.
   *
   * @param devices at least one
   */
  synchronized int begin(Collection<Integer> devices, int subtask) {
    List<Integer> ordered = devices.stream().sorted().toList();
    int least = ordered.get(subtask % ordered.size());
    for (int i = 1; i < ordered.size(); i++) {
      int next = ordered.get((subtask + i) % ordered.size());
      if (uses.getOrDefault(next, 0) < uses.getOrDefault(least, 0)) {
        least = next;
      }
    }
    uses.merge(least, 1, Integer::sum);
    return least;
  }

  /** Gives back what {@link #begin} returned. */
  synchronized void end(int device) {
    uses.merge(device, -1, Integer::sum);
  }
}
