package io.github.colonnade.jobs.flink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DeviceUsesTest {

  private static final Set<Integer> DEVICES = Set.of(4, 1, 7);

  @Test
  void subtasksInOrderGetTheDevicesInOrder() {
    DeviceUses uses = new DeviceUses();
    for (int subtask = 0; subtask < 7; subtask++) {
      assertEquals(List.of(1, 4, 7).get(subtask % 3), uses.begin(DEVICES, subtask));
    }
  }

  @Test
  void subtasksWithTheSameRemainderDoNotShareWhileADeviceIsFree() {
    DeviceUses uses = new DeviceUses();
    assertEquals(1, uses.begin(DEVICES, 0));
    assertEquals(4, uses.begin(DEVICES, 3));
    assertEquals(7, uses.begin(DEVICES, 6));
  }

  @Test
  void aDeviceThatWasGivenBackIsTakenAgain() {
    DeviceUses uses = new DeviceUses();
    uses.begin(DEVICES, 0);
    uses.begin(DEVICES, 1);
    uses.begin(DEVICES, 2);
    uses.end(4);
    assertEquals(4, uses.begin(DEVICES, 2));
  }

  @Test
  void devicesAreUsedEvenlyWhateverTheSubtasks() {
    Random random = new Random(1);
    for (int round = 0; round < 100; round++) {
      DeviceUses uses = new DeviceUses();
      int[] counts = new int[8];
      for (int i = 1; i <= 20; i++) {
        counts[uses.begin(DEVICES, random.nextInt(1000))]++;
        int most = Arrays.stream(counts).max().orElseThrow();
        int least = DEVICES.stream().mapToInt(device -> counts[device]).min().orElseThrow();
        assertEquals(i % 3 == 0 ? 0 : 1, most - least);
      }
    }
  }
}
