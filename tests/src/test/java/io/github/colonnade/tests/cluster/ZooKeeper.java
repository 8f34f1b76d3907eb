package io.github.colonnade.tests.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A ZooKeeper server in a process of its own: the one that Flink's jars have. */
final class ZooKeeper {
  private final JavaProcess process;
  private final int port;

  private ZooKeeper(JavaProcess process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Starts a server and waits until it listens. */
  static ZooKeeper start(Path folder) throws Exception {
    int port = Ports.free();
    Files.createDirectories(folder);
    Path settings = folder.resolve("zoo.cfg");
    Files.write(
        settings,
        List.of(
            "clientPort=" + port,
            "clientPortAddress=127.0.0.1",
            "dataDir=" + folder.resolve("data"),
            // Whoever is killed is missed after as little as four of them.
            "tickTime=500",
            "admin.enableServer=false"));
    JavaProcess process =
        JavaProcess.start(
            "zookeeper",
            folder,
            Map.of(),
            List.of(
                "-Xmx64m",
                "-cp",
                Distribution.classPath(),
                "org.apache.flink.shaded.zookeeper3.org.apache.zookeeper.server.ZooKeeperServerMain",
                settings.toString()));
    Await.until(
        "ZooKeeper listens",
        Duration.ofSeconds(60),
        () -> {
          if (!process.isAlive()) {
            throw new IOException(process.err());
          }
          return listens(port);
        },
        () -> "");
    return new ZooKeeper(process, port);
  }

  private static boolean listens(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** As {@code high-availability.zookeeper.quorum}. */
  String quorum() {
    return "127.0.0.1:" + port;
  }

  void kill() {
    process.kill();
  }
}
