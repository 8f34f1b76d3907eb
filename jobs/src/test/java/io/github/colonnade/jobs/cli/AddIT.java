package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.Layout;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.stored.CompressedCollection;
import io.github.colonnade.jobs.stored.Segments;
import io.github.colonnade.jobs.testing.HookedFileSystem;
import io.github.colonnade.jobs.testing.Tensor;
import io.github.colonnade.jobs.testing.TestCollections;
import io.github.colonnade.jobs.testing.TestCollections.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tensors are added to a collection, which stays as it was but for them. */
class AddIT {
  private static final double LIMIT = 0.1;

  @TempDir private Path directory;

  private static Session run(String... arguments) {
    Session session = Session.run(arguments);
    assertEquals(0, session.exitCode, session.err().toString());
    return session;
  }

  private Path compress(Path input, String... options) {
    Path output = directory.resolve("out");
    List<String> arguments = new ArrayList<>(List.of("compress", input.toString()));
    arguments.addAll(List.of("--output=" + output, "--max-error=" + LIMIT, "--parallelism=2"));
    arguments.addAll(List.of(options));
    run(arguments.toArray(String[]::new));
    return output;
  }

  private Path write(String name, List<Tensor> tensors) throws IOException {
    Path file = directory.resolve(name);
    Tensor.write(file, tensors);
    return file;
  }

