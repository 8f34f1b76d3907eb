package io.github.colonnade.jobs.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.write.SafetensorsSpool;
import io.github.colonnade.connectors.write.TensorHeader;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.memory.PayloadShare;
import io.github.colonnade.jobs.stored.CompressedCollection;
import io.github.colonnade.jobs.stored.CompressedDirectories;
import io.github.colonnade.jobs.stored.ManifestEdits;
import io.github.colonnade.jobs.stored.Samples;
import io.github.colonnade.jobs.stored.StoredTensors;
import io.github.colonnade.jobs.weights.BlockWeights;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.ReferenceLinearAlgebra;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Verifies collections that are right, and such as differ from that in one place. */
class VerificationTest {
  @TempDir Path root;

  private CompressedDirectories sample(Scope scope) throws Exception {
    return Samples.everything(root).write(Samples.LIMIT, scope);
  }

  /** Without a job: the items are measured one after another, the last one first. */
  static Verification.Result verify(CompressedDirectories directories) throws Exception {
    CompressedCollection collection = CompressedCollection.open(directories.out().toString());
    return Verification.check(
        collection,
        Optional.empty(),
        (items, limit) -> {
          MeasurementSum sum = new MeasurementSum(limit);
          try (StoredTensors stored = new StoredTensors(collection.directory())) {
            LinearAlgebra la = new ReferenceLinearAlgebra();
            PieceChecker checker =
                new PieceChecker(
                    la,
                    stored,
                    limit,
                    BlockWeights.none(la),
                    PayloadShare.unlimited(),
                    bytes -> {});
            for (int i = items.size() - 1; i >= 0; i--) {
              sum.add(checker.check(items.get(i)));
            }
          }
          return sum.total();
        });
  }

  private static void assertFinds(CompressedDirectories directories, String... parts)
      throws Exception {
    Verification.Result result = verify(directories);
    assertNotEquals(0, result.findings(), "found nothing");
    String first = result.lines().get(0);
    for (String part : parts) {
      assertTrue(first.contains(part), "expected " + part + " in " + result.lines());
    }
  }

  @Test
  void acceptsEverythingInScopeBlock() throws Exception {
    Verification.Result result = verify(sample(Scope.BLOCK));

    assertEquals(List.of(), result.lines());
    assertEquals(15, result.measured().blocks());
  }

  @Test
  void acceptsEverythingInScopeCluster() throws Exception {
    assertEquals(List.of(), verify(sample(Scope.CLUSTER)).lines());
  }

  @Test
  void addsUpAClusterThatIsMeasuredInPieces() throws Exception {
    CompressedDirectories many = Samples.manyBlocks(root, 9000).write(1, Scope.CLUSTER);

    assertEquals(List.of(), verify(many).lines());

    many.rewrite(m -> ManifestEdits.cluster(m, "many", c -> ManifestEdits.error(c, c.error() * 2)));
    assertFinds(many, "cluster many: joint error", "the manifest says");
  }

  @Test
  void findsAChangedCoefficient() throws Exception {
    CompressedDirectories sample = sample(Scope.BLOCK);
    String tensor = "c " + Samples.SHARD_1 + "#b";
    CompressedDirectories.flip(sample.factors(), tensor, 4 * 17 + 3, 0x40);

    assertFinds(sample, "block " + Samples.SHARD_1 + "#b: error", "the manifest says");
  }

  @Test
  void findsAChangedBasis() throws Exception {
    CompressedDirectories sample = sample(Scope.BLOCK);
    CompressedDirectories.flip(sample.factors(), "basis half", 2 * 5 + 1, 0x80);

    assertFinds(sample, "block " + Samples.SHARD_1 + "#half: error", "the manifest says");
  }

  @Test
  void findsAChangedCopy() throws Exception {
    CompressedDirectories sample = sample(Scope.BLOCK);
    CompressedDirectories.flip(sample.data(), Samples.SHARD_1 + "#ids", 9, 1);

    assertFinds(sample, "#ids: the copy differs from the original from byte 9 on");
  }

