package io.github.colonnade.jobs.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import io.github.colonnade.jobs.cli.FlinkProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is given to Docker and Kubernetes, checked as far as it can be without them. */
final class DeploymentFilesTest {

  private static final Path DEPLOY = Path.of("deploy");
  private static final Path DEFINITION =
      Path.of("target/operator/META-INF/fabric8/flinkdeployments.flink.apache.org-v1.yml");
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  /** Those that the Dockerfile may use. */
  private static final Set<String> INSTRUCTIONS = Set.of("FROM", "COPY", "RUN", "ENV");

  /** Fields that the operator does not know are mistakes here, where it would drop them. */
  @ParameterizedTest
  @ValueSource(strings = {"session.yaml", "stream.yaml"})
  void deploymentsAreWhatTheOperatorAccepts(String name) throws IOException {
    List<Error> errors = schema().validate(YAML.readTree(DEPLOY.resolve(name).toFile()));

    assertEquals(List.of(), errors);
  }

  @Test
  void mistakesAreSeen() throws IOException {
    ObjectNode deployment = (ObjectNode) YAML.readTree(DEPLOY.resolve("stream.yaml").toFile());
    ((ObjectNode) deployment.at("/spec/job")).put("paralelism", 2);

    assertFalse(schema().validate(deployment).isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"session.yaml", "stream.yaml"})
  void memoryAddsUpAndIsThatOfTheContainer(String name) throws IOException {
    JsonNode spec = YAML.readTree(DEPLOY.resolve(name).toFile()).get("spec");
    Configuration configuration = new Configuration();
    spec.get("flinkConfiguration")
        .properties()
        .forEach(each -> configuration.setString(each.getKey(), each.getValue().asText()));

    TaskExecutorProcessSpec process = TaskExecutorProcessUtils.processSpecFromConfig(configuration);

    MemorySize container = MemorySize.parse(spec.at("/taskManager/resource/memory").asText());
    assertEquals(container, process.getTotalProcessMemorySize());
    assertEquals(
        container, configuration.get(TaskManagerOptions.TOTAL_PROCESS_MEMORY), "as it is written");
    assertTrue(process.getTaskHeapSize().getMebiBytes() >= 512, process.toString());
  }

  @Test
  void theStreamIsACommand() throws IOException {
    JsonNode job = YAML.readTree(DEPLOY.resolve("stream.yaml").toFile()).at("/spec/job");

    assertEquals(FlinkProgram.class.getName(), job.get("entryClass").asText());
    assertEquals(
        List.of(
            "stream",
            "s3://colonnade/incoming",
            "--output",
            "s3://colonnade/collection",
            "--max-error",
            "0.01"),
        StreamSupport.stream(job.get("args").spliterator(), false).map(JsonNode::asText).toList());
    assertTrue(
        instructions().stream().anyMatch(each -> each.endsWith("usrlib/colonnade-job.jar")),
        "the jar is in the image");
  }

  @Test
  void theImageIsMadeOfWhatTheBuildMakesForThisFlink() throws IOException {
    List<String> instructions = instructions();

    assertTrue(
        instructions
            .get(0)
            .startsWith("FROM flink:" + System.getProperty("colonnade.flink.version")),
        instructions.get(0));
    List<String> copied = new ArrayList<>();
    for (String each : instructions) {
      String[] words = each.split(" +", -1);
      assertTrue(INSTRUCTIONS.contains(words[0]), each);
      if (words[0].equals("COPY")) {
        assertEquals(3, words.length, each);
        assertTrue(words[2].startsWith("/opt/flink/"), each);
        copied.add(words[1]);
      }
    }
    // As jobs/pom.xml names them.
    assertEquals(List.of("jobs/target/colonnade-lib/", "jobs/target/colonnade-job.jar"), copied);
    String pom = Files.readString(Path.of("pom.xml"));
    assertTrue(pom.contains("/colonnade-job.jar</outputFile>"), "the thin jar");
    assertTrue(pom.contains("colonnade-lib"), "the libraries");
  }

  /** Without comments, each on one line. */
  private static List<String> instructions() throws IOException {
    List<String> instructions = new ArrayList<>();
    StringBuilder open = new StringBuilder();
    for (String line : Files.readAllLines(DEPLOY.resolve("Dockerfile"))) {
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      boolean goesOn = line.endsWith("\\");
      open.append(goesOn ? line.substring(0, line.length() - 1) : line);
      if (!goesOn) {
        instructions.add(open.toString().strip());
        open.setLength(0);
      }
    }
    assertEquals("", open.toString(), "the last line goes on");
    return instructions;
  }

  private static Schema schema() throws IOException {
    JsonNode schema =
        YAML.readTree(DEFINITION.toFile()).at("/spec/versions/0/schema/openAPIV3Schema");
    // This definition is older than the version of Flink; which one is new enough, the operator
    // says.
    ((ObjectNode) schema.at("/properties/spec/properties/flinkVersion")).remove("enum");
    ((ObjectNode) schema.get("properties"))
        .putObject("apiVersion")
        .put("const", "flink.apache.org/v1beta1");
    ((ObjectNode) schema.get("properties")).putObject("kind").put("const", "FlinkDeployment");
    ((ObjectNode) schema.get("properties")).putObject("metadata").put("type", "object");
    close(schema);
    return SchemaRegistry.withDialect(Dialects.getDraft202012()).getSchema(schema);
  }

  /** Lets objects have no fields but those that they are said to have. */
  private static void close(JsonNode schema) {
    if (schema instanceof ObjectNode object
        && object.path("type").asText().equals("object")
        && object.has("properties")
        && !object.path("x-kubernetes-preserve-unknown-fields").asBoolean()) {
      object.put("additionalProperties", false);
    }
    schema.forEach(DeploymentFilesTest::close);
  }
}