  /** All files by name with their bytes, but for the manifest. */
  private static Map<String, byte[]> files(Path root) throws IOException {
    Map<String, byte[]> files = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        files.put(root.relativize(path).toString(), Files.readAllBytes(path));
      }
    }
    return files;
  }

  private static void assertKept(Map<String, byte[]> before, Path root) throws IOException {
    Map<String, byte[]> after = files(root);
    before.forEach(
        (name, bytes) -> {
          if (!name.equals(Manifest.FILE_NAME)) {
            assertArrayEquals(bytes, after.get(name), name);
          }
        });
  }

  private static Manifest manifest(Path root) throws IOException {
    return CompressedCollection.open(root.toString()).manifest();
  }

  private void assertSound(Path output, Path... inputs) throws IOException {
    Session verified = run("verify", output.toString(), "--parallelism=2");
    assertTrue(verified.out().contains("verified") || !verified.out().isEmpty(), verified.out());
    Path dense = directory.resolve("dense");
    run("reconstruct", output.toString(), "--output=" + dense, "--parallelism=2");
    Map<String, Tensor> restored = new HashMap<>();
    try (Stream<Path> paths = Files.walk(dense)) {
      for (Path path : paths.filter(each -> each.toString().endsWith(".safetensors")).toList()) {
        restored.putAll(Tensor.read(path));
      }
    }
    int compared = 0;
    for (Path input : inputs) {
      for (Tensor tensor : Tensor.read(input).values()) {
        if (tensor.name().contains("NAN") || tensor.name().contains("INFINITE")) {
          continue;
        }
        compared++;
        Tensor other = Objects.requireNonNull(restored.get(tensor.name()), tensor.name());
        assertEquals(tensor.shape(), other.shape());
        if (!tensor.dtype().startsWith("F") || tensor.shape().size() != 2) {
          assertArrayEquals(tensor.bytes(), other.bytes(), tensor.name());
          continue;
        }
        double[] a = tensor.values();
        double[] b = other.values();
        double lost = 0;
        for (int i = 0; i < a.length; i++) {
          lost += (a[i] - b[i]) * (a[i] - b[i]);
        }
        double energy = Arrays.stream(a).map(x -> x * x).sum();
        // The dense tensor is rounded once more.
        assertTrue(lost <= energy * Math.pow(LIMIT + 1e-3, 2), tensor.name());
      }
    }
    assertTrue(compared > 0);
  }

  /** Matrices of few directions of one subspace, and some of another. */
  private static List<Tensor> related(String prefix, String dtype, int count, int rows, long seed) {
    Random subspaces = new Random(1);
    double[] basis = gaussian(subspaces, rows * 4);
    double[] other = gaussian(subspaces, rows * 4);
    Random random = new Random(seed);
    List<Tensor> tensors = new ArrayList<>();
    for (int t = 0; t < count; t++) {
      double[] values = new double[rows * 10];
      double[] space = t % 3 == 0 ? other : basis;
      for (int j = 0; j < 10; j++) {
        for (int l = 0; l < 4; l++) {
          double weight = random.nextGaussian();
          for (int i = 0; i < rows; i++) {
            values[i * 10 + j] += weight * space[i + l * rows];
          }
        }
        for (int i = 0; i < rows; i++) {
          values[i * 10 + j] += 0.05 * random.nextGaussian();
        }
      }
      tensors.add(Tensor.of(prefix + "." + t, dtype, values, rows, 10));
    }
    return tensors;
  }

  private static double[] gaussian(Random random, int count) {
    return random.doubles(count, -1, 1).toArray();
  }

  private static Session add(Path output, Path... inputs) {
    List<String> arguments = new ArrayList<>(List.of("add"));
    Arrays.stream(inputs).forEach(each -> arguments.add(each.toString()));
    arguments.addAll(List.of("--to=" + output, "--parallelism=2"));
    return run(arguments.toArray(String[]::new));
  }

  /** Whose bases lie in files of other segments than they do. */
  private static long joining(Manifest manifest) {
    Set<TensorLocation> bases = new HashSet<>();
    return manifest.clusters().stream()
        .flatMap(each -> each.basis().stream())
        .filter(each -> !bases.add(each))
        .count();
  }

  @ParameterizedTest
  @ValueSource(strings = {"--scope=block", "--scope=cluster", "--store-dtype=bf16"})
  void everyKindOfTensorIsAdded(String option) throws IOException {
    List<Kind> kinds = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      kinds.addAll(Arrays.asList(Kind.values()));
    }
    List<Tensor> all = TestCollections.of(kinds, List.of("F32"), 5);
    Path first = write("first.safetensors", all.subList(0, all.size() / 2));
    Path second = write("second.safetensors", all.subList(all.size() / 2, all.size()));
    Path output = compress(first, option);
    Map<String, byte[]> before = files(output);
    Manifest old = manifest(output);
    Session added = run("add", second.toString(), "--to=" + output, "--parallelism=2");
    assertKept(before, output);
    Manifest now = manifest(output);
    assertEquals(old.blocks(), now.blocks().subList(0, old.blocks().size()));
    assertTrue(now.blocks().size() > old.blocks().size(), added.out());
    assertTrue(joining(now) > 0, added.out());
    Map<List<Long>, Set<Layout>> layouts = new HashMap<>();
    for (BlockEntry block : now.blocks()) {
      block
          .view()
          .ifPresent(
              view ->
                  layouts
                      .computeIfAbsent(block.shape(), shape -> new HashSet<>())
                      .add(view.layout()));
    }
    layouts.forEach((shape, each) -> assertEquals(1, each.size(), shape.toString()));
    if (option.equals("--scope=cluster")) {
      run("verify", output.toString());
    } else {
      assertSound(output, first, second);
    }
  }

  @Test
  void relatedMatricesShareTheBasesThatAreThere() throws IOException {
    Path first = write("first.safetensors", related("a", "F32", 30, 64, 2));
    Path second = write("second.safetensors", related("b", "F32", 20, 64, 3));
    Path third = write("third.safetensors", related("c", "F32", 10, 64, 4));
    Path output = compress(first);
    Manifest before = manifest(output);
    Map<String, byte[]> files = files(output);
    Session session = add(output, second);
    assertTrue(session.out().contains("20 on bases that were there, 0 in new"), session.out());
    add(output, third);
    Manifest now = manifest(output);
    assertKept(files, output);
    assertTrue(joining(now) >= 2);
    assertEquals(60, now.blocks().stream().map(BlockEntry::id).distinct().count());
    assertEquals(List.of("first", "second", "third"), inputs(now));
    assertSound(output, first, second, third);

    Path together = directory.resolve("together");
    run(
        "compress",
        first.toString(),
        second.toString(),
        third.toString(),
        "--output=" + together,
        "--max-error=" + LIMIT);
    long all = manifest(together).totals().numbersStored();
    long grown = now.totals().numbersStored();
    // Nothing but what the first half of the blocks could not tell of the subspaces.
    assertTrue(grown <= 1.05 * all, grown + " numbers, at once " + all);
    assertTrue(grown - before.totals().numbersStored() < 0.8 * before.totals().numbersStored());
  }

  private static List<String> inputs(Manifest manifest) {
    return manifest.settings().inputs().stream()
        .map(each -> each.substring(each.lastIndexOf('/') + 1).replace(".safetensors", ""))
        .toList();
  }

  @Test
  void everyParallelismGivesTheSameBytes() throws IOException {
    Path first = write("first.safetensors", related("a", "F32", 20, 48, 2));
    List<Tensor> more = new ArrayList<>(related("b", "F32", 15, 48, 3));
    more.addAll(TestCollections.of(Arrays.asList(Kind.values()), List.of("F32", "BF16"), 9));
    Path second = write("second.safetensors", more);
    Path output = compress(first);
    Path copy = directory.resolve("copy");
    copy(output, copy);
    run("add", second.toString(), "--to=" + output, "--parallelism=1");
    run("add", second.toString(), "--to=" + copy, "--parallelism=3");
    Map<String, byte[]> one = files(output);
    Map<String, byte[]> other = files(copy);
    assertEquals(data(one).keySet(), data(other).keySet());
    assertTrue(data(one).keySet().stream().anyMatch(each -> each.startsWith("data/000002/")));
    data(one).forEach((name, bytes) -> assertArrayEquals(bytes, other.get(name), name));
    Manifest a = manifest(output);
    Manifest b = manifest(copy);
    assertEquals(a.blocks(), b.blocks());
    assertEquals(a.clusters(), b.clusters());
    assertEquals(a.totals(), b.totals());
    assertEquals(a.rejected(), b.rejected());
  }

  private static Map<String, byte[]> data(Map<String, byte[]> files) {
    Map<String, byte[]> data = new TreeMap<>(files);
    data.keySet().removeIf(name -> !name.endsWith(".safetensors"));
    return data;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : paths.toList()) {
        Path target = to.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.copy(path, target);
        }
      }
    }
  }

  @Test
  void whatIsThereIsLeftOut() throws IOException {
    List<Tensor> tensors = related("a", "F32", 12, 32, 2);
    Path input = write("in.safetensors", tensors);
    Path output = compress(input);
    Map<String, byte[]> before = files(output);
    Session again = add(output, input);
    assertEquals(
        "  all 12 tensors are in " + output + " already; nothing was changed\n", again.out());
    assertSame(before, files(output));
    // The file has got more tensors.
    tensors.addAll(related("b", "F32", 6, 32, 3));
    write("in.safetensors", tensors);
    Session more = add(output, input);
    assertTrue(more.out().contains("  6 tensors added in 6 blocks"), more.out());
    assertTrue(more.out().contains("  12 tensors were there already"), more.out());
    Manifest now = manifest(output);
    assertEquals(18, now.blocks().stream().map(BlockEntry::tensor).distinct().count());
    assertEquals(18, now.blocks().size());
  }

  private static void assertSame(Map<String, byte[]> expected, Map<String, byte[]> found) {
    assertEquals(expected.keySet(), found.keySet());
    expected.forEach((name, bytes) -> assertArrayEquals(bytes, found.get(name), name));
  }

  /** Numbers of another format would be stored in that of the basis. */
  @Test
  void onlyBlocksOfTheFormatOfABasisJoinIt() throws IOException {
    Path first = write("first.safetensors", related("a", "F32", 20, 48, 2));
    Path second = write("second.safetensors", related("b", "BF16", 20, 48, 3));
    Path output = compress(first);
    add(output, second);
    Manifest now = manifest(output);
    assertEquals(0, joining(now));
    run("verify", output.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--max-error=0.1 --scope=collection | it has its error limit on all blocks together"
            + " (--scope collection); compress the old and the new inputs anew",
        "--rank=3 | it was made with --rank, which gives all blocks of a family one basis; compress"
            + " the old and the new inputs anew",
        "--target-ratio=2 | it was made to reach a target size, which is about all of its tensors"
            + " together; compress the old and the new inputs anew",
      })
  void whatCannotGrowIsRefused(String options, String message) throws IOException {
    Path first = write("first.safetensors", related("a", "F32", 6, 32, 2));
    Path second = write("second.safetensors", related("b", "F32", 6, 32, 3));
    Path output = directory.resolve("out");
    List<String> arguments = new ArrayList<>(List.of("compress", first.toString()));
    arguments.add("--output=" + output);
    arguments.addAll(List.of(options.split(" ")));
    run(arguments.toArray(String[]::new));
    assertRefused(output, second.toString(), output + ": " + message);
  }

  private static void assertRefused(Path output, String input, String message) throws IOException {
    Map<String, byte[]> before = files(output);
    Session session = Session.run("add", input, "--to=" + output);
    assertEquals(2, session.exitCode, session.err().toString());
    assertEquals(List.of("colonnade: " + message), session.err());
    assertSame(before, files(output));
  }

  @Test
  void collectionsOfOtherCommandsAreRefused() throws IOException {
    Path first = write("first.safetensors", related("a", "F32", 6, 32, 2));
    Path lost = directory.resolve("lost");
    run("lost", first.toString(), "--output=" + lost, "--max-error=0.1");
    assertRefused(
        lost,
        first.toString(),
        lost
            + ": it was made by colonnade lost, where nothing is shared; run that for the new"
            + " inputs");
    Path output = compress(first);
    assertRefused(
        output,
        output.toString(),
        output.toUri().toString().replace("file:///", "file:/").replaceAll("/$", "")
            + ": it lies inside "
            + output
            + ", or that in it; give inputs beside the collection");
    Path open = directory.resolve("open");
    Path second = write("second.safetensors", related("b", "F32", 6, 32, 3));
    copy(output, open);
    Segments segments = Segments.open(open.toString());
    segments.adopt();
    add(open, second);
    Path third = write("third.safetensors", related("c", "F32", 6, 32, 4));
    String root = Files.readString(open.resolve(Manifest.FILE_NAME));
    Files.writeString(
        open.resolve(Manifest.FILE_NAME), root.replaceAll("\"open\" *: *false", "\"open\": true"));
    assertRefused(
        open,
        third.toString(),
        open + ": a stream adds to it, or was ended before it was complete; let that finish");
  }

  @Test
  void aFailureLeavesTheCollectionAsItWas() throws IOException {
    Path first = write("first.safetensors", related("a", "F32", 12, 32, 2));
    Path second = write("second.safetensors", related("b", "F32", 12, 32, 3));
    Path output = compress(first);
    Map<String, byte[]> before = files(output);
    AtomicInteger opened = new AtomicInteger();
    HookedFileSystem.setHook(
        path -> {
          if (path.getName().equals("second.safetensors") && opened.incrementAndGet() == 4) {
            throw new IOException("the disk is gone");
          }
        });
    try {
      Session failed = Session.run("add", "hooked:" + second, "--to=" + output, "--parallelism=1");
      assertTrue(failed.exitCode != 0);
      assertSame(before, files(output));
      assertEquals(List.of(), hidden(output));
    } finally {
      HookedFileSystem.setHook(path -> {});
    }
    add(output, second);
    run("verify", output.toString());
  }

  /** Directories too. */
  private static List<String> hidden(Path root) throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      return paths
          .map(each -> root.relativize(each).toString())
          .filter(each -> each.contains(".") && each.startsWith("data"))
          .filter(each -> !each.endsWith(".safetensors"))
          .toList();
    }
  }

  @Test
  void ofTwoAtATimeTheSecondChangesNothing() throws IOException {
    Path first = write("first.safetensors", related("a", "F32", 12, 32, 2));
    Path second = write("second.safetensors", related("b", "F32", 12, 32, 3));
    Path third = write("third.safetensors", related("c", "F32", 12, 32, 4));
    Path output = compress(first);
    Map<String, byte[]> meanwhile = new ConcurrentSkipListMap<>();
    AtomicInteger opened = new AtomicInteger();
    HookedFileSystem.setHook(
        path -> {
          // By the list, by the source and by the sketcher, so the plan is made by now.
          if (path.getName().equals("second.safetensors") && opened.incrementAndGet() == 3) {
            add(output, third);
            meanwhile.putAll(files(output));
          }
        });
    try {
      Session late = Session.run("add", "hooked:" + second, "--to=" + output, "--parallelism=1");
      assertEquals(2, late.exitCode, late.err().toString());
      String message = late.err().get(late.err().size() - 1);
      assertTrue(message.contains("another run has added to it in the meantime"), message);
      assertSame(meanwhile, files(output));
    } finally {
      HookedFileSystem.setHook(path -> {});
    }
    add(output, second);
    assertEquals(36, manifest(output).blocks().size());
    run("verify", output.toString());
  }
}