  @Test
  void findsAChangedRawPart() throws Exception {
    CompressedDirectories sample = sample(Scope.BLOCK);
    CompressedDirectories.flip(sample.data(), Samples.SHARD_2 + "#rows[5:9]", 0, 1);

    assertFinds(sample, "#rows[5:9]: the copy differs from the original from byte 0 on");
  }

  @Test
  void findsAChangedOriginalMatrix() throws Exception {
    CompressedDirectories sample = sample(Scope.BLOCK);
    CompressedDirectories.flip(sample.in().resolve(Samples.SHARD_2), "rows", 2 * 6 * 10, 1);

    Verification.Result result = verify(sample);
    assertTrue(
        result.lines().get(0).contains("#rows[9:12]: the original has changed: its SHA-256"),
        result.lines().toString());
    assertEquals(1, result.findings());
  }

  @Test
  void findsAChangedOriginalThatWasCopied() throws Exception {
    CompressedDirectories sample = sample(Scope.BLOCK);
    CompressedDirectories.flip(sample.in().resolve(Samples.SHARD_2), "flags", 4, 1);

    assertFinds(sample, "#flags: the original has changed");
  }

  @Test
  void findsAMissingOriginal() throws Exception {
    CompressedDirectories sample = sample(Scope.BLOCK);
    Files.delete(sample.in().resolve(Samples.NPY));

    Verification.Result result = verify(sample);
    assertTrue(result.lines().get(0).contains("bias.npy: there is no such file"));
    assertEquals(1, result.findings(), result.lines().toString());
  }

  @Test
  void findsAWrongErrorOfABlock() throws Exception {
    CompressedDirectories sample = sample(Scope.BLOCK);
    String id = Samples.SHARD_1 + "#a";
    sample.rewrite(m -> ManifestEdits.block(m, id, b -> ManifestEdits.error(b, b.error() + 1e-8)));

    assertFinds(sample, "block " + id + ": error", "the manifest says");
  }

  @Test
  void findsAWrongErrorOfATinyBlock() throws Exception {
    CompressedDirectories sample = sample(Scope.BLOCK);
    String id = Samples.SHARD_2 + "#tiny";
    sample.rewrite(m -> ManifestEdits.block(m, id, b -> ManifestEdits.error(b, 0)));

    assertFinds(sample, "block " + id + ": error", "the manifest says 0.0");
  }

  @Test
  void findsABlockThatBreaksTheLimit() throws Exception {
    CompressedDirectories sample = sample(Scope.BLOCK);
    sample.rewrite(m -> ManifestEdits.limit(m, m.totals().maxBlockError() * (1 - 1e-12)));

    Verification.Result result = verify(sample);
    assertTrue(result.lines().get(0).contains("breaks the limit"));
    assertEquals(1, result.findings());
  }

  @Test
  void findsAClusterThatBreaksTheLimit() throws Exception {
    CompressedDirectories sample = sample(Scope.CLUSTER);
    sample.rewrite(m -> ManifestEdits.limit(m, m.totals().maxClusterError() * (1 - 1e-12)));

    Verification.Result result = verify(sample);
    assertTrue(result.lines().get(0).matches("cluster .*: joint error .* breaks the limit.*"));
    assertEquals(1, result.findings());
  }

  @Test
  void findsAWrongJointError() throws Exception {
    CompressedDirectories sample = sample(Scope.BLOCK);
    sample.rewrite(
        m -> ManifestEdits.cluster(m, "shared", c -> ManifestEdits.error(c, c.error() * 0.99)));

    assertFinds(sample, "cluster shared: joint error");
  }

  @Test
  void findsAMissingBlock() throws Exception {
    CompressedDirectories sample = sample(Scope.BLOCK);
    sample.rewrite(m -> ManifestEdits.withoutBlock(m, Samples.SHARD_2 + "#noise"));

    assertFinds(sample, "tensor \"noise\" of", "it is in the input, but not in the manifest");
  }

  @Test
  void findsAMissingPart() throws Exception {
    CompressedDirectories sample = sample(Scope.BLOCK);
    sample.rewrite(m -> ManifestEdits.withoutBlock(m, Samples.SHARD_2 + "#rows[5:9]"));

    assertFinds(sample, "tensor \"rows\" of", "its columns 5 to 9 are in no block");
  }

