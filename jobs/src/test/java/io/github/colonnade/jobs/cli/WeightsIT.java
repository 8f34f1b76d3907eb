package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.write.SafetensorsWriter;
import io.github.colonnade.connectors.write.TensorHeader;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.testing.CheckedOutput;
import io.github.colonnade.jobs.testing.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code --weights} on files, from compress to verify and reconstruct. */
class WeightsIT {
  private static final int OUT = 24;
  private static final int IN = 16;

  @TempDir private Path directory;

  private final Random random = new Random(5);

  @BeforeEach
  void writeModel() {
    List<Tensor> tensors = new ArrayList<>();
    double[] shared = gaussian(OUT * IN);
    for (String name : List.of("a", "b", "c")) {
      double[] own = gaussian(OUT * IN);
      double[] mixed = new double[own.length];
      for (int i = 0; i < own.length; i++) {
        // Columns decay so that some rank pays.
        mixed[i] = (shared[i] + 0.2 * own[i]) * Math.pow(0.75, i % IN);
      }
      tensors.add(Tensor.of(name, "F32", mixed, OUT, IN));
    }
    tensors.add(Tensor.of("bias", "F32", gaussian(OUT), OUT));
    Tensor.write(model(), tensors);
  }

  private Path model() {
    return directory.resolve("model.safetensors");
  }

  private Path weights() {
    return directory.resolve("weights.safetensors");
  }

  private double[] gaussian(int length) {
    return random.doubles(length, -1, 1).toArray();
  }

  private double[] moment(int rank) {
    return moment(rank, 1000);
  }

  /** XᵀX of IN inputs, of the given rank; some inputs are {@code uneven} times the others. */
  private double[] moment(int rank, double uneven) {
    double[] h = new double[IN * IN];
    for (int l = 0; l < rank; l++) {
      double[] x = gaussian(IN);
      for (int j = 0; j < IN; j++) {
        x[j] *= j % 5 == 4 ? uneven : 1;
      }
      for (int i = 0; i < h.length; i++) {
        h[i] += x[i / IN] * x[i % IN];
      }
    }
    return h;
  }

