package io.github.colonnade.jobs.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.manifest.RejectionCause;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.Totals;
import io.github.colonnade.jobs.manifest.Treatment;
import io.github.colonnade.jobs.stored.CompressedCollection;
import io.github.colonnade.jobs.stored.CompressedDirectories;
import io.github.colonnade.jobs.stored.CompressedDirectories.Of;
import io.github.colonnade.jobs.stored.Grown;
import io.github.colonnade.jobs.stored.Segments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Verifies collections in segments whose inputs have gone on. */
class GrownVerificationTest {
  private static final String A = "watched/a.safetensors";
  private static final String B = "watched/b.safetensors";

  @TempDir private Path root;
  private CompressedDirectories sample;

  @BeforeEach
  void write() throws IOException {
    Random random = new Random(7);
    sample =
        new CompressedDirectories(root)
            .tensor(A, "a", DType.F32, new long[] {6, 8}, random.doubles(48).toArray())
            .tensor(A, "ids", DType.F32, new long[] {3}, 1, 2, 3)
            .tensor(B, "b", DType.F32, new long[] {6, 5}, random.doubles(30).toArray())
            .input("watched")
            .cluster("c", 3, DType.F32, 1, Of.rowMajor(A, "a", 6), Of.rowMajor(B, "b", 6))
            .pass(A, "ids")
            .write(0.9, Scope.BLOCK);
    Segments.open(sample.out().toString()).adopt();
  }

  private void reject(boolean open, RejectedEntry... entries) throws IOException {
    Grown.reject(sample.out(), open, entries);
  }

  private RejectedEntry whole(String file, RejectionCause cause) {
    return new RejectedEntry(file(file).toUri().toString().replace("///", "/"), "", cause, "why");
  }

  private Path file(String name) {
    return sample.in().resolve(name);
  }

  private Verification.Result result() throws Exception {
    return VerificationTest.verify(sample);
  }

  private void assertFinds(String part) throws Exception {
    List<String> lines = result().lines();
    assertTrue(!lines.isEmpty() && lines.get(0).contains(part), lines.toString());
  }

  private void assertSound(String unseen) throws Exception {
    Verification.Result result = result();
    assertEquals(List.of(), result.lines());
    assertEquals(unseen, result.unseen());
  }

  @Test
  void whatWasAdoptedIsSound() throws Exception {
    assertSound("");
    reject(false);
    assertSound("");
  }

  @Test
  void aFactorThatChangedIsFound() throws Exception {
    CompressedDirectories.flip(sample.factors(), "basis c", 3, 0x40);
    assertFinds("error");
  }

  @Test
  void filesThatNoSegmentNamesAreOfARunThatAdds() throws Exception {
    Files.copy(sample.data(), sample.out().resolve("unpublished.safetensors"));
    assertSound("");
  }

  @Test
  void aTensorBesideThoseThatASegmentNamesIsFound() throws Exception {
    Files.copy(file(A), sample.data(), StandardCopyOption.REPLACE_EXISTING);
    assertFinds("is stored, but not in the manifest");
  }

  @Test
  void aTensorThatIsMissingFromAnOpenCollectionIsCounted() throws Exception {
    Files.copy(file(B), file("watched/c.safetensors"));
    assertFinds("it is in the input, but not in the manifest");

    reject(true);
    assertSound("; 1 tensor of the inputs not here yet");
  }

  @ParameterizedTest
  @EnumSource(
      value = RejectionCause.class,
      names = {"UNREADABLE", "LATE"})
  void aRefusedFileIsNotHeldAgainstIt(RejectionCause cause) throws Exception {
    Files.copy(file(B), file("watched/c.safetensors"));
    reject(false, whole("watched/c.safetensors", cause));
    assertSound("");
  }

