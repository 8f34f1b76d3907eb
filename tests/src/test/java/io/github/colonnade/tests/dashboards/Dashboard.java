package io.github.colonnade.tests.dashboards;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A dashboard of Grafana, as its file says. */
record Dashboard(Path file, JsonNode root) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Where the dashboards are, from the folder of this module. */
  static final Path FOLDER = Path.of("..", "docs", "dashboards");

  /** A query of a panel, as Grafana sends it once its variables have values. */
  record Query(String dashboard, String panel, String expression) {
    @Override
    public String toString() {
      return dashboard + ", " + panel + ": " + expression;
    }
  }

  static List<Dashboard> all() {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .filter(file -> file.toString().endsWith(".json"))
          .sorted()
          .map(Dashboard::read)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Dashboard read(Path file) {
    try {
      return new Dashboard(file, JSON.readTree(file.toFile()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String title() {
    return root.path("title").asText();
  }

  /** All but the headings. */
  List<JsonNode> panels() {
    List<JsonNode> panels = new ArrayList<>();
    for (JsonNode panel : root.path("panels")) {
      if (!panel.path("type").asText().equals("row")) {
        panels.add(panel);
      }
    }
    return panels;
  }

  /** Queries for all jobs, with rates over a minute. */
  List<Query> queries() {
    List<Query> queries = new ArrayList<>();
    for (JsonNode panel : panels()) {
      for (JsonNode target : panel.path("targets")) {
        String expression =
            target.path("expr").asText().replace("$job", ".*").replace("$__rate_interval", "1m");
        queries.add(new Query(title(), panel.path("title").asText(), expression));
      }
    }
    return queries;
  }
}
