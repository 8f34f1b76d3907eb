package io.github.colonnade.tests.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The REST API of a JobManager. */
final class Rest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String BOUNDARY = "part-of-an-upload";

  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final int port;

  Rest(int port) {
    this.port = port;
  }

  /** An answer that says no, with its status and its text. */
  static final class Refused extends IOException {
    Refused(String message) {
      super(message);
    }
  }

  JsonNode get(String path) throws IOException {
    return send(request(path).GET());
  }

  /** Whether somebody answers. */
  boolean answers() {
    try {
      get("/overview");
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  int taskManagers() throws IOException {
    return get("/overview").path("taskmanagers").asInt();
  }

  int freeSlots() throws IOException {
    return get("/overview").path("slots-available").asInt();
  }

  /** The newest job of this cluster. */
  Optional<String> newestJob() throws IOException {
    Optional<JsonNode> newest = Optional.empty();
    for (JsonNode job : get("/jobs/overview").path("jobs")) {
      if (newest.isEmpty()
          || newest.get().path("start-time").asLong() < job.path("start-time").asLong()) {
        newest = Optional.of(job);
      }
    }
    return newest.map(job -> job.path("jid").asText());
  }

  /** As RUNNING, RESTARTING, FINISHED. */
  String state(String job) throws IOException {
    return get("/jobs/" + job).path("state").asText();
  }

  /** How often the task that was restarted most often was restarted. */
  int restarts(String job) throws IOException {
    int most = 0;
    for (JsonNode vertex : get("/jobs/" + job).path("vertices")) {
      String id = vertex.path("id").asText();
      for (JsonNode subtask : get("/jobs/" + job + "/vertices/" + id).path("subtasks")) {
        most = Math.max(most, subtask.path("attempt").asInt());
      }
    }
    return most;
  }

  /** How many checkpoints of the job could not be written. */
  int failedCheckpoints(String job) throws IOException {
    return get("/jobs/" + job + "/checkpoints").path("counts").path("failed").asInt();
  }

  /** The TaskManagers, by resource id, on which subtasks of an operator run now. */
  List<String> workers(String job, String operator) throws IOException {
    for (JsonNode vertex : get("/jobs/" + job).path("vertices")) {
      if (vertex.path("name").asText().contains(operator)) {
        JsonNode subtasks =
            get("/jobs/" + job + "/vertices/" + vertex.path("id").asText()).path("subtasks");
        List<String> found = new ArrayList<>();
        for (JsonNode subtask : subtasks) {
          if (subtask.path("status").asText().equals("RUNNING")) {
            found.add(subtask.path("taskmanager-id").asText());
          }
        }
        return found;
      }
    }
    return List.of();
  }

  /** What the JobManager says of the tasks of a job, for a message. */
  String tasks(String job) {
    try {
      return get("/jobs/" + job).path("vertices").toString();
    } catch (IOException e) {
      return e.toString();
    }
  }

  void cancel(String job) throws IOException {
    send(request("/jobs/" + job + "?mode=cancel").method("PATCH", BodyPublishers.noBody()));
  }

  /** Begins a savepoint, with which the job ends. */
  void stop(String job, String directory) throws IOException {
    ObjectNode body = JSON.createObjectNode();
    body.put("targetDirectory", directory).put("drain", false);
    post("/jobs/" + job + "/stop", body);
  }

  /** Uploads a jar and returns its number. */
  String upload(Path jar) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    String head =
        "--"
            + BOUNDARY
            + "\r\nContent-Disposition: form-data; name=\"jarfile\"; filename=\""
            + jar.getFileName()
            + "\"\r\nContent-Type: application/java-archive\r\n\r\n";
    body.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
    body.writeBytes(Files.readAllBytes(jar));
    body.writeBytes(("\r\n--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.US_ASCII));
    JsonNode answer =
        send(
            request("/jars/upload")
                .header("Content-Type", "multipart/form-data; boundary=" + BOUNDARY)
                .POST(BodyPublishers.ofByteArray(body.toByteArray())));
    return Path.of(answer.path("filename").asText()).getFileName().toString();
  }

  /** Runs the program of a jar that was uploaded and returns the number of its job. */
  String run(String jar, List<String> arguments) throws IOException {
    ObjectNode body = JSON.createObjectNode();
    ArrayNode list = body.putArray("programArgsList");
    arguments.forEach(list::add);
    return post("/jars/" + jar + "/run", body).path("jobid").asText();
  }

  private JsonNode post(String path, JsonNode body) throws IOException {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body.toString())));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).timeout(PATIENCE);
  }

  private JsonNode send(HttpRequest.Builder builder) throws IOException {
    try {
      HttpRequest request = builder.build();
      HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
      if (response.statusCode() / 100 != 2) {
        throw new Refused(
            request.uri().getPath()
                + ": "
                + response.statusCode()
                + " "
                + new String(response.body(), StandardCharsets.UTF_8));
      }
      return JSON.readTree(response.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
