package io.github.colonnade.jobs.stored;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Manifests;
import io.github.colonnade.jobs.manifest.Root;
import io.github.colonnade.jobs.testing.LocalObjectStore;
import io.github.colonnade.jobs.testing.LocalObjectStore.Call;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * Whatever is written, and wherever it ends, the collection is one of those that were asked for.
 */
class SegmentsPropertyTest {

  /** What a writer does next. */
  enum What {
    PUBLISH_OPEN,
    PUBLISH_CLOSED,
    PUBLISH_AGAIN,
    FINISH
  }

  /**
   * A step of a writer.
   *
   * @param failing which write from here on fails, from 1; 3 for none
   * @param restarted whether another process does it
   */
  record Step(What what, int failing, boolean restarted) {}

  @Provide
  Arbitrary<List<Step>> steps() {
    return net.jqwik.api.Combinators.combine(
            Arbitraries.of(What.class),
            Arbitraries.integers().between(1, 3),
            Arbitraries.of(true, false))
        .as(Step::new)
        .list()
        .ofMaxSize(12);
  }

  @Property(tries = 200)
  void theCollectionHoldsWhatWasPublished(
      @ForAll("steps") List<Step> steps, @ForAll boolean beginsPlain) throws IOException {
    Path directory = Files.createTempDirectory("segments");
    try {
      run("oss://" + directory.resolve("out"), steps, beginsPlain);
    } finally {
      LocalObjectStore.setHook(call -> {});
      remove(directory);
    }
  }

  private static void run(String uri, List<Step> steps, boolean beginsPlain) throws IOException {
    int count = 0;
    boolean open = false;
    if (beginsPlain) {
      AtomicFile.write(
          new org.apache.flink.core.fs.Path(uri, Manifest.FILE_NAME),
          out -> out.write(Manifests.write(Manifests.segment(1, 0.5))));
      adopt(uri);
      count = 1;
    }
    Segments segments = Segments.open(uri);
    for (Step step : steps) {
      if (step.restarted()) {
        segments = Segments.open(uri);
      }
      if (count == 0 && (step.what() == What.PUBLISH_AGAIN || step.what() == What.FINISH)) {
        continue;
      }
      failAt(step.failing());
      try {
        switch (step.what()) {
          case PUBLISH_OPEN -> publish(segments, count + 1, true);
          case PUBLISH_CLOSED -> publish(segments, count + 1, false);
          case PUBLISH_AGAIN -> publish(segments, count, !open);
          case FINISH -> segments.finish();
        }
        switch (step.what()) {
          case PUBLISH_OPEN, PUBLISH_CLOSED -> {
            count++;
            open = step.what() == What.PUBLISH_OPEN;
          }
          case PUBLISH_AGAIN -> {}
          case FINISH -> open = false;
        }
      } catch (IOException e) {
        assertEquals("the store does not answer", e.getMessage());
      }
      LocalObjectStore.setHook(call -> {});
      assertHolds(uri, count, open);
    }
    if (count > 0) {
      Segments last = Segments.open(uri);
      int next = count + 2;
      assertThrows(UsageException.class, () -> publish(last, next, true));
      assertThrows(
          UsageException.class,
          () -> last.publish(1, Manifests.write(Manifests.segment(77, 0.5)), true));
      last.clean(Segments.Owner.ME);
      assertHolds(uri, count, open);
    }
  }

  /** Wherever it ends, the collection is the same, and it can be done in the end. */
  private static void adopt(String uri) throws IOException {
    for (int failing = 1; failing <= 2; failing++) {
      failAt(failing);
      assertThrows(IOException.class, () -> Segments.open(uri).adopt());
      LocalObjectStore.setHook(call -> {});
      CompressedCollection left = CompressedCollection.open(uri);
      assertEquals(Manifests.segment(1, 0.5), left.manifest());
      assertEquals(true, left.root().isEmpty());
    }
    Segments.open(uri).adopt();
    assertHolds(uri, 1, false);
  }

  private static void publish(Segments segments, int number, boolean open) throws IOException {
    segments.publish(number, Manifests.write(Manifests.segment(number, 0.5)), open);
  }

  private static void assertHolds(String uri, int count, boolean open) throws IOException {
    if (count == 0) {
      assertThrows(UsageException.class, () -> CompressedCollection.open(uri));
      assertEquals(true, Segments.open(uri).root().isEmpty());
      return;
    }
    CompressedCollection collection = CompressedCollection.open(uri);
    Root root = collection.root().orElseThrow();
    assertEquals(count, root.count());
    assertEquals(open, root.open());
    List<String> expected = new ArrayList<>();
    for (int number = 1; number <= count; number++) {
      expected.add("a" + number);
      expected.add("r" + number);
    }
    assertEquals(expected, collection.manifest().blocks().stream().map(BlockEntry::id).toList());
  }

  /** Lets the n-th file not be written. */
  private static void failAt(int n) {
    int[] writes = new int[1];
    LocalObjectStore.setHook(
        call -> {
          if (call == Call.WRITE_IN_ONE_STEP && ++writes[0] == n) {
            throw new IOException("the store does not answer");
          }
        });
  }

  private static void remove(Path directory) throws IOException {
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
