package io.github.colonnade.connectors.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.source.Arrival.Batch;
import io.github.colonnade.connectors.source.Arrival.Seal;
import io.github.colonnade.connectors.source.OpenBatches.Placed;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class OpenBatchesPropertyTest {

  private static final BatchLimits LIMITS = new BatchLimits(10, 1000, Duration.ofMillis(20), 2500);

  private record Tensor(int rows, long blocks, long bytes, long millis) {}

  /** What is known of a batch from what came out. */
  private static final class Content {
    private long tensors;
    private long blocks;
    private long bytes;
    private boolean sealed;
  }

  private static List<Tensor> tensors(long seed) {
    Random random = new Random(seed);
    List<Tensor> tensors = new ArrayList<>();
    long millis = 0;
    for (int i = 0; i < 300; i++) {
      millis += random.nextInt(8);
      tensors.add(
          new Tensor(random.nextInt(5), 1 + random.nextInt(12), random.nextInt(1200), millis));
    }
    return tensors;
  }

  private static OpenBatches restored(OpenBatches batches) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      batches.write(new DataOutputStream(bytes));
      return OpenBatches.read(
          LIMITS, new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<Object> run(List<Tensor> tensors, boolean restore) {
    OpenBatches batches = new OpenBatches(LIMITS);
    List<Object> out = new ArrayList<>();
    for (Tensor tensor : tensors) {
      out.addAll(batches.sealIdle(tensor.millis()));
      batches = restore ? restored(batches) : batches;
      Placed placed = batches.add(tensor.rows(), tensor.blocks(), tensor.bytes(), tensor.millis());
      out.addAll(placed.before());
      out.add(placed.batch());
      out.addAll(placed.after());
    }
    out.addAll(batches.sealAll());
    assertEquals(List.of(), batches.sealAll());
    return out;
  }

  @Property(tries = 200)
  void everyTensorIsInOneBatchAndEveryBatchIsSealedOnceWithinItsLimits(@ForAll long seed) {
    List<Tensor> tensors = tensors(seed);
    Map<Batch, Content> contents = new HashMap<>();
    int given = 0;
    long open = 0;
    for (Object event : run(tensors, false)) {
      if (event instanceof Batch batch) {
        assertTrue(open <= LIMITS.openBytes(), "open before a tensor: " + open);
        Tensor tensor = tensors.get(given++);
        assertEquals(tensor.rows(), batch.rows());
        Content content = contents.computeIfAbsent(batch, key -> new Content());
        assertTrue(!content.sealed, "a tensor for a sealed batch");
        content.tensors++;
        content.blocks += tensor.blocks();
        content.bytes += tensor.bytes();
        open += tensor.bytes();
        assertTrue(
            content.tensors == 1
                || (content.blocks <= LIMITS.blocks() && content.bytes <= LIMITS.bytes()),
            content.tensors + " tensors of " + content.blocks + " blocks, " + content.bytes);
      } else if (event instanceof Seal seal) {
        Content content = Objects.requireNonNull(contents.get(seal.batch()));
        assertEquals(content.tensors, seal.tensors());
        assertTrue(!content.sealed, "sealed twice");
        content.sealed = true;
        open -= content.bytes;
      }
    }
    assertEquals(tensors.size(), given);
    assertEquals(0, open);
    assertTrue(contents.values().stream().allMatch(content -> content.sealed));
    for (Batch batch : contents.keySet()) {
      assertTrue(
          batch.number() == 0 || contents.containsKey(new Batch(batch.rows(), batch.number() - 1)));
    }
  }

  @Property(tries = 100)
  void nothingChangesWhenStateIsWrittenAndRead(@ForAll long seed) {
    List<Tensor> tensors = tensors(seed);
    assertEquals(run(tensors, false), run(tensors, true));
  }
}
