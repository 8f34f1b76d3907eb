package io.github.colonnade.connectors.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.colonnade.connectors.source.Arrival.Batch;
import io.github.colonnade.connectors.source.Arrival.Seal;
import io.github.colonnade.connectors.source.OpenBatches.Placed;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class OpenBatchesTest {

  private final OpenBatches batches =
      new OpenBatches(new BatchLimits(4, 100, Duration.ofMillis(10), 150));

  private static Seal seal(int rows, long number, long tensors) {
    return new Seal(new Batch(rows, number), tensors);
  }

  @Test
  void aTensorThatWouldBeTooMuchBeginsTheNextBatch() {
    assertEquals(new Placed(List.of(), new Batch(8, 0), List.of()), batches.add(8, 3, 10, 0));
    assertEquals(
        new Placed(List.of(seal(8, 0, 1)), new Batch(8, 1), List.of()), batches.add(8, 2, 10, 0));
    assertEquals(
        new Placed(List.of(seal(8, 1, 1)), new Batch(8, 2), List.of()), batches.add(8, 1, 95, 0));
  }

  @Test
  void aTensorOverALimitIsABatchByItself() {
    assertEquals(
        new Placed(List.of(), new Batch(8, 0), List.of(seal(8, 0, 1))), batches.add(8, 9, 10, 0));
    assertEquals(
        new Placed(List.of(), new Batch(0, 0), List.of(seal(0, 0, 1))), batches.add(0, 1, 900, 0));
  }

  @Test
  void theLargestBatchIsSealedWhenAllAreTooLargeTogether() {
    batches.add(8, 1, 70, 0);
    batches.add(4, 1, 70, 0);
    assertEquals(
        new Placed(List.of(), new Batch(2, 0), List.of(seal(4, 0, 1))), batches.add(2, 1, 20, 0));
  }

  @Test
  void anIdleBatchIsSealed() {
    batches.add(8, 1, 10, 0);
    batches.add(4, 1, 10, 5);
    assertEquals(List.of(), batches.sealIdle(9));
    assertEquals(List.of(seal(8, 0, 1)), batches.sealIdle(10));
    assertEquals(List.of(seal(4, 0, 1)), batches.sealAll());
  }

  @Test
  void limitsArePositive() {
    Duration idle = Duration.ofSeconds(1);
    assertThrows(IllegalArgumentException.class, () -> new BatchLimits(0, 1, idle, 1));
    assertThrows(IllegalArgumentException.class, () -> new BatchLimits(1, 0, idle, 1));
    assertThrows(IllegalArgumentException.class, () -> new BatchLimits(1, 1, Duration.ZERO, 1));
    assertThrows(IllegalArgumentException.class, () -> new BatchLimits(1, 1, idle, 0));
    BatchLimits limits = new BatchLimits(1, 1, idle, 1);
    assertThrows(
        IllegalArgumentException.class,
        () -> new WatchSettings(false, Duration.ZERO, idle, limits));
    assertThrows(
        IllegalArgumentException.class,
        () -> new WatchSettings(false, idle, idle.negated(), limits));
  }
}
