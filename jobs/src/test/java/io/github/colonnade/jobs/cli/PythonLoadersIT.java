package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.colonnade.jobs.stored.Grown;
import io.github.colonnade.jobs.testing.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Python of {@code docs/format.md}, run on what the program writes. Skipped where there is no
 * python3 with numpy; the part for PyTorch runs where that is there too.
 */
class PythonLoadersIT {
  private static final int OUT = 24;
  private static final int IN = 40;

  /** What every check begins with. */
  private static final String PREAMBLE =
      """
      import sys
      directory, original = sys.argv[1:]
      originals = load_file(original)
      manifest = json.loads((pathlib.Path(directory) / "manifest.json").read_text())
      """;

  @TempDir private Path directory;
  private Path input = Path.of("");
  private int runs;

  @BeforeEach
  void write() {
    assumeTrue(has("numpy"), "no python3 with numpy");
    Random random = new Random(1);
    double[] shared = random.doubles(OUT * 5, -1, 1).toArray();
    List<Tensor> tensors = new ArrayList<>();
    for (int t = 0; t < 6; t++) {
      double[] values = new double[OUT * IN];
      for (int i = 0; i < OUT; i++) {
        for (int j = 0; j < IN; j++) {
          values[i * IN + j] = 0.03 * random.nextGaussian();
        }
      }
      for (int l = 0; l < 5; l++) {
        double[] v = random.doubles(IN, -1, 1).map(x -> x * x * x).toArray();
        for (int k = 0; k < values.length; k++) {
          values[k] += shared[k / IN * 5 + l] * v[k % IN];
        }
      }
      for (int i = 0; i < OUT; i++) {
        values[i * IN + 3 + t] = 2 * random.nextGaussian();
      }
      tensors.add(Tensor.of("w" + t, t == 5 ? "F64" : "F32", values, OUT, IN));
    }
    tensors.add(Tensor.of("noise", "F32", random.doubles(OUT * 7).toArray(), OUT, 7));
    tensors.add(Tensor.of("bias", "F32", new double[] {1, 2, 3}, 3));
    input = Tensor.write(directory.resolve("in.safetensors"), tensors);
  }

  @Test
  void denseTensorsHaveTheErrorsOfTheManifest() throws IOException {
    for (String[] how :
        List.of(
            new String[] {"compress", "--max-error=0.1"},
            new String[] {"compress", "--max-error=0.1", "--transpose=always", "--columns=16"},
            new String[] {"compress", "--max-error=0.3", "--scope=collection"},
            new String[] {"lost", "--max-error=0.1"})) {
      Path output = run(how);

      String failures =
          checked(
              output,
              """
              tensors = load(directory)
              assert {t for _, t in tensors} == set(originals)
              lost, energy = {}, {}
              for (_, tensor), found in tensors.items():
                  W = originals[tensor].astype(np.float64)
                  assert found.shape == W.shape
                  lost[tensor] = np.sum((W - found) ** 2)
                  energy[tensor] = np.sum(W ** 2)
              for tensor in originals:
                  blocks = [b for b in manifest["blocks"] if b["tensor"] == tensor]
                  if len(blocks) == 1:
                      error = np.sqrt(lost[tensor] / energy[tensor])
                      assert abs(error - blocks[0]["error"]) < 1e-6, (tensor, error, blocks[0])
                  else:
                      assert lost[tensor] <= 0.1 ** 2 * energy[tensor] * (1 + 1e-6), tensor
              bitmaps = [(b["sparse"], load_file(pathlib.Path(directory) / b["sparse"]["bitmap"]["file"]))
                         for b in manifest["blocks"] if "sparse" in b]
              for sparse, file in bitmaps:
                  assert roaring(file[sparse["bitmap"]["tensor"]].tobytes()).tolist() == sparse["channels"]
              """);

      assertEquals("", failures, String.join(" ", how));
    }
  }

  @Test
  void segmentsAreOneCollection() throws IOException {
    Path first = run("compress", "--max-error=0.1");
    Path again = input;
    input = Files.copy(again, directory.resolve("second.safetensors"));
    Path second = run("compress", "--max-error=0.1");
    Path grown = directory.resolve("grown");
    Grown.of(grown, first, second);

    String failures =
        checked(
            grown,
            """
            everything = load(directory)
            assert len(everything) == 2 * len(originals)
            for alone in sys.argv[1].replace("grown", "out0"), sys.argv[1].replace("grown", "out1"):
                for key, expected in load(alone).items():
                    assert (everything[key] == expected).all(), key
            """);

    assertEquals("", failures);
  }