  @Test
  void findsATensorThatIsRejectedAndThere() throws Exception {
    CompressedDirectories sample = sample(Scope.BLOCK);
    sample.rewrite(m -> ManifestEdits.rejectedToo(m, Samples.SHARD_2 + "#noise"));

    assertFinds(sample, "tensor \"noise\" of", "it is rejected, and there is another entry");
  }

  @Test
  void findsWhatIsRejectedWithoutReason() throws Exception {
    double[] late = new double[20_000];
    late[19_999] = Double.NaN;
    CompressedDirectories rejected =
        new CompressedDirectories(root)
            .tensor("m.safetensors", "late", DType.F64, new long[] {20_000}, late)
            .tensor("m.safetensors", "sound", DType.F32, new long[] {3}, 1, 2, 3)
            .tensor("m.safetensors", "whole", DType.I32, new long[] {1}, new byte[4])
            .input("m.safetensors")
            .reject("m.safetensors", "late")
            .reject("m.safetensors", "sound")
            .reject("m.safetensors", "whole")
            .write(1, Scope.BLOCK);

    Verification.Result result = verify(rejected);
    assertEquals(2, result.findings(), result.lines().toString());
    assertTrue(
        result.lines().get(0).contains("is listed as rejected, but all its numbers are finite"));
    assertTrue(result.lines().get(1).endsWith("is listed as rejected, but it is of I32"));
  }

  @Test
  void findsARankAboveItsLimit() throws Exception {
    CompressedDirectories sample = sample(Scope.BLOCK);
    sample.rewrite(m -> ManifestEdits.rankLimit(m, 2));

    assertFinds(sample, "cluster shared: rank 3 breaks the limit 2");
  }

  @Test
  void findsAJointErrorBelowItsBound() throws Exception {
    CompressedDirectories sample = sample(Scope.CLUSTER);
    sample.rewrite(
        m -> ManifestEdits.cluster(m, "shared", c -> ManifestEdits.lower(c, c.error() + 1e-8)));

    assertFinds(sample, "cluster shared: error", "is below its lower bound");
  }

  @Test
  void doesNotCompareTheBoundOfUnitBlocksWithTheJointError() throws Exception {
    CompressedDirectories sample = sample(Scope.BLOCK);
    sample.rewrite(
        m -> ManifestEdits.cluster(m, "shared", c -> ManifestEdits.lower(c, c.error() + 1e-8)));

    assertEquals(List.of(), verify(sample).lines());
  }

  @Test
  void findsACopyOfAnotherShape() throws Exception {
    CompressedDirectories copies =
        new CompressedDirectories(root)
            .tensor("m.safetensors", "ids", DType.I32, new long[] {2, 3}, new byte[24])
            .input("m.safetensors")
            .pass("m.safetensors", "ids")
            .write(1, Scope.BLOCK);
    assertEquals(List.of(), verify(copies).lines());
    // Same length, so that no offset moves.
    String data = Files.readString(copies.data(), StandardCharsets.ISO_8859_1);
    Files.writeString(copies.data(), data.replace("[2,3]", "[3,2]"), StandardCharsets.ISO_8859_1);

    assertFinds(copies, "#ids: shape [3, 2] is stored, the original has [2, 3]");
  }

  @Test
  void findsAnUnreferencedTensor() throws Exception {
    CompressedDirectories sample = sample(Scope.BLOCK);
    try (SafetensorsSpool spool = SafetensorsSpool.create(CompressedDirectories.flink(root))) {
      spool.add(new TensorHeader("left over", DType.U8, Shape.of(2)), new byte[2]);
      spool.finish(
          CompressedDirectories.flink(sample.out().resolve("factors/more.safetensors")), Map.of());
    }

    assertFinds(sample, "factors/more.safetensors: tensor \"left over\" is stored, but not in");
  }

