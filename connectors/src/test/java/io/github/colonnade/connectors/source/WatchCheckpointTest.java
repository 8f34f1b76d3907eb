package io.github.colonnade.connectors.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.colonnade.connectors.source.Arrival.Batch;
import io.github.colonnade.connectors.source.Arrival.Cause;
import io.github.colonnade.connectors.source.SeenFiles.Changes;
import io.github.colonnade.connectors.tensor.Arrangement;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.testing.TestFiles;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The bytes of version 1, which later versions have to read. */
class WatchCheckpointTest {

  private static final WatchSettings SETTINGS =
      new WatchSettings(
          false,
          Duration.ofSeconds(1),
          Duration.ofSeconds(10),
          new BatchLimits(10, 1000, Duration.ofSeconds(5), 5000));

  private static final long NOW = 1_000_000;
  private static final WatchedFile OLD = WatchedFile.of("file:/in/old.npy", 1000, 64);
  private static final WatchedFile NEW = WatchedFile.of("file:/in/new.npy", 20_000, 65);
  private static final WatchedFile BROKEN = WatchedFile.of("file:/in/broken.npy", 20_000, 66);
  private static final List<WatchedFile> FILES = List.of(OLD, NEW, BROKEN);

  private static final WatchCheckpoint.Serializer SERIALIZER =
      new WatchCheckpoint.Serializer(SETTINGS);

  private static WatchCheckpoint checkpoint() {
    SeenFiles seen = new SeenFiles(SETTINGS.lateness().toMillis());
    seen.add(OLD, true, NOW);
    seen.add(NEW, true, NOW);
    seen.add(BROKEN, false, NOW);
    Changes changes = seen.compare(FILES, file -> true, true, NOW);
    assertEquals(new Changes(List.of(), List.of(), List.of(), 0, 0), changes);
    OpenBatches batches = new OpenBatches(SETTINGS.limits());
    batches.add(4, 10, 48, NOW);
    batches.add(4, 3, 48, NOW);
    batches.add(0, 1, 7, NOW);
    TensorInfo tensor =
        new TensorInfo(
            "file:/in/new.npy",
            "new",
            DType.F32,
            Shape.of(4, 3),
            new Payload.ByteRange("file:/in/new.npy", 17, 48, Arrangement.CANONICAL));
    return new WatchCheckpoint(
        true,
        13,
        5,
        2,
        List.of(
            new ArrivalSplit(10, new Arrival.Tensor(4, tensor, new Batch(4, 1), 65, NOW)),
            new ArrivalSplit(11, new Arrival.Seal(new Batch(4, 0), 1)),
            new ArrivalSplit(
                12, new Arrival.Refusal(1, BROKEN.path(), Cause.UNREADABLE, "too short ß"))),
        seen,
        batches);
  }

  private static byte[] golden() throws IOException {
    String text = Files.readString(TestFiles.resource("source/watch-checkpoint-1.hex"));
    return HexFormat.of().parseHex(text.replaceAll("\\s", ""));
  }

  @Test
  void bytesAreThoseOfVersionOne() throws IOException {
    assertArrayEquals(golden(), SERIALIZER.serialize(checkpoint()));
  }

  @Test
  void bytesOfVersionOneAreRead() throws IOException {
    WatchCheckpoint expected = checkpoint();
    WatchCheckpoint read = SERIALIZER.deserialize(1, golden());
    assertEquals(expected.done(), read.done());
    assertEquals(expected.arrivals(), read.arrivals());
    assertEquals(expected.tensors(), read.tensors());
    assertEquals(expected.refusals(), read.refusals());
    assertEquals(expected.pending(), read.pending());
    assertEquals(expected.batches().sealAll(), read.batches().sealAll());
    WatchedFile repaired = WatchedFile.of(BROKEN.path(), 30_000, 67);
    WatchedFile again = WatchedFile.of(OLD.path(), 1000, 65);
    assertEquals(
        new Changes(List.of(repaired), List.of(), List.of(again), 1, 0),
        read.seen().compare(List.of(again, repaired), file -> true, true, NOW));
    assertArrayEquals(golden(), SERIALIZER.serialize(SERIALIZER.deserialize(1, golden())));
  }

  @Test
  void aSplitComesBackAsItWas() throws IOException {
    ArrivalSplitSerializer serializer = new ArrivalSplitSerializer();
    for (ArrivalSplit split : checkpoint().pending()) {
      assertEquals(split, serializer.deserialize(1, serializer.serialize(split)));
    }
    assertEquals("12", checkpoint().pending().get(2).splitId());
  }

  @Test
  void otherVersionsAreRefused() {
    assertThrows(IOException.class, () -> SERIALIZER.deserialize(2, golden()));
    assertThrows(
        IOException.class, () -> new ArrivalSplitSerializer().deserialize(2, new byte[40]));
    for (byte[] bytes : new byte[][] {{2, 0}, {1, 9}}) {
      assertThrows(
          IOException.class,
          () -> ArrivalBytes.read(new DataInputStream(new ByteArrayInputStream(bytes))));
    }
  }
}
