package io.github.colonnade.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Devices that Flink's driver finds on a TaskManager reach the subtasks that sketch. There is no
 * CUDA here: the processor does their work, and says so once.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DevicesIT {

  private Session session;
  private FlinkCluster cluster;
  private JavaProcess worker;

  @BeforeAll
  void start() throws Exception {
    session = new Session("devices");
    cluster = session.cluster();
    Path script = cluster.folder().resolve("devices.sh");
    Files.writeString(script, "#!/bin/sh\necho 5,3\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    cluster
        .with("taskmanager.numberOfTaskSlots", "2")
        // Three outputs of two subtasks would not have enough at 512 each.
        .with("taskmanager.network.sort-shuffle.min-buffers", "64")
        .withTaskManagers("external-resources", "gpu")
        .withTaskManagers(
            "external-resource.gpu.driver-factory.class",
            "org.apache.flink.externalresource.gpu.GPUDriverFactory")
        .withTaskManagers("external-resource.gpu.amount", "2")
        .withTaskManagers("external-resource.gpu.param.discovery-script.path", script.toString());
    cluster.startJobManager();
    worker = cluster.startTaskManagers(1).get(0);
    session.putMatrices("in", 4, 12, 24, 16);
    session.runEmbedded(compress("embedded"));
  }

  @AfterAll
  void end() throws Exception {
    session.close();
  }

  private String[] compress(String output, String... more) {
    List<String> arguments = new ArrayList<>(List.of("compress", "s3://data/in", "--output"));
    arguments.add(session.output(output).uri());
    arguments.addAll(List.of("--max-error", "0.1", "--parallelism", "2"));
    arguments.addAll(List.of(more));
    return arguments.toArray(String[]::new);
  }

  private List<String> logged(String text) throws Exception {
    return worker.out().lines().filter(line -> line.contains(text)).toList();
  }

  @Test
  void theSubtasksThatSketchHaveADeviceEach() throws Exception {
    // Slots without devices, first, since the log of the worker is that of all jobs.
    session.succeeds(cluster.colonnade(compress("plain", "--slot", "sketch=cpu:0.5,heap:64m")));
    session.output("plain").requireSame(session.output("embedded"));
    assertEquals(List.of(), logged(" has device "));
    assertEquals(List.of(), logged("The CPU multiplies"));

    session.succeeds(
        cluster.colonnade(compress("devices", "--slot", "sketch=cpu:0.5,heap:64m,gpu:1")));
    session.output("devices").requireSame(session.output("embedded"));
    List<String> assigned = logged(" has device ");
    assertEquals(2, assigned.size(), assigned.toString());
    assertTrue(
        assigned.stream().anyMatch(line -> line.contains("sketch (1/2)#0 has device 3 of [3, 5]")),
        assigned.toString());
    assertTrue(
        assigned.stream().anyMatch(line -> line.contains("sketch (2/2)#0 has device 5 of [3, 5]")),
        assigned.toString());
    List<String> warnings = logged("The CPU multiplies in place of device ");
    assertEquals(1, warnings.size(), warnings.toString());
    assertTrue(
        warnings.get(0).endsWith("ND4J's CUDA backend is not on the class path"), warnings.get(0));
  }

  @Test
  void slotsAreRefusedDevicesThatTheyDoNotUse() throws Exception {
    session.refuses(
        "only sketch uses a device",
        cluster.colonnade(compress("refused", "--slot", "encode=cpu:0.5,heap:64m,gpu:1")));
    session.refuses(
        "a slot uses one device, got 2",
        cluster.colonnade(compress("refused", "--slot", "sketch=cpu:0.5,heap:64m,gpu:2")));
    assertEquals(List.of(), session.output("refused").files());
  }
}