  @Test
  void findsSwappedCoefficients() throws Exception {
    CompressedDirectories sample = sample(Scope.BLOCK);
    CompressedDirectories twins =
        new CompressedDirectories(root.resolve("twins"))
            .tensor("m.safetensors", "x", DType.F32, new long[] {4, 3}, values(1))
            .tensor("m.safetensors", "y", DType.F32, new long[] {4, 3}, values(2))
            .input("m.safetensors")
            .cluster(
                "c",
                2,
                DType.F32,
                1,
                CompressedDirectories.Of.rowMajor("m.safetensors", "x", 4),
                CompressedDirectories.Of.rowMajor("m.safetensors", "y", 4))
            .write(1, Scope.BLOCK);
    assertEquals(List.of(), verify(twins).lines());
    twins.rewrite(m -> ManifestEdits.blocks(m, b -> ManifestEdits.coefficients(b, ofTheOther(b))));

    assertFinds(twins, "block m.safetensors#x: error");
    assertEquals(List.of(), verify(sample).lines());
  }

  @Test
  void findsCoefficientsOfAnotherShape() throws Exception {
    CompressedDirectories sample = sample(Scope.BLOCK);
    String id = Samples.SHARD_1 + "#a";
    sample.rewrite(
        m ->
            ManifestEdits.block(
                m,
                id,
                b -> ManifestEdits.coefficients(b, location("c " + Samples.SHARD_1 + "#b"))));

    Verification.Result result = verify(sample);
    assertTrue(
        result.lines().stream()
            .anyMatch(
                line ->
                    line.contains("block " + id)
                        && line.contains("expected floats of shape [3, 8], found F32")),
        result.lines().toString());
  }

  @Test
  void findsAMissingFactorFile() throws Exception {
    CompressedDirectories sample = sample(Scope.BLOCK);
    Files.delete(sample.factors());

    assertFinds(sample, "totals.numbersStored");
    assertTrue(
        verify(sample).lines().stream()
            .anyMatch(line -> line.startsWith("cluster shared: f0.safetensors: there is no such")));
  }

  @Test
  void findsAZeroBlockThatIsNotReconstructedAsZero() throws Exception {
    CompressedDirectories zero =
        new CompressedDirectories(root)
            .tensor("m.safetensors", "z", DType.F64, new long[] {3, 2}, new double[6])
            .tensor("m.safetensors", "x", DType.F64, new long[] {3, 2}, 1, 2, 3, 4, 5, 6)
            .input("m.safetensors")
            .cluster(
                "c",
                1,
                DType.F64,
                1,
                CompressedDirectories.Of.rowMajor("m.safetensors", "z", 3),
                CompressedDirectories.Of.rowMajor("m.safetensors", "x", 3))
            .write(1, Scope.BLOCK);
    assertEquals(List.of(), verify(zero).lines());
    // The smallest number there is.
    CompressedDirectories.flip(zero.factors(), "c m.safetensors#z", 0, 1);

    assertFinds(zero, "block m.safetensors#z: error Infinity measured, the manifest says 0.0");
  }

  @Test
  void findsWrongTotals() throws Exception {
    CompressedDirectories sample = sample(Scope.BLOCK);
    sample.rewrite(ManifestEdits::wrongTotals);

    Verification.Result result = verify(sample);
    assertEquals(9, result.findings(), result.lines().toString());
    assertTrue(result.lines().get(0).startsWith("totals.numbersIn"));
  }

  @Test
  void showsTwentyLinesAndCountsAll() throws Exception {
    CompressedDirectories many = Samples.manyBlocks(root, 100).write(1, Scope.BLOCK);
    many.rewrite(
        m ->
            ManifestEdits.blocks(
                m,
                b -> ManifestEdits.error(b, b.part().orElseThrow().from() < 50 ? 2 : b.error())));

    Verification.Result result = verify(many);
    assertEquals(20, result.lines().size());
    assertTrue(result.lines().get(1).startsWith("block m.safetensors#w[0:1]: error"));
    assertEquals(51, result.findings());
  }

  private static Optional<TensorLocation> ofTheOther(BlockEntry block) {
    return location("c m.safetensors#" + (block.tensor().equals("x") ? "y" : "x"));
  }

  private static Optional<TensorLocation> location(String tensor) {
    return Optional.of(new TensorLocation("factors/f0.safetensors", tensor));
  }

  private static double[] values(int seed) {
    return new Random(seed).doubles(12, -1, 1).toArray();
  }
}
