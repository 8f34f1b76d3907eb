package io.github.colonnade.jobs.flink;

import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.LinearAlgebras;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import java.util.NavigableSet;
import java.util.OptionalInt;
import java.util.TreeSet;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the large products of an operator run on. */
public enum Processor {
  /** The processor that runs the operator itself. */
  HOST,
  /** A device that Flink calls by the external resource {@link #RESOURCE}. */
  DEVICE;

  /** The name of the external resource in Flink's configuration. */
  public static final String RESOURCE = "gpu";

  /** The property by which Flink's driver tells which device it is. */
  private static final String INDEX = "index";

  private static final Logger LOG = LoggerFactory.getLogger(Processor.class);
  private static final DeviceUses USES = new DeviceUses();

  /** A linear algebra, with a device that is in use until it is closed. */
  public record Opened(LinearAlgebra algebra, OptionalInt device) implements AutoCloseable {

    @Override
    public void close() {
      try (algebra) {
        device.ifPresent(USES::end);
      }
    }
  }

  /**
   * Opens the linear algebra of a subtask in the thread that runs it, which stays on the device.
   * Flink names all devices of the TaskManager to each of its subtasks; so they are dealt out here.
   */
  public Opened open(RuntimeContext context) {
    if (this == HOST) {
      return new Opened(new Nd4jLinearAlgebra(), OptionalInt.empty());
    }
    NavigableSet<Integer> devices = new TreeSet<>();
    for (ExternalResourceInfo each : context.getExternalResourceInfos(RESOURCE)) {
      each.getProperty(INDEX).map(Processor::index).ifPresent(devices::add);
    }
    if (devices.isEmpty()) {
      return new Opened(
          LinearAlgebras.insteadOfDevice("the TaskManager names none as its external resource gpu"),
          OptionalInt.empty());
    }
    TaskInfo task = context.getTaskInfo();
    int device = USES.begin(devices, task.getIndexOfThisSubtask());
    LOG.info("{} has device {} of {}", task.getTaskNameWithSubtasks(), device, devices);
    OptionalInt used = OptionalInt.of(device);
    return new Opened(LinearAlgebras.open(used), used);
  }

  private static int index(String text) {
    try {
      return Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      throw new IllegalStateException(
          "the discovery script of the external resource gpu named the device "
              + text
              + "; expected its number, as nvidia-smi tells it",
          e);
    }
  }
}