  private Session compress(String name, String... options) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "compress", model().toString(), "--output", directory.resolve(name).toString()));
    arguments.addAll(List.of("--parallelism", "2"));
    arguments.addAll(List.of(options));
    return Session.run(arguments.toArray(String[]::new));
  }

  private Manifest compressed(String name, String... options) {
    Session session = compress(name, options);
    assertEquals(0, session.exitCode, session.err().toString());
    return CheckedOutput.manifest(directory.resolve(name));
  }

  private Session verify(String name, String... options) {
    List<String> arguments = new ArrayList<>(List.of("verify", directory.resolve(name).toString()));
    arguments.addAll(List.of(options));
    return Session.run(arguments.toArray(String[]::new));
  }

  /** √(trace((A − B)·H·(A − B)ᵀ) / trace(A·H·Aᵀ)) by plain sums. */
  private static double weightedError(double[] a, double[] b, double[] h) {
    double lost = 0;
    double energy = 0;
    for (int i = 0; i < OUT; i++) {
      for (int j = 0; j < IN; j++) {
        for (int k = 0; k < IN; k++) {
          double x = a[i * IN + j] - b[i * IN + j];
          double y = a[i * IN + k] - b[i * IN + k];
          lost += x * h[j * IN + k] * y;
          energy += a[i * IN + j] * h[j * IN + k] * a[i * IN + k];
        }
      }
    }
    return Math.sqrt(lost / energy);
  }

  private static double[] values(Path file, String tensor) {
    return Objects.requireNonNull(Tensor.read(file).get(tensor)).values();
  }

  @ParameterizedTest
  @CsvSource({"block, incremental-residual", "cluster, auto"})
  void whatIsCompressedWithWeightsIsVerifiedAndReconstructed(String scope, String strategy)
      throws IOException {
    double[] full = moment(40);
    double[] singular = moment(3);
    Tensor.write(
        weights(),
        List.of(
            Tensor.of("a", "F64", full, IN, IN),
            Tensor.of("b", "F64", singular, IN, IN),
            Tensor.of("bias", "F32", gaussian(OUT), OUT)));
    Manifest manifest =
        compressed(
            "out",
            "--max-error=.05",
            "--store-dtype=f32",
            "--scope=" + scope,
            "--strategy=" + strategy,
            "--weights=" + weights());
    assertEquals(
        weights().toUri().toString().replace("file:///", "file:/"),
        manifest.settings().weights().orElseThrow().source().replace("file:///", "file:/"));
    assertEquals(Files.size(weights()), manifest.settings().weights().orElseThrow().sizeBytes());

    Session verified = verify("out");
    assertEquals(0, verified.exitCode, verified.err().toString());
    assertTrue(verified.out().contains("(with weights)"), verified.out());
    assertEquals(0, Session.run("inspect", directory.resolve("out").toString()).exitCode);
    Session dense =
        Session.run(
            "reconstruct",
            directory.resolve("out").toString(),
            "--output",
            directory.resolve("dense").toString());
    assertEquals(0, dense.exitCode, dense.err().toString());
    for (BlockEntry block : manifest.blocks()) {
      boolean weighted = block.tensor().equals("a") || block.tensor().equals("b");
      if (block.cluster().isEmpty()) {
        continue;
      }
      assertEquals(weighted, block.weightedError().isPresent(), block.id());
      if (weighted) {
        double[] h = block.tensor().equals("a") ? full : singular;
        // Reconstructed numbers are rounded once more, to float32.
        assertEquals(
            weightedError(
                values(model(), block.tensor()),
                values(directory.resolve("dense/model.safetensors"), block.tensor()),
                h),
            block.weightedError().orElseThrow(),
            1e-5);
      }
    }
    assertTrue(manifest.totals().maxWeightedBlockError().isPresent());
    assertTrue(manifest.totals().maxWeightedClusterError().orElseThrow() <= 0.05);
  }

  @Test
  void weightsServeTheirErrorBetterAtTheSameSize() {
    double[] h = moment(60, 20);
    Tensor.write(weights(), List.of(Tensor.of("a", "F64", h, IN, IN)));
    NavigableMap<Long, Double> without =
        errors("plain", h, List.of("0.6", "0.45", "0.35", "0.25", "0.18"), List.of());
    NavigableMap<Long, Double> with =
        errors(
            "weighted",
            h,
            List.of("0.2", "0.12", "0.08", "0.05", "0.03", "0.02"),
            List.of("--weights=" + weights()));
    int compared = 0;
    for (Map.Entry<Long, Double> plain : without.entrySet()) {
      Map.Entry<Long, Double> weighted = with.floorEntry(plain.getKey());
      if (weighted != null) {
        compared++;
        assertTrue(weighted.getValue() < 0.7 * plain.getValue(), with + " and " + without);
      }
    }
    assertTrue(compared >= 2, with + " and " + without);
  }

  /** The weighted errors of tensor a by the numbers stored, the least for so many or fewer. */
  private NavigableMap<Long, Double> errors(
      String name, double[] h, List<String> limits, List<String> options) {
    NavigableMap<Long, Double> errors = new TreeMap<>();
    for (String limit : limits) {
      List<String> all = new ArrayList<>(options);
      // In this scope no columns are kept, so that the rank decides what is stored.
      all.addAll(List.of("--max-error=" + limit, "--include=a", "--scope=cluster"));
      Manifest manifest = compressed(name + limit, all.toArray(String[]::new));
      Path dense = directory.resolve(name + limit + "-dense");
      Session.run(
          "reconstruct", directory.resolve(name + limit).toString(), "--output", dense.toString());
      errors.put(
          manifest.totals().numbersStored(),
          weightedError(values(model(), "a"), values(dense.resolve("model.safetensors"), "a"), h));
    }
    return errors;
  }

  @Test
  void aBlockOfWhichTheWeightLeavesNothingKeepsTheLimitPlainly() {
    double[] onlyLast = new double[IN];
    Tensor.write(
        weights(),
        List.of(
            Tensor.of("a", "F32", onlyLast, IN),
            Tensor.of("b", "F64", new double[IN * IN], IN, IN)));
    Manifest manifest = compressed("out", "--max-error=.3", "--weights=" + weights());
    for (BlockEntry block : manifest.blocks()) {
      assertTrue(block.weightedError().isEmpty(), block.id());
      assertTrue(block.error() <= 0.3, block.id());
      if (List.of("a", "b").contains(block.tensor())) {
        assertTrue(block.cluster().isPresent(), block.id());
        assertTrue(block.note().orElse("").contains("its weight leaves nothing"), block.id());
      }
    }
    assertTrue(manifest.totals().maxWeightedBlockError().isEmpty());
    assertEquals(0, verify("out").exitCode);
  }

  @Test
  void weightsOfAnySizeDoTheSame() {
    double[] errors = new double[3];
    double[] scales = {1, 1e-300, 1e300};
    for (int s = 0; s < scales.length; s++) {
      double[] a = new double[IN];
      for (int j = 0; j < IN; j++) {
        a[j] = scales[s] * (1 + j);
      }
      double[] b = new double[IN * IN];
      for (int i = 0; i < b.length; i++) {
        b[i] = scales[s] * (i % (IN + 1) == 0 ? 1 : 0.5);
      }
      Tensor.write(
          weights(), List.of(Tensor.of("a", "F64", a, IN), Tensor.of("b", "F64", b, IN, IN)));
      Manifest manifest = compressed("out" + s, "--max-error=.2", "--weights=" + weights());
      assertEquals(0, verify("out" + s).exitCode);
      errors[s] = manifest.totals().maxWeightedBlockError().orElseThrow();
    }
    assertEquals(errors[0], errors[1], 1e-6);
    assertEquals(errors[0], errors[2], 1e-6);
  }

  @Test
  void aWeightOfTheFirstDimensionIsForTransposedAndReshapedTensors() throws IOException {
    double[] h = new double[OUT];
    for (int j = 0; j < OUT; j++) {
      h[j] = j % 3 == 0 ? 0 : j * j;
    }
    double[] square = new double[OUT * OUT];
    for (int l = 0; l < 30; l++) {
      double[] x = gaussian(OUT);
      for (int i = 0; i < square.length; i++) {
        square[i] += x[i / OUT] * x[i % OUT];
      }
    }
    writeFirst(Map.of("a", h, "b", square));
    for (String options :
        List.of("--transpose=always", "--rows=16 --columns=10", "--rows=16 --columns=1")) {
      String name = "out" + options.replace(' ', '_');
      List<String> all = new ArrayList<>(List.of(options.split(" ")));
      all.addAll(List.of("--max-error=.3", "--weights=" + weights()));
      Manifest manifest = compressed(name, all.toArray(String[]::new));
      CheckedOutput.check(directory.resolve(name), model());
      Session verified = verify(name);
      assertEquals(0, verified.exitCode, verified.err().toString());
      assertTrue(manifest.totals().maxWeightedBlockError().isPresent(), options);
    }
    // Two columns for each index: only a vector can say what that means.
    writeFirst(Map.of("a", h));
    assertEquals(
        0, compress("eight", "--rows=8", "--max-error=.3", "--weights=" + weights()).exitCode);
    assertEquals(0, verify("eight").exitCode);
    writeFirst(Map.of("b", square));
    refuses("--rows=8", "\"b\": each index of the first dimension of shape [24, 16] is 2 columns");
    refuses("--rows=6", "\"b\": columns of 6 rows do not lie within one index");
    refuses("--transpose=never", "\"b\": it is for the first dimension, which runs along the rows");
    // Whoever does not say gets the orientation that the weights need.
    Manifest chosen = compressed("chosen", "--max-error=.3", "--weights=" + weights());
    assertTrue(
        chosen.blocks().stream()
            .filter(block -> block.tensor().equals("b"))
            .allMatch(BlockEntry::transposed));
    assertEquals(0, verify("chosen").exitCode);
  }

  /** By the program's own writer, which writes metadata. */
  private void writeFirst(Map<String, double[]> tensors) throws IOException {
    List<TensorHeader> headers = new ArrayList<>();
    tensors.forEach(
        (name, values) ->
            headers.add(
                new TensorHeader(
                    name, DType.F64, values.length == OUT ? Shape.of(OUT) : Shape.of(OUT, OUT))));
    headers.sort(TensorHeader.REFERENCE_ORDER);
    try (SafetensorsWriter writer =
        SafetensorsWriter.begin(
            new org.apache.flink.core.fs.Path(weights().toString()),
            headers,
            Map.of("dimension", "first"))) {
      for (TensorHeader header : headers) {
        double[] values = Objects.requireNonNull(tensors.get(header.name()));
        try (OutputStream out = writer.tensor(header.name())) {
          out.write(Tensor.of(header.name(), "F64", values, values.length).bytes());
        }
      }
      writer.finish();
    }
  }

  private void refuses(String option, String reason) {
    for (String command : List.of("plan", "compress")) {
      Session session =
          Session.run(
              command,
              model().toString(),
              "--output=" + directory.resolve("refused"),
              "--max-error=.1",
              option,
              "--weights=" + weights());
      assertEquals(2, session.exitCode, session.err().toString());
      assertEquals(1, session.err().size(), session.err().toString());
      String line = session.err().get(0);
      assertTrue(line.contains(reason), line);
      assertFalse(line.contains("Exception"), line);
    }
    assertFalse(Files.exists(directory.resolve("refused")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "z|F32|16|\"z\": the input has no tensor of this name",
        "a|F32|24|\"a\": its shape is [24], but the last dimension of the tensor of shape [24, 16]",
        "a|F32|24 24|\"a\": its shape is [24, 24], but the last dimension",
        "a|F32|16 24|\"a\": its shape is [16, 24]; a weight is a vector or a square matrix",
        "a|F32|2 2 4|\"a\": its shape is [2, 2, 4]; a weight is a vector",
        "a|F32||\"a\": its shape is []; a weight is a vector",
        "a|I32|16|\"a\": it is of type I32; a weight is F64, F32, F16 or BF16",
        "bias|F32|24|none of the weights is for a matrix of this run"
      })
  void aHeaderThatDoesNotFitIsOneLineBeforeAnyPayload(
      String name, String dtype, @Nullable String shape, String reason) throws IOException {
    List<Long> dims =
        shape == null ? List.of() : Arrays.stream(shape.split(" ")).map(Long::valueOf).toList();
    int elements = (int) dims.stream().mapToLong(each -> each).reduce(1, (x, y) -> x * y);
    Tensor.write(weights(), List.of(new Tensor(name, dtype, dims, new byte[4 * elements])));
    List<String> before = Directories.names(directory);
    refuses("--strict", reason);
    assertEquals(before, Directories.names(directory));
  }

  @Test
  void weightsThatAreNoWeightsFileAreOneLine() throws IOException {
    refuses("--strict", "weights.safetensors: there is no such file");
    Files.write(weights(), new byte[20]);
    refuses("--strict", "weights.safetensors: ");
    Tensor.write(weights(), List.of());
    refuses("--strict", "it has no tensors");
    Tensor.write(weights(), List.of(Tensor.of("a", "F32", new double[IN], IN)));
    refuses(
        "--transpose=always",
        "\"a\": it is for the last dimension, which --transpose or --rows puts");
    refuses("--rows=16", "\"a\": it is for the last dimension, which --transpose or --rows puts");
    Session session =
        Session.run("plan", directory.toString(), "--weights=" + weights(), "--max-error=.1");
    assertEquals(2, session.exitCode);
    assertTrue(session.err().get(0).contains("is also an input"), session.err().toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "3|NaN|it has NaN or infinity at (3)",
        "4|-1|it has -1.0 at (4), but a second moment is not negative",
        "indefinite 1|-0.9|it is not positive semidefinite: scaled to a unit diagonal, its least"
      })
  void numbersOfNoSecondMomentAreOneLine(String where, double value, String reason)
      throws IOException {
    String[] words = where.split(" ", -1);
    int at = Integer.parseInt(words[words.length - 1]);
    double[] h = new double[words.length == 1 ? IN : IN * IN];
    for (int i = 0; i < h.length; i++) {
      h[i] = words[0].equals("indefinite") ? value : 0;
      h[i] = words.length == 1 || i % (IN + 1) == 0 ? 1 : h[i];
    }
    h[at] = value;
    if (words[0].equals("indefinite")) {
      h[at * IN] = value;
    }
    Tensor.write(
        weights(),
        List.of(
            Tensor.of("b", "F32", h, words.length == 1 ? new long[] {IN} : new long[] {IN, IN})));
    List<String> before = Directories.names(directory);
    Session session = compress("refused", "--max-error=.1", "--weights=" + weights());
    assertEquals(2, session.exitCode, session.err().toString());
    List<String> told = session.err().stream().filter(l -> l.startsWith("colonnade: ")).toList();
    assertEquals(1, told.size(), told.toString());
    assertTrue(told.get(0).contains("weights.safetensors: tensor \"b\": " + reason), told.get(0));
    assertEquals(before, Directories.names(directory));
  }

  @Test
  void roundingOfASecondMomentIsForgiven() {
    for (String dtype : List.of("F32", "F16", "BF16")) {
      double[] h = moment(2);
      for (int i = 0; i < h.length; i++) {
        h[i] /= 1e3;
      }
      Tensor.write(weights(), List.of(Tensor.of("a", dtype, h, IN, IN)));
      compressed(dtype, "--max-error=.1", "--weights=" + weights());
      assertEquals(0, verify(dtype).exitCode);
    }
  }

  @Test
  void verifyNeedsTheWeightsAsTheyWere() throws IOException {
    Tensor.write(weights(), List.of(Tensor.of("a", "F64", moment(20), IN, IN)));
    compressed("out", "--max-error=.2", "--weights=" + weights());
    Path moved = directory.resolve("elsewhere.safetensors");
    Files.move(weights(), moved);

    Session missing = verify("out");
    assertEquals(1, missing.exitCode);
    assertTrue(missing.err().toString().contains("the weights cannot be read"), "missing");
    assertTrue(missing.err().toString().contains("1 difference"), missing.err().toString());
    assertEquals(0, verify("out", "--weights=" + moved).exitCode);

    Tensor.write(weights(), List.of(Tensor.of("a", "F64", moment(20), IN, IN)));
    Session changed = verify("out");
    assertEquals(1, changed.exitCode);
    assertTrue(changed.err().toString().contains("are not those of the run"), "changed");

    compressed("plain", "--max-error=.2");
    Session none = verify("plain", "--weights=" + moved);
    assertEquals(2, none.exitCode);
    assertTrue(none.err().get(0).contains("was compressed without weights"), "none");
  }

  @Test
  void verifyFindsAWeightedErrorThatIsNotSo() throws IOException {
    Tensor.write(weights(), List.of(Tensor.of("a", "F64", moment(20), IN, IN)));
    Manifest manifest = compressed("out", "--max-error=.2", "--weights=" + weights());
    BlockEntry block =
        manifest.blocks().stream().filter(each -> each.tensor().equals("a")).findFirst().get();
    Path file = directory.resolve("out").resolve(Manifest.FILE_NAME);
    String text = Files.readString(file);
    String stated = "\"weightedError\": " + block.weightedError().orElseThrow();
    assertTrue(text.contains(stated), text);

    Files.writeString(file, text.replace(stated, "\"weightedError\": 1.0E-4"));
    Session wrong = verify("out");
    assertEquals(1, wrong.exitCode);
    assertTrue(wrong.err().toString().contains("a: weighted error "), wrong.err().toString());

    Files.writeString(file, text.replace(stated + ", ", ""));
    Session gone = verify("out");
    assertEquals(1, gone.exitCode);
    assertTrue(
        gone.err().toString().contains("no weighted error is stated"), gone.err().toString());
  }
}
