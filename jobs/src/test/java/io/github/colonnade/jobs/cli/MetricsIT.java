package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Treatment;
import io.github.colonnade.jobs.metrics.MetricsTable;
import io.github.colonnade.jobs.stored.CompressedCollection;
import io.github.colonnade.jobs.testing.CheckedOutput;
import io.github.colonnade.jobs.testing.HookedFileSystem;
import io.github.colonnade.jobs.testing.Scrape;
import io.github.colonnade.jobs.testing.Tensor;
import io.github.colonnade.jobs.testing.TestCollections;
import io.github.colonnade.jobs.testing.TestCollections.Kind;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a job tells Prometheus while it works is what the documentation says, and is true. */
class MetricsIT {

  private static final String PREFIX = "flink_taskmanager_job_task_operator_";
  private static final String OF_SOURCE = "flink_jobmanager_job_operator_coordinator_enumerator_";

  @TempDir private Path directory;

  @AfterEach
  void withoutHook() {
    HookedFileSystem.setHook(path -> {});
  }

  @Test
  void compressExportsWhatTheTableSays() throws IOException {
    Path input = input();
    int port = freePort();
    AtomicReference<Scrape> scraped = new AtomicReference<>();
    HookedFileSystem.setHook(
        new HookedFileSystem.Hook() {
          @Override
          public void beforeOpening(org.apache.flink.core.fs.Path path) {}

          // The output gets its name: all operators have done their work, commit alone has not.
          @Override
          public void beforeRenaming(org.apache.flink.core.fs.Path path) throws IOException {
            scraped.set(Scrape.of(port));
          }
        });
    Path output = directory.resolve("out");
    Session session =
        Session.run(
            "compress",
            input.toString(),
            "--output=hooked:" + output,
            "--max-error=0.1",
            "--rows=12",
            "--columns=2",
            "--partitions=3",
            "--parallelism=2",
            "--metrics-port=" + port);

    assertEquals(0, session.exitCode, session.err().toString());
    Scrape scrape = Objects.requireNonNull(scraped.get());
    assertSame(
        expected(Set.of("sketch", "partition", "merge", "encode", "commit"), " (stream)"),
        exported(scrape));
    Manifest manifest = CheckedOutput.manifest(output);
    assertTold(manifest, scrape, manifest.totals().bytesStored());
    assertEquals(
        manifest.rejected().size(),
        scrape.total(
            PREFIX + "colonnade_tensors_rejected_reason_total", Map.of("reason", "not_finite")));
    assertEquals(
        manifest.blocks().stream().filter(each -> each.view().isPresent()).count(),
        scrape.total(PREFIX + "colonnade_blocks_assigned_company_total", Map.of()));
    assertTrue(scrape.total(PREFIX + "colonnade_products_flops_total", Map.of()) > 0);
    assertTrue(
        scrape.total(
                PREFIX + "colonnade_decisions_bound_decision_total", Map.of("decision", "accepted"))
            > 0);
    assertEquals(0, scrape.total(PREFIX + "colonnade_clusters_open", Map.of()));
    assertEquals(0, scrape.total(PREFIX + "colonnade_blocks_waiting", Map.of()));
  }

  /** All operators of a stream are there until its end. */
  @Test
  void streamExportsWhatTheTableSays() throws IOException {
    Path input = input();
    int port = freePort();
    AtomicReference<Scrape> scraped = new AtomicReference<>();
    HookedFileSystem.setHook(
        path -> {
          // Whoever owns the stream is looked up before something is published.
          if (path.getPath().contains("/.stream/") && Scrape.answers(port)) {
            scraped.set(Scrape.of(port));
          }
        });
    Path output = directory.resolve("out");
    Session session =
        Session.run(
            "stream",
            input.toString(),
            "--output=hooked:" + output,
            "--max-error=0.1",
            "--rows=12",
            "--once",
            "--every=100ms",
            "--publish-every=100ms",
            "--metrics-port=" + port);

    assertEquals(0, session.exitCode, session.err().toString());
    Scrape scrape = Objects.requireNonNull(scraped.get());
    assertSame(
        expected(Set.of("watch", "sketch", "plan", "encode", "commit"), ""), exported(scrape));
    Manifest manifest = CompressedCollection.open(output.toString()).manifest();
    assertTold(manifest, scrape, manifest.totals().bytesStored());
    assertEquals(1, scrape.total(OF_SOURCE + "colonnade_files_seen_total", Map.of()));
  }

