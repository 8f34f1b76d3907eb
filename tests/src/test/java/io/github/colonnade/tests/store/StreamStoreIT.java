package io.github.colonnade.tests.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.tests.store.TroubledNetwork.Trouble;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stream from a store and into it, which fails and is slow for a while. */
class StreamStoreIT {
  private static final String BUCKET = "data";
  private static final Path FILE =
      Path.of("..", "connectors", "src", "test", "resources", "numpy", "c_f4.npy");
  private static final Pattern SOURCE = Pattern.compile("\"source\": ?\"([^\"]*)\"");

  @TempDir private Path folder;

  private S3Proxy store;
  private TroubledNetwork network;

  @BeforeEach
  void start() throws IOException {
    store = S3Proxy.start(folder);
    store.makeBucket(BUCKET);
    network = new TroubledNetwork(store.endpoint());
  }

  @AfterEach
  void end() throws IOException, InterruptedException {
    network.close();
    store.end();
  }

  @Test
  void troublesChangeNothingInTheResult() throws Exception {
    Program program = new Program(folder, network.endpoint());
    put(0, 4);
    Process process =
        program.start(
            "stream",
            "s3://data/in",
            "--output=s3://data/out",
            "--max-error=0.3",
            "--every=200ms",
            "--idle=300ms",
            "--publish-every=300ms");
    try {
      await(process, () -> sources().size() == 4);
      network.set(Trouble.ERRORS);
      put(4, 8);
      await(process, () -> network.troubled() >= 30);
      network.set(Trouble.SLOW);
      await(process, () -> network.troubled() >= 100 && sources().size() == 8);
      network.set(Trouble.NONE);
      put(8, 12);
      await(process, () -> sources().size() == 12);
    } finally {
      process.destroy();
      process.waitFor();
    }
    Program.Result verified = program.run("verify", "s3://data/out");
    assertEquals(0, verified.exitCode(), verified.err());
    assertEquals(12, allSources().size(), "a tensor is there twice");
    String log = Files.readString(program.log());
    assertTrue(!log.contains(Program.SECRET) && !log.contains(Program.KEY_ID), "credentials shown");
  }

  /** A condition that may be looked at any number of times. */
  private interface Condition {
    boolean holds() throws IOException;
  }

  private void await(Process process, Condition condition) throws Exception {
    while (!condition.holds()) {
      assertTrue(process.isAlive(), () -> "it has ended: " + read(folder.resolve("err.txt")));
      process.waitFor(50, TimeUnit.MILLISECONDS);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private void put(int from, int to) throws IOException {
    for (int i = from; i < to; i++) {
      store.put(BUCKET, "in/part-" + i + ".npy", Files.readAllBytes(FILE));
    }
  }

  private Set<String> sources() throws IOException {
    return new TreeSet<>(allSources());
  }

  /** Of all blocks of all segments that the root counts. */
  private List<String> allSources() throws IOException {
    if (store.keys(BUCKET, "out/manifest.json").isEmpty()) {
      return List.of();
    }
    String root = text("out/manifest.json");
    Matcher count = Pattern.compile("\"count\": ?(\\d+)").matcher(root);
    Matcher directory = Pattern.compile("segments-[0-9a-f]{8}").matcher(root);
    assertTrue(count.find() && directory.find(), root);
    StringBuilder all = new StringBuilder();
    for (int i = 1; i <= Integer.parseInt(count.group(1)); i++) {
      all.append(text(String.format("out/%s/%06d.json", directory.group(), i)));
    }
    return SOURCE.matcher(all).results().map(found -> found.group(1)).toList();
  }

  private String text(String key) throws IOException {
    return new String(store.get(BUCKET, key), StandardCharsets.UTF_8);
  }
}
