package io.github.colonnade.jobs.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.write.SafetensorsSpool;
import io.github.colonnade.connectors.write.TensorHeader;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.stored.CompressedDirectories;
import io.github.colonnade.jobs.stored.CompressedDirectories.Of;
import io.github.colonnade.jobs.stored.ManifestEdits;
import io.github.colonnade.jobs.stored.Samples;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.roaringbitmap.RoaringBitmap;

/** Verifies clusters whose blocks use some directions each, and masks that are wrong. */
class MaskTest {
  private static final String FILE = "m.safetensors";

  @TempDir Path root;

  private CompressedDirectories sample() throws Exception {
    return Samples.someDirections(root).write(1, Scope.BLOCK);
  }

  @Test
  void acceptsBlocksThatUseSomeDirections() throws Exception {
    Verification.Result result = VerificationTest.verify(sample());

    assertEquals(List.of(), result.lines());
    assertEquals(4, result.measured().blocks());
  }

  @Test
  void acceptsAMaskOfManyBlocksMeasuredInPieces() throws Exception {
    Random random = new Random(3);
    int blocks = 9000;
    Of rows = Of.columnMajor(FILE, "w", 3);
    Of[] members = new Of[blocks];
    int[][] kept = new int[blocks][];
    for (int j = 0; j < blocks; j++) {
      members[j] = rows.columns(j, j + 1);
      kept[j] = j % 3 == 0 ? new int[0] : j % 3 == 1 ? new int[] {1} : new int[] {0, 1};
    }
    double[] values = Samples.matrix(random, blocks, 3, 1);
    CompressedDirectories many =
        new CompressedDirectories(root)
            .tensor(FILE, "w", DType.F32, new long[] {blocks, 3}, values)
            .input(FILE)
            .ragged("many", 2, DType.F32, 1, List.of(kept), members)
            .write(1, Scope.CLUSTER);

    assertEquals(List.of(), VerificationTest.verify(many).lines());
  }

  @Test
  void findsAChangedMask() throws Exception {
    CompressedDirectories sample = sample();
    // The last number of the array container: block 3 then uses direction 1 instead of 2.
    CompressedDirectories.flip(sample.factors(), "mask c", 16 + 2 * 6, 11 ^ 10);

    assertFinds(sample, "block " + FILE + "#w: error");
  }

  /** A cluster of four blocks at rank 3 has numbers below 12, and the sample keeps 7 of them. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "7, 3, 12 | it has number 12 of 12, counted from 0",
        "1, 2, 70000 | it has number 70000 of 12, counted from 0",
        "0, 1, 2, 3, 4, 5, 10, 11 | expected floats of shape [2, 5], found F64 of shape [1, 5]",
      })
  void findsAMaskThatDoesNotFit(String numbers, String message) throws Exception {
    RoaringBitmap mask = new RoaringBitmap();
    for (String each : numbers.split(", ", -1)) {
      mask.add(Integer.parseInt(each));
    }
    byte[] bytes = new byte[mask.serializedSizeInBytes()];
    mask.serialize(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));

    assertRefuses(DType.U8, bytes, message);
  }

  @Test
  void findsBytesThatAreNoMask() throws Exception {
    assertRefuses(DType.U8, new byte[0], "it is no RoaringBitmap");
  }

  @Test
  void findsAMaskThatIsCutOff() throws Exception {
    assertRefuses(DType.U8, new byte[] {0x3a, 0x30, 0, 0, 1, 0, 0, 0, 0}, "it is no RoaringBitmap");
  }

  @Test
  void findsAMaskThatIsFarTooLarge() throws Exception {
    assertRefuses(
        DType.U8, new byte[100_000], "expected at most 8210 bytes in one row, found U8 of shape");
  }

  @Test
  void findsAMaskOfAnotherType() throws Exception {
    assertRefuses(DType.F32, new byte[4], "found F32 of shape [1]");
  }

  @Test
  void findsThatAMaskIsMissing() throws Exception {
    CompressedDirectories sample = sample();
    sample.rewrite(m -> ManifestEdits.cluster(m, "c", c -> ManifestEdits.mask(c, at("none"))));

    assertFinds(sample, "cluster c: f0.safetensors: tensor \"none\": the file has no such tensor");
  }

  @Test
  void findsABlockWithoutCoefficients() throws Exception {
    CompressedDirectories sample = sample();
    sample.rewrite(
        m ->
            ManifestEdits.block(
                m, FILE + "#w", b -> ManifestEdits.coefficients(b, Optional.empty())));

    assertFinds(sample, "block " + FILE + "#w: ", "the block uses 1 directions, but has no");
  }

  /** Puts another mask beside the factors. */
  private void assertRefuses(DType dtype, byte[] mask, String message) throws Exception {
    CompressedDirectories sample = sample();
    try (SafetensorsSpool spool = SafetensorsSpool.create(CompressedDirectories.flink(root))) {
      spool.add(new TensorHeader("other", dtype, Shape.of(mask.length / dtype.sizeBytes())), mask);
      spool.finish(
          CompressedDirectories.flink(sample.out().resolve("factors/f1.safetensors")), Map.of());
    }
    TensorLocation other = new TensorLocation("factors/f1.safetensors", "other");
    sample.rewrite(
        m -> ManifestEdits.cluster(m, "c", c -> ManifestEdits.mask(c, Optional.of(other))));

    assertFinds(sample, message);
  }

  private static Optional<TensorLocation> at(String tensor) {
    return Optional.of(new TensorLocation("factors/f0.safetensors", tensor));
  }

  private static void assertFinds(CompressedDirectories directories, String... parts)
      throws Exception {
    Verification.Result result = VerificationTest.verify(directories);
    assertNotEquals(0, result.findings(), "found nothing");
    assertTrue(
        result.lines().stream().anyMatch(line -> List.of(parts).stream().allMatch(line::contains)),
        "expected " + List.of(parts) + " in " + result.lines());
  }
}