  /** What is written agrees with the manifest, and every error is within its limit. */
  private static void assertTold(Manifest manifest, Scrape scrape, long mostBytes) {
    assertEquals(
        manifest.totals().numbersIn(),
        scrape.total(PREFIX + "colonnade_numbers_in_total", Map.of()));
    assertEquals(
        manifest.totals().numbersStored(),
        scrape.total(PREFIX + "colonnade_numbers_stored_total", Map.of()));
    long bytes = scrape.total(PREFIX + "colonnade_bytes_stored_total", Map.of());
    assertTrue(0 < bytes && bytes <= mostBytes, bytes + " of " + mostBytes);
    assertEquals(
        manifest.clusters().size(),
        scrape.total(PREFIX + "colonnade_clusters_stored_total", Map.of()));
    for (Treatment treatment : Treatment.values()) {
      assertEquals(
          manifest.blocks().stream().filter(each -> each.treatment() == treatment).count(),
          scrape.total(
              PREFIX + "colonnade_blocks_stored_treatment_total",
              Map.of("treatment", treatment.key())));
    }
    List<BlockEntry> factors =
        manifest.blocks().stream().filter(each -> each.cluster().isPresent()).toList();
    String errors = PREFIX + "colonnade_error_percent_";
    assertEquals(factors.size(), scrape.total(errors + "count", Map.of()));
    for (int percent : new int[] {50, 90, 99, 100}) {
      assertEquals(
          factors.stream()
              .filter(
                  each ->
                      100 * each.error() / manifest.settings().maxError().orElseThrow() <= percent)
              .count(),
          scrape.total(errors + "le_bucket", Map.of("le", String.valueOf(percent))));
    }
    assertEquals(factors.size(), scrape.total(errors + "le_bucket", Map.of("le", "Inf")));
    assertEquals(0, scrape.total(PREFIX + "colonnade_certificate_failures_total", Map.of()));
  }

  /** Names with the operators that the table names for them, of a run that has these operators. */
  private static Set<String> expected(Set<String> operators, String without) throws IOException {
    Set<String> expected = new TreeSet<>();
    for (MetricsTable.Row row : MetricsTable.read().rows()) {
      for (String operator : row.operators()) {
        boolean excluded = !without.isEmpty() && operator.endsWith(without);
        String name = operator.replace(" (stream)", "");
        if (!excluded && operators.contains(name)) {
          row.exported().forEach(each -> expected.add(name + " " + full(each)));
        }
      }
    }
    return expected;
  }

  /** Tells what is missing and what is too much, since all of them are many. */
  private static void assertSame(Set<String> expected, Set<String> exported) {
    Set<String> missing = new TreeSet<>(expected);
    missing.removeAll(exported);
    Set<String> unknown = new TreeSet<>(exported);
    unknown.removeAll(expected);
    assertEquals(Set.of(), missing, "documented and not exported");
    assertEquals(Set.of(), unknown, "exported and not documented");
  }

  private static String full(String inTable) {
    return (inTable.startsWith("T ") ? PREFIX : OF_SOURCE) + inTable.substring(2);
  }

  private static Set<String> exported(Scrape scrape) {
    Set<String> exported = new TreeSet<>();
    for (Scrape.Sample sample : scrape.samples()) {
      if (sample.name().contains("_colonnade_")) {
        String operator =
            sample
                .label("operator_name")
                .replaceAll("_[0-9]+$", "")
                // What is chained to a source is part of the name of its coordinator.
                .replaceAll("^Source:_(\\w+?)____.*", "$1");
        exported.add(operator + " " + sample.name());
      }
    }
    return exported;
  }

  @Test
  void aPortThatIsTakenIsAMistake() throws IOException {
    Path input = input();
    try (ServerSocket taken = new ServerSocket(0)) {
      Session session = compress(input, "--metrics-port=" + taken.getLocalPort());
      assertEquals(2, session.exitCode);
      assertEquals(1, session.err().size(), session.err().toString());
      assertTrue(
          session.err().get(0).contains("--metrics-port " + taken.getLocalPort()),
          session.err().toString());
      assertFalse(directory.resolve("out").toFile().exists());
    }
  }

  @Test
  void whatIsNoPortIsAMistakeToo() throws IOException {
    Path input = input();
    for (String port : List.of("0", "65536", "-1", "some")) {
      Session session = compress(input, "--metrics-port=" + port);
      assertEquals(2, session.exitCode, port);
      assertTrue(session.err().get(0).contains("--metrics-port"), session.err().toString());
    }
    Session remote =
        compress(
            input, "--target=remote", "--jobmanager=localhost:1", "--metrics-port=" + freePort());
    assertEquals(2, remote.exitCode);
    assertTrue(remote.err().get(0).contains("metrics.reporters"), remote.err().toString());
  }

  private Session compress(Path input, String... more) {
    List<String> arguments = new ArrayList<>(List.of("compress", input.toString()));
    arguments.addAll(List.of("--output=" + directory.resolve("out"), "--max-error=0.1"));
    arguments.addAll(List.of(more));
    return Session.run(arguments.toArray(String[]::new));
  }

  /** Matrices of all kinds, one of which is rejected. */
  private Path input() throws IOException {
    List<Kind> kinds = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      kinds.addAll(Arrays.stream(Kind.values()).filter(each -> each != Kind.NAN).toList());
    }
    kinds.add(Kind.NAN);
    Path input = directory.resolve("in.safetensors");
    Tensor.write(input, TestCollections.of(kinds, List.of("F32"), 3));
    return input;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
