package io.github.colonnade.jobs.compress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.compress.CompressSettings.Input;
import io.github.colonnade.jobs.compress.CompressSettings.Method;
import io.github.colonnade.jobs.compress.CompressSettings.Place;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Precision;
import io.github.colonnade.jobs.manifest.RejectionCause;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.StoreDtype;
import io.github.colonnade.jobs.manifest.Transpose;
import io.github.colonnade.jobs.plan.Partitions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker may be lost at any step of a commit, which is then done again from its beginning. */
class CommitOperatorTest {

  @TempDir private Path folder;
  private Path source;
  private Path output;
  private Path staging;

  @BeforeEach
  void makeStaging() throws IOException {
    source = Files.writeString(folder.resolve("in.npy"), "not read");
    output = folder.resolve("out");
    staging = Files.createDirectory(folder.resolve(".out.incomplete-1"));
  }

  @Test
  void whatWasCommittedIsFoundAgain() throws Exception {
    commit(beside(), "a");
    byte[] first = Files.readAllBytes(output.resolve(Manifest.FILE_NAME));

    commit(beside(), "a");

    assertArrayEquals(first, Files.readAllBytes(output.resolve(Manifest.FILE_NAME)));
    assertFalse(Files.exists(staging));
  }

  @Test
  void whatAnotherRunCommittedIsLeftAsItIs() throws Exception {
    commit(beside(), "a");
    byte[] first = Files.readAllBytes(output.resolve(Manifest.FILE_NAME));
    Files.createDirectory(staging);

    assertThrows(UsageException.class, () -> commit(beside(), "b"));

    assertArrayEquals(first, Files.readAllBytes(output.resolve(Manifest.FILE_NAME)));
  }

  @Test
  void withoutItsDirectoryNothingIsCommitted() throws Exception {
    Files.delete(staging);

    assertThrows(UsageException.class, () -> commit(beside(), "a"));

    assertFalse(Files.exists(output));
  }

  @Test
  void whatLostWorkersHadBegunIsRemoved() throws Exception {
    Files.writeString(staging.resolve("colonnade-spool-1.tmp"), "begun");
    Files.writeString(staging.resolve(".m4-00000.safetensors.1"), "begun");

    commit(beside(), "a");

    try (var files = Files.list(output)) {
      assertEquals(
          List.of(Manifest.FILE_NAME), files.map(each -> each.getFileName().toString()).toList());
    }
  }

  /** As in an object store. */
  @Test
  void inPlaceTheMarkerGoesWithTheCommitWhicheverTimeItSucceeds() throws Exception {
    Files.createDirectory(output);
    Path marker = Files.createFile(output.resolve(".incomplete-1"));
    Place place = new Place(uri(output), uri(output), uri(marker));
    commit(place, "a");
    assertFalse(Files.exists(marker));
    byte[] first = Files.readAllBytes(output.resolve(Manifest.FILE_NAME));

    commit(place, "a");
    assertArrayEquals(first, Files.readAllBytes(output.resolve(Manifest.FILE_NAME)));

    Files.createFile(marker);
    commit(place, "a");
    assertFalse(Files.exists(marker));
    assertTrue(Files.exists(output.resolve(Manifest.FILE_NAME)));
  }

  private Place beside() {
    return new Place(uri(output), uri(staging), uri(staging));
  }

  private static String uri(Path path) {
    return path.toUri().toString().replaceAll("/$", "");
  }

  private void commit(Place place, String tensor) throws IOException {
    CompressSettings settings =
        new CompressSettings(
            new Input(List.of(uri(source)), 0, 0, Transpose.NEVER, List.of(), List.of(), false),
            new Method(Scope.BLOCK, 0, "auto", Precision.FLOAT32, StoreDtype.SOURCE, 1),
            0.1,
            new Goal.Limit(),
            place,
            System.currentTimeMillis(),
            null,
            Map.of());
    CommitOperator operator = new CommitOperator(settings, Partitions.none(), null);
    operator.processElement(
        new StreamRecord<>(
            new Outcome.Rejected(
                0,
                uri(source),
                tensor,
                RejectionCause.NOT_FINITE,
                "it has a NaN",
                StageTimes.none())));
    operator.commit();
  }
}
