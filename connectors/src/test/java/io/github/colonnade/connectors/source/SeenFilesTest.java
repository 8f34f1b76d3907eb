package io.github.colonnade.connectors.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.source.SeenFiles.Changes;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeenFilesTest {

  private static final long NOW = Long.MAX_VALUE;
  private static final long LATENESS = 1000;

  private final SeenFiles seen = new SeenFiles(LATENESS);

  private static WatchedFile file(String name, long time) {
    return WatchedFile.of("file:/in/" + name, time, 8);
  }

  private static List<WatchedFile> files(String prefix, int count, long from) {
    List<WatchedFile> files = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      files.add(file(prefix + i, from + i));
    }
    return files;
  }

  private Changes compare(Collection<WatchedFile> listed) {
    return seen.compare(listed, file -> true, true, NOW);
  }

  private void take(Collection<WatchedFile> files) {
    Changes changes = compare(files);
    changes.late().forEach(file -> seen.add(file, true, NOW));
    changes.fresh().forEach(file -> seen.add(file, true, NOW));
  }

  private int size() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    seen.write(new DataOutputStream(bytes));
    return bytes.size();
  }

  @Test
  void stateDoesNotGrowWithTheNumberOfFiles() throws IOException {
    List<WatchedFile> files = files("a", 100_000, 0);
    take(files);
    compare(files);
    int size = size();
    assertTrue(size < 512 << 10, size + " bytes after 100,000 files");
    files.addAll(files("b", 100_000, 100_000));
    take(files);
    assertEquals(List.of(), compare(files).late());
    assertTrue(size() < 512 << 10, size() + " bytes after 200,000 files");
  }

  @Test
  void stateDoesNotGrowWhileFilesOfOneListingAreTaken() throws IOException {
    take(files("a", 100_000, 0));
    assertTrue(size() < 768 << 10, size() + " bytes");
  }

  @Test
  void filesInTheirOrderAndLateOnesApart() {
    take(List.of(file("b", 5000), file("a", 5000), file("c", 3000)));
    Changes changes =
        compare(
            List.of(
                file("b", 5000),
                file("a", 5000),
                file("c", 3000),
                file("late", 4000),
                file("z", 4001),
                file("y", 4001)));
    assertEquals(List.of(file("late", 4000)), changes.late());
    assertEquals(List.of(file("y", 4001), file("z", 4001)), changes.fresh());
    assertEquals(0, changes.deleted());
  }

  @Test
  void aRefusedFileIsTakenAgainInAnotherVersion() {
    WatchedFile broken = file("a", 5000);
    compare(List.of(broken));
    seen.add(broken, false, NOW);
    assertEquals(List.of(), compare(List.of(broken)).fresh());
    WatchedFile whole = file("a", 5500);
    assertEquals(List.of(whole), compare(List.of(whole)).fresh());
    seen.add(whole, true, NOW);
    WatchedFile again = file("a", 5600);
    Changes changes = compare(List.of(again));
    assertEquals(List.of(again), changes.rewritten());
    assertEquals(List.of(), changes.fresh());
  }

  @Test
  void aTimeInTheFutureMakesNoOtherFileLate() {
    WatchedFile future = file("future", 1_000_000);
    seen.compare(List.of(future), file -> true, true, 5000);
    seen.add(future, true, 5000);
    WatchedFile next = file("next", 4500);
    Changes changes = seen.compare(List.of(future, next), file -> true, true, 5000);
    assertEquals(List.of(next), changes.fresh());
    assertEquals(List.of(), changes.late());
  }

  @Test
  void tooManyDeletionsAreForgottenAtOnce() {
    List<WatchedFile> files = files("a", 60_000, 0);
    take(files);
    compare(files);
    List<WatchedFile> left = new ArrayList<>(files.subList(50_000, 60_000));
    Changes changes = compare(left);
    assertEquals(0, changes.untold());
    assertEquals(List.of(), changes.late());
    left.add(file("late", 7));
    assertEquals(List.of(file("late", 7)), compare(left).late());
  }

  @Test
  void tooManyLateFilesAreCountedOnce() {
    List<WatchedFile> files = files("a", 60_000, 1_000_000);
    take(files);
    compare(files);
    files.addAll(files("late", 60_000, 0));
    Changes changes = compare(files);
    assertEquals(60_000, changes.untold());
    assertEquals(List.of(), changes.late());
    changes = compare(files);
    assertEquals(0, changes.untold());
    assertEquals(List.of(), changes.late());
    assertEquals(0, changes.deleted());
  }

  @Test
  void nothingIsForgottenWhileAListingIsNotComplete() {
    List<WatchedFile> files = files("a", 60_000, 0);
    take(files);
    compare(files);
    Changes changes = seen.compare(List.of(), file -> true, false, NOW);
    assertEquals(0, changes.deleted());
    changes = compare(files);
    assertEquals(List.of(), changes.late());
    assertEquals(List.of(), changes.fresh());
    assertEquals(0, changes.untold());
  }
}