  @Test
  void layersOfCompressedMatricesMultiply() throws IOException {
    String failures =
        checked(
            run("lost", "--max-error=0.1"),
            """
            tensors, clusters = load(directory), {c["id"]: c for c in manifest["clusters"]}
            blocks = [b for b in manifest["blocks"] if b["treatment"] == "lost"]
            assert len(blocks) >= 5
            for b in blocks:
                file = load_file(pathlib.Path(directory) / b["coefficients"]["file"])
                B = file[clusters[b["cluster"]]["basis"]["tensor"]].astype(np.float64)
                others = b["view"]["columns"] - len(b["sparse"]["channels"])
                C = dense(file[b["coefficients"]["tensor"]], B.dtype, B.shape[1], others)
                x = np.random.default_rng(1).standard_normal((b["view"]["columns"], 3))
                y = multiply(B, C.astype(np.float64), b.get("scale", 1),
                             file[b["sparse"]["columns"]["tensor"]], b["sparse"]["channels"], x)
                assert np.abs(y - tensors[b["source"], b["tensor"]] @ x).max() < 1e-5
            """);

    assertEquals("", failures);
  }

  /** In numpy by the definition of the method, with its own singular value decomposition. */
  private static final String LAYERS =
      """
      made = layers(directory)
      assert len(made) == 6
      rng = np.random.default_rng(1)
      for (_, tensor), layer in made.items():
          W = originals[tensor].astype(np.float64)
          U, s, V = np.linalg.svd(W, full_matrices=False)
          signs = np.sign((U[:, :3] * layer["B"]).sum(0))
          B, A = U[:, :3] * (signs * np.sqrt(s[:3])), (signs * np.sqrt(s[:3]))[:, None] * V[:3]
          norms = np.linalg.norm(W - B @ A, axis=0)
          I = np.sort(np.argsort(-norms)[:4])
          assert layer["channels"] == I.tolist()
          x = rng.standard_normal((W.shape[1], 5))
          z = A @ x
          z = z / (1 + np.exp(-z))
          expected = 0.7 * B @ z + 0.3 * W[:, I] @ x[I]
          found = forward(x, **layer)
          assert np.abs(found - expected).max() < 1e-5, tensor
      """;

  private Path pretrained() {
    return run(
        "lost",
        "--mode=pretrain",
        "--rank=3",
        "--sparsity=0.1",
        "--gamma=0.7",
        "--activation=silu",
        "--exclude=noise");
  }

  @Test
  void layersToTrainAreThoseOfTheMethod() throws IOException {
    assertEquals("", checked(pretrained(), LAYERS));
  }

  @Test
  void layersInPyTorchGiveTheSameAndCanBeTrained() throws IOException {
    assumeTrue(has("torch"), "no PyTorch");
    String failures =
        checked(
            pretrained(),
            LAYERS
                + """
                    module = LostLinear(**layer)
                    y = module(torch.tensor(x.T, dtype=module.B.dtype))
                    assert np.abs(y.detach().numpy().T - expected).max() < 1e-5, tensor
                    y.square().sum().backward()
                    assert all(float(p.grad.abs().sum()) > 0 for p in module.parameters())
                    assert len(list(module.parameters())) == 3
                """);

    assertEquals("", failures);
  }

  private Path run(String... how) {
    Path output = directory.resolve("out" + runs++);
    List<String> arguments = new ArrayList<>(List.of(how));
    arguments.add(1, input.toString());
    arguments.add("--output=" + output);
    Session session = Session.run(arguments.toArray(String[]::new));
    assertEquals(0, session.exitCode, session.err().toString());
    return output;
  }

  /** Runs the page's Python and then a check; what it says if it fails, or nothing. */
  private String checked(Path output, String check) throws IOException {
    String page = Files.readString(Path.of("..", "docs", "format.md"));
    List<String> parts =
        Pattern.compile("```python\n(.*?)```", Pattern.DOTALL)
            .matcher(page)
            .results()
            .map(MatchResult::group)
            .map(each -> each.substring(10, each.length() - 3))
            .filter(each -> !each.contains("import torch") || check.contains("LostLinear"))
            // There is a reader of safetensors on the page itself.
            .map(each -> each.replace("from safetensors.numpy import load_file\n", ""))
            .toList();
    assertTrue(parts.size() >= 5, parts.size() + " parts");
    Path program = directory.resolve("check.py");
    Files.writeString(program, parts.stream().collect(Collectors.joining("\n")) + PREAMBLE + check);
    return python(program.toString(), output.toString(), input.toString());
  }

  private static boolean has(String module) {
    return python("-c", "import " + module).isEmpty();
  }

  /** What Python writes if it fails, or nothing. */
  private static String python(String... arguments) {
    List<String> command = new ArrayList<>(List.of("python3"));
    command.addAll(List.of(arguments));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String written = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor() == 0 ? "" : "failed: " + written;
    } catch (IOException e) {
      return "failed: " + e.getMessage();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }
}
