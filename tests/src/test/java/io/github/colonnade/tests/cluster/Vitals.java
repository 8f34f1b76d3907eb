package io.github.colonnade.tests.cluster;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.management.MBeanServerConnection;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * What a process takes up when all that it does not use was collected.
 *
 * @param metaspaceBytes of classes
 * @param threads that live
 * @param nativeBytes resident outside the heap, if the heap is touched in whole from the start
 * @param diskBytes of its temporary files
 */
record Vitals(long metaspaceBytes, int threads, long nativeBytes, long diskBytes) {

  /**
   * Measures a process.
   *
   * @param diskBytes of its temporary files
   */
  static Vitals of(JavaProcess process, long diskBytes) throws IOException {
    try (JMXConnector connector = connect(process)) {
      MBeanServerConnection server = connector.getMBeanServerConnection();
      MemoryMXBean memory =
          ManagementFactory.newPlatformMXBeanProxy(
              server, ManagementFactory.MEMORY_MXBEAN_NAME, MemoryMXBean.class);
      // What finalizers and cleaners let go is collected by the second.
      memory.gc();
      memory.gc();
      MemoryPoolMXBean metaspace =
          ManagementFactory.newPlatformMXBeanProxy(
              server,
              ManagementFactory.MEMORY_POOL_MXBEAN_DOMAIN_TYPE + ",name=Metaspace",
              MemoryPoolMXBean.class);
      ThreadMXBean threads =
          ManagementFactory.newPlatformMXBeanProxy(
              server, ManagementFactory.THREAD_MXBEAN_NAME, ThreadMXBean.class);
      return new Vitals(
          metaspace.getUsage().getUsed(),
          threads.getThreadCount(),
          residentBytes(process) - memory.getHeapMemoryUsage().getMax(),
          diskBytes);
    }
  }

  @SuppressWarnings("BanJNDI") // Our own process, on this machine.
  private static JMXConnector connect(JavaProcess process) throws IOException {
    return JMXConnectorFactory.connect(agent(process));
  }

  private static JMXServiceURL agent(JavaProcess process) throws IOException {
    try {
      VirtualMachine machine = VirtualMachine.attach(String.valueOf(process.pid()));
      try {
        return new JMXServiceURL(machine.startLocalManagementAgent());
      } finally {
        machine.detach();
      }
    } catch (AttachNotSupportedException e) {
      throw new IOException(e);
    }
  }

  private static long residentBytes(JavaProcess process) throws IOException {
    Path status = Path.of("/proc", String.valueOf(process.pid()), "status");
    String line =
        Files.readAllLines(status).stream()
            .filter(each -> each.startsWith("VmRSS:"))
            .findFirst()
            .orElseThrow();
    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
  }
}
