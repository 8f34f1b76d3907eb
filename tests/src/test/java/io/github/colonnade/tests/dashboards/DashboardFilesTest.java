package io.github.colonnade.tests.dashboards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class DashboardFilesTest {
  private static final Pattern OURS = Pattern.compile("flink_\\w*_colonnade_\\w+");
  private static final Pattern TABLE_NAME = Pattern.compile("`([TJ]) (colonnade_\\w+)`");
  private static final Pattern ALERT = Pattern.compile("- alert: (\\w+)");
  private static final Pattern RUNBOOK = Pattern.compile("runbook: \"(.*?)#(.*?)\"");
  private static final int GRID_COLUMNS = 24;

  static List<Dashboard> dashboards() {
    return Dashboard.all();
  }

  @Test
  void thereAreFourWithNamesOfTheirOwn() {
    Set<String> ids = new HashSet<>();
    Set<String> titles = new HashSet<>();
    for (Dashboard dashboard : dashboards()) {
      ids.add(dashboard.root().path("uid").asText());
      titles.add(dashboard.title());
    }
    assertEquals(4, ids.size());
    assertEquals(4, titles.size());
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void everyPanelSaysWhatItShowsInWhichUnit(Dashboard dashboard) {
    Set<Integer> ids = new HashSet<>();
    for (JsonNode panel : dashboard.panels()) {
      String title = panel.path("title").asText();
      assertTrue(ids.add(panel.path("id").asInt()), title);
      assertFalse(title.isBlank());
      assertFalse(panel.path("description").asText().isBlank(), title);
      assertFalse(panel.at("/fieldConfig/defaults/unit").asText().isBlank(), title);
      assertFalse(panel.path("targets").isEmpty(), title);
      assertEquals("${datasource}", panel.at("/datasource/uid").asText(), title);
    }
  }

  @ParameterizedTest
  @MethodSource("dashboards")
  void panelsDoNotCoverEachOther(Dashboard dashboard) {
    Set<Long> covered = new HashSet<>();
    for (JsonNode panel : dashboard.root().path("panels")) {
      JsonNode place = panel.path("gridPos");
      int right = place.path("x").asInt() + place.path("w").asInt();
      assertTrue(right <= GRID_COLUMNS, panel.path("title").asText());
      for (int x = place.path("x").asInt(); x < right; x++) {
        for (int y = 0; y < place.path("h").asInt(); y++) {
          long cell = (long) (place.path("y").asInt() + y) * GRID_COLUMNS + x;
          assertTrue(covered.add(cell), panel.path("title").asText());
        }
      }
    }
  }

  /** A name that no job exports would show as an empty panel, or as an alert that never comes. */
  @Test
  void everyMetricIsInTheTable() throws IOException {
    Set<String> documented = documented();
    List<String> texts = new ArrayList<>();
    for (Dashboard dashboard : dashboards()) {
      dashboard.queries().forEach(query -> texts.add(query.expression()));
      texts.add(dashboard.root().path("templating").toString());
    }
    texts.add(Files.readString(Dashboard.FOLDER.resolve("alerts.yml")));
    texts.add(Files.readString(Dashboard.FOLDER.resolve("alerts-tests.yml")));
    Set<String> used = new TreeSet<>();
    for (String text : texts) {
      Matcher names = OURS.matcher(text);
      while (names.find()) {
        used.add(names.group());
      }
    }
    assertTrue(used.size() > 30, used.toString());
    used.removeAll(documented);
    assertEquals(Set.of(), used);
  }

  private static Set<String> documented() throws IOException {
    Set<String> names = new TreeSet<>();
    Matcher table =
        TABLE_NAME.matcher(Files.readString(Dashboard.FOLDER.resolveSibling("metrics.md")));
    while (table.find()) {
      String prefix =
          table.group(1).equals("T")
              ? "flink_taskmanager_job_task_operator_"
              : "flink_jobmanager_job_operator_coordinator_enumerator_";
      names.add(prefix + table.group(2));
    }
    return names;
  }

  @Test
  void everyAlertHasItsRunbookAndItsTest() throws IOException {
    String rules = Files.readString(Dashboard.FOLDER.resolve("alerts.yml"));
    String tests = Files.readString(Dashboard.FOLDER.resolve("alerts-tests.yml"));
    String runbook = Files.readString(Dashboard.FOLDER.resolve("README.md"));
    List<String> alerts = new ArrayList<>();
    Matcher alert = ALERT.matcher(rules);
    while (alert.find()) {
      alerts.add(alert.group(1));
      assertTrue(runbook.contains("\n### " + alert.group(1) + "\n"), alert.group(1));
      assertTrue(tests.contains("alertname: " + alert.group(1) + "\n"), alert.group(1));
    }
    List<String> anchors = new ArrayList<>();
    Matcher link = RUNBOOK.matcher(rules);
    while (link.find()) {
      assertEquals("docs/dashboards/README.md", link.group(1));
      anchors.add(link.group(2));
    }
    assertFalse(alerts.isEmpty());
    assertEquals(alerts.stream().map(each -> each.toLowerCase(Locale.ROOT)).toList(), anchors);
  }

  @ParameterizedTest
  @CsvSource({
    "check rules alerts.yml",
    "test rules alerts-tests.yml",
    "check config prometheus.yml"
  })
  void promtoolFindsNothingWrong(String arguments) throws IOException, InterruptedException {
    assumeTrue(Prometheus.isInstalled(), "prometheus is not installed");
    List<String> command = new ArrayList<>(List.of("promtool"));
    command.addAll(List.of(arguments.split(" ")));
    Process promtool =
        new ProcessBuilder(command)
            .directory(Dashboard.FOLDER.toFile())
            .redirectErrorStream(true)
            .start();
    String told = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, promtool.waitFor(), told);
  }

  @Test
  void everyFileIsInTheList() throws IOException {
    String list = Files.readString(Dashboard.FOLDER.resolve("README.md"));
    try (var files = Files.list(Dashboard.FOLDER)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        assertTrue(name.equals("README.md") || list.contains("](" + name + ")"), name);
      }
    }
  }
}
