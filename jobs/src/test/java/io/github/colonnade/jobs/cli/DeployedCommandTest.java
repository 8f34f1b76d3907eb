package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The command that the deployment of a stream gives is one that this program knows. */
class DeployedCommandTest {

  @Test
  void itIsAStream() throws IOException {
    List<String> arguments = new ArrayList<>();
    new ObjectMapper(new YAMLFactory())
        .readTree(Path.of("deploy/stream.yaml").toFile())
        .at("/spec/job/args")
        .forEach((JsonNode each) -> arguments.add(each.asText()));

    Session session = Session.run("--version");
    CommandLine.ParseResult parsed =
        Colonnade.commandLine(session.terminal, new Failures(session.terminal))
            .parseArgs(arguments.toArray(String[]::new))
            .subcommand();

    StreamCommand stream = (StreamCommand) parsed.commandSpec().userObject();
    assertEquals(List.of("s3://colonnade/incoming"), stream.checked().input().inputs());
    assertEquals("s3://colonnade/collection", stream.output());
  }
}