  @Test
  void aBrokenFileMustHaveBeenRejected() throws Exception {
    Files.writeString(file("watched/c.safetensors"), "broken");
    assertFinds("the original cannot be read: c.safetensors");
    assertEquals(1, result().findings());

    reject(true);
    assertSound("; 1 file of the inputs cannot be read yet");

    reject(false, whole("watched/c.safetensors", RejectionCause.UNREADABLE));
    assertSound("");
  }

  @Test
  void aPickleIsPassedOver() throws Exception {
    Files.writeString(file("watched/c.pkl"), "pickle");
    assertSound("");
  }

  @Test
  void twoClustersMayHaveOneBasis() throws Exception {
    Files.copy(file(A), file("watched/d.safetensors"));
    long bytesIn = Files.size(file(A));
    Manifest all = CompressedCollection.open(sample.out().toString()).manifest();
    ClusterEntry c = all.clusters().get(0);
    List<BlockEntry> blocks =
        all.blocks().stream().filter(block -> !block.tensor().equals("b")).map(this::ofD).toList();
    double error = blocks.get(0).error();
    ClusterEntry same =
        new ClusterEntry(
            "d", c.rows(), c.rank(), 8, 1, c.bound(), error, c.basis(), Optional.empty());
    Grown.publish(
        sample.out(),
        size ->
            new Manifest(
                all.settings(),
                Totals.of(2, 1, 48 + 3, 0, bytesIn, size, error, error, 1),
                all.timings(),
                List.of(same),
                blocks,
                List.of()),
        false);

    assertSound("");
    CompressedDirectories.flip(sample.factors(), "basis c", 3, 0x40);
    assertEquals(
        2, result().lines().stream().filter(line -> line.contains(": joint error")).count());
  }

  /** The same block of a copy of its file, with the same factors. */
  private BlockEntry ofD(BlockEntry block) {
    boolean compressed = block.cluster().isPresent();
    return new BlockEntry(
        "d " + block.id(),
        whole("watched/d.safetensors", RejectionCause.LATE).source(),
        block.tensor(),
        block.shape(),
        block.dtype(),
        compressed ? Treatment.ALONE : block.treatment(),
        block.view(),
        block.part(),
        block.cluster().map(id -> "d"),
        block.transposed(),
        block.error(),
        block.coefficients(),
        block.scale(),
        block.data(),
        block.sha256(),
        block.note());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aBrokenFileWhoseTensorsAreHereIsFound(boolean open) throws Exception {
    Files.writeString(file(B), "broken");
    reject(open);
    assertFinds("the original cannot be read");
    // It was refused once, and taken later.
    reject(open, whole(B, RejectionCause.UNREADABLE));
    assertFinds("the original cannot be read");
  }

  @ParameterizedTest
  @EnumSource(
      value = RejectionCause.class,
      names = {"LATE", "REWRITTEN", "CHANGED"})
  void tensorsOfAFileThatWasWrittenAgainAreCounted(RejectionCause cause) throws Exception {
    Files.copy(file(B), file(A), StandardCopyOption.REPLACE_EXISTING);
    assertFinds("it is not in the input any more");

    reject(false, whole(A, cause));
    assertSound("; 2 tensors cannot be checked: the files were written again");

    CompressedDirectories.flip(sample.factors(), "c " + B + "#b", 3, 0x40);
    assertFinds("block " + B + "#b: error");
  }

  @Test
  void aTensorThatCouldNotBeReadIsNotReadAgain() throws Exception {
    RejectedEntry gone = whole(B, RejectionCause.UNREADABLE);
    reject(false, new RejectedEntry(gone.source(), "no tensor", gone.cause(), "no matrix"));
    assertSound("");
  }

  @Test
  void aFiniteTensorIsNotRejectedAsNotFinite() throws Exception {
    Files.copy(file(B), file("watched/c.safetensors"));
    RejectedEntry entry = whole("watched/c.safetensors", RejectionCause.NOT_FINITE);
    reject(false, new RejectedEntry(entry.source(), "b", entry.cause(), "NaN"));
    assertFinds("is listed as rejected, but all its numbers are finite");
  }
}
