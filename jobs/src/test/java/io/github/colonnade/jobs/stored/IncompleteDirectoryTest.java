package io.github.colonnade.jobs.stored;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.testing.LocalObjectStore;
import io.github.colonnade.jobs.testing.LocalObjectStore.Call;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs that write to one place of an object store. */
class IncompleteDirectoryTest {
  @TempDir private Path directory;

  private Path place;
  private String uri;

  @BeforeEach
  void choosePlace() {
    place = directory.resolve("out");
    uri = "oss://" + place;
  }

  @AfterEach
  void removeHook() {
    LocalObjectStore.setHook(call -> {});
  }

  /** Another run takes the place just before a call of this one, which then fails. */
  @ParameterizedTest
  @EnumSource(
      value = Call.class,
      names = {"CREATE", "LIST"})
  void aRunThatFailsBeforeItOwnsThePlaceLeavesTheFilesOfAnother(Call failing) throws IOException {
    LocalObjectStore.setHook(
        call -> {
          if (call == failing) {
            writeOther();
            throw new IOException("the store does not answer");
          }
        });
    UsageException failure =
        assertThrows(UsageException.class, () -> IncompleteDirectory.create(uri));
    assertTrue(String.valueOf(failure.getMessage()).contains("the store does not answer"));
    assertOnlyOther();
  }

  /** As when another JobManager runs the program again, whose job is at work. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRunThatIsBegunAgainLeavesWhatItsJobWrites(boolean inStore) throws IOException {
    String shown = inStore ? uri : place.toString();
    Optional<String> run = Optional.of("run-1");
    assertFalse(IncompleteDirectory.isBegun(shown, run));
    Path written;
    try (IncompleteDirectory first = IncompleteDirectory.create(shown, run).leftWhile(() -> true)) {
      written = Path.of(first.path().toUri().getPath()).resolve("factors.safetensors");
      Files.writeString(written, "of the job");
    }
    assertTrue(IncompleteDirectory.isBegun(shown, run));
    assertFalse(IncompleteDirectory.isBegun(shown, Optional.of("run-2")));
    assertFalse(IncompleteDirectory.isBegun(shown, Optional.empty()));

    try (IncompleteDirectory second = IncompleteDirectory.create(shown, run)) {
      assertEquals(written.getParent(), Path.of(second.path().toUri().getPath()));
    }

    assertEquals("of the job", Files.readString(written));
  }

  @Test
  void aRunThatFindsAnotherLeavesItsFiles() throws IOException {
    LocalObjectStore.setHook(
        call -> {
          if (call == Call.LIST) {
            writeOther();
          }
        });
    UsageException failure =
        assertThrows(UsageException.class, () -> IncompleteDirectory.create(uri));
    assertEquals(
        uri + ": another run writes to it too; give the name of a new directory",
        failure.getMessage());
    assertOnlyOther();
  }

  @Test
  void aRunWhoseMarkerIsRemovedAsItBeginsDoesNotOwnThePlace() {
    LocalObjectStore.setHook(
        call -> {
          if (call == Call.LIST) {
            removeMarker();
          }
        });
    assertThrows(UsageException.class, () -> IncompleteDirectory.create(uri));
    assertFalse(Files.exists(place));
  }

  @Test
  void theMarkerOfARunThatJustBeginsIsLeft() throws IOException {
    Path other = place.resolve(".incomplete-other");
    try (IncompleteDirectory incomplete = IncompleteDirectory.create(uri)) {
      Files.writeString(Path.of(incomplete.path().getPath(), "factors"), "mine");
      Files.writeString(other, "");
    }
    assertTrue(Files.exists(other));
    assertFalse(Files.exists(place.resolve("factors")));
  }

  @Test
  void aRunThatFailsRemovesWhatItWrote() throws IOException {
    try (IncompleteDirectory incomplete = IncompleteDirectory.create(uri)) {
      Files.writeString(Path.of(incomplete.path().getPath(), "factors"), "mine");
    }
    assertFalse(Files.exists(place));
  }

  @Test
  void aRunWhoseMarkerIsGoneIsNotCompleted() throws IOException {
    try (IncompleteDirectory incomplete = IncompleteDirectory.create(uri)) {
      removeMarker();
      UsageException failure = assertThrows(UsageException.class, incomplete::complete);
      assertTrue(
          String.valueOf(failure.getMessage())
              .startsWith(uri + ": what this run wrote was removed"));
    }
  }

  @Test
  void aRemovedDirectoryBesideItsPlaceIsNotCompleted() throws IOException {
    try (IncompleteDirectory incomplete = IncompleteDirectory.create(place.toString())) {
      Files.delete(Path.of(incomplete.path().getPath()));
      assertThrows(UsageException.class, incomplete::complete);
    }
    assertFalse(Files.exists(place));
  }

  @Test
  void aFileSystemThatCannotWriteInOneStepIsRefusedBeforeAnyWork() {
    LocalObjectStore.setHook(
        call -> {
          if (call == Call.WRITE_IN_ONE_STEP) {
            throw new UnsupportedOperationException("not here");
          }
        });
    UsageException failure =
        assertThrows(UsageException.class, () -> IncompleteDirectory.create(uri));
    assertTrue(
        String.valueOf(failure.getMessage())
            .startsWith(uri + ": the file system of this scheme cannot write a file in one step"));
    assertFalse(Files.exists(place));
  }

  private void writeOther() throws IOException {
    Files.createDirectories(place);
    Files.writeString(place.resolve(".incomplete-other"), "");
    Files.writeString(place.resolve("factors"), "of another");
  }

  private void assertOnlyOther() throws IOException {
    assertEquals("of another", Files.readString(place.resolve("factors")));
    try (var files = Files.list(place)) {
      assertEquals(2, files.count(), "its own marker is removed");
    }
  }

  private void removeMarker() throws IOException {
    try (var files = Files.newDirectoryStream(place)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }
}
