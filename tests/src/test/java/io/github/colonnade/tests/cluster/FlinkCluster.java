package io.github.colonnade.tests.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A session cluster on this machine: a JobManager and TaskManagers, each in a process of its own
 * that can be killed and replaced. All their files lie in one folder, which stays for those who
 * want to read the logs.
 */
final class FlinkCluster implements AutoCloseable {
  /** How long anything may take that ends at all. */
  static final Duration PATIENCE = Duration.ofMinutes(3);

  /** What the TaskManager's own start script would work out. */
  private static final Map<String, String> SIZES =
      Map.ofEntries(
          Map.entry("taskmanager.cpu.cores", "1.0"),
          Map.entry("taskmanager.memory.network.min", "64m"),
          Map.entry("taskmanager.memory.network.max", "64m"),
          Map.entry("taskmanager.memory.managed.size", "64m"),
          Map.entry("taskmanager.memory.task.heap.size", "256m"),
          Map.entry("taskmanager.memory.task.off-heap.size", "256m"),
          Map.entry("taskmanager.memory.framework.heap.size", "128m"),
          Map.entry("taskmanager.memory.framework.off-heap.size", "128m"),
          Map.entry("taskmanager.memory.jvm-metaspace.size", "256m"),
          Map.entry("taskmanager.memory.jvm-overhead.min", "192m"),
          Map.entry("taskmanager.memory.jvm-overhead.max", "192m"));

  private static final List<String> TASK_MANAGER_JVM =
      List.of("-Xms384m", "-Xmx384m", "-XX:MaxDirectMemorySize=448m", "-XX:MaxMetaspaceSize=256m");

  private static final List<String> JOB_MANAGER_JVM =
      List.of("-Xms512m", "-Xmx512m", "-XX:MaxMetaspaceSize=256m");

  private final Path folder;
  private final Map<String, String> settings = new TreeMap<>();
  private final Map<String, String> environment = new TreeMap<>();
  private final Map<String, String> ofTaskManagers = new TreeMap<>();
  private final Map<String, String> ofClients = new TreeMap<>();
  private final List<String> jvm = new ArrayList<>();
  private final List<JavaProcess> processes = new ArrayList<>();
  private final Rest rest;
  private int jobManagers;
  private int taskManagers;
  private int clients;

  /**
   * A cluster that is not started yet.
   *
   * @param name of the folder for its files, which is emptied
   */
  FlinkCluster(String name) throws IOException {
    folder = Distribution.clusters().resolve(name);
    Folders.delete(folder);
    Files.createDirectories(folder);
    int restPort = Ports.free();
    rest = new Rest(restPort);
    settings.put("jobmanager.rpc.address", "127.0.0.1");
    settings.put("jobmanager.rpc.port", String.valueOf(Ports.free()));
    settings.put("jobmanager.bind-host", "127.0.0.1");
    settings.put("taskmanager.host", "127.0.0.1");
    settings.put("taskmanager.bind-host", "127.0.0.1");
    settings.put("rest.address", "127.0.0.1");
    settings.put("rest.bind-address", "127.0.0.1");
    settings.put("rest.port", String.valueOf(restPort));
    settings.put("web.refresh-interval", "100");
    settings.put("taskmanager.numberOfTaskSlots", "1");
    settings.put("heartbeat.interval", "1000");
    // A task that is cancelled while it waits for the network may need to be told twice.
    settings.put("task.cancellation.interval", "1000");
    environment.put("OMP_NUM_THREADS", "1");
    environment.put("OPENBLAS_NUM_THREADS", "1");
    // Arenas for each thread make memory look as if it leaked.
    environment.put("MALLOC_ARENA_MAX", "1");
    environment.put("FLINK_PLUGINS_DIR", Distribution.plugins().toString());
    environment.put("AWS_ACCESS_KEY_ID", "any");
    environment.put("AWS_SECRET_ACCESS_KEY", "any");
    environment.put("AWS_JAVA_V1_DISABLE_DEPRECATION_ANNOUNCEMENT", "true");
  }

  /** Sets an option of Flink's configuration, of all processes and clients. */
  FlinkCluster with(String key, String value) {
    settings.put(key, value);
    return this;
  }

  /** Sets an option of Flink's configuration for TaskManagers alone. */
  FlinkCluster withTaskManagers(String key, String value) {
    ofTaskManagers.put(key, value);
    return this;
  }

  /** Adds an option of the Java machine of JobManagers and TaskManagers. */
  FlinkCluster withJvm(String option) {
    jvm.add(option);
    return this;
  }

  /** The endpoint of the object store, as each kind of process reaches it. */
  FlinkCluster withStore(String clients, String jobManagers, String taskManagers) {
    with("s3.endpoint", jobManagers);
    with("s3.path.style.access", "true");
    with("s3.endpoint.region", "us-east-1");
    ofClients.put("s3.endpoint", clients);
    return withTaskManagers("s3.endpoint", taskManagers);
  }

  Path folder() {
    return folder;
  }

  Rest rest() {
    return rest;
  }

  /** As {@code --jobmanager} has it. */
  String address() {
    return "127.0.0.1:" + settings.get("rest.port");
  }

  /** Starts {@code colonnade} with a command whose jobs run on this cluster. */
  JavaProcess colonnade(String... command) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(command));
    arguments.addAll(List.of("--target", "remote", "--jobmanager", address()));
    return embedded(arguments.toArray(String[]::new));
  }

  /** Starts {@code colonnade} with a command whose jobs run in the same process. */
  JavaProcess embedded(String... command) throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.add("-Dcolonnade.job.jar=" + Distribution.jobJar());
    arguments.addAll(List.of("-cp", System.getProperty("java.class.path")));
    arguments.add("io.github.colonnade.jobs.cli.Colonnade");
    arguments.addAll(List.of(command));
    return client(arguments);
  }

  /**
   * Starts {@code flink run} of the job's jar.
   *
   * @param options of {@code flink run} itself
   * @param command of colonnade
   */
  JavaProcess flinkRun(List<String> options, String... command) throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("-cp", Distribution.classPath()));
    arguments.addAll(List.of("org.apache.flink.client.cli.CliFrontend", "run"));
    arguments.addAll(options);
    arguments.add(Distribution.jobJar().toString());
    arguments.addAll(List.of(command));
    return client(arguments);
  }

  private JavaProcess client(List<String> command) throws IOException {
    String name = "client-" + ++clients;
    Path own = folder.resolve(name);
    Map<String, String> all = new TreeMap<>(settings);
    all.putAll(ofClients);
    Path conf = configuration(own.resolve("conf"), all);
    List<String> arguments = new ArrayList<>();
    arguments.add("-Xmx384m");
    arguments.add("-Dcolonnade.log=" + own.resolve("colonnade.log"));
    // Of flink, which writes to a file too.
    arguments.add("-Dlog4j.configurationFile=" + conf.resolve("log4j-cli.properties"));
    arguments.addAll(command);
    return start(name, own, conf, arguments);
  }

  /** Starts a JobManager and waits until it answers. */
  JavaProcess startJobManager() throws Exception {
    String name = "jobmanager-" + ++jobManagers;
    Path conf = configuration(folder.resolve("conf"), settings);
    List<String> arguments = new ArrayList<>(JOB_MANAGER_JVM);
    arguments.addAll(
        common("org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint", conf));
    arguments.add("-Dio.tmp.dirs=" + folder.resolve(name).resolve("tmp"));
    arguments.add("-Dweb.tmpdir=" + folder.resolve("web"));
    JavaProcess process = start(name, folder.resolve(name), conf, arguments);
    Await.until("the JobManager answers", PATIENCE, () -> alive(process, rest.answers()), () -> "");
    return process;
  }

  /** Starts TaskManagers and waits until the JobManager knows them. */
  List<JavaProcess> startTaskManagers(int count) throws Exception {
    int known = rest.taskManagers();
    List<JavaProcess> started = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      started.add(startTaskManager());
    }
    Await.until(
        count + " TaskManagers have registered",
        PATIENCE,
        () -> {
          boolean all = rest.taskManagers() == known + count;
          for (JavaProcess each : started) {
            all = alive(each, all);
          }
          return all;
        },
        () -> "");
    return started;
  }

  /** Starts a TaskManager and does not wait. */
  JavaProcess startTaskManager() throws IOException {
    String name = "taskmanager-" + ++taskManagers;
    Path own = folder.resolve(name);
    Map<String, String> all = new TreeMap<>(settings);
    all.putAll(ofTaskManagers);
    Path conf = configuration(own.resolve("conf"), all);
    List<String> arguments = new ArrayList<>(TASK_MANAGER_JVM);
    arguments.addAll(common("org.apache.flink.runtime.taskexecutor.TaskManagerRunner", conf));
    SIZES.forEach((key, value) -> arguments.add("-D" + key + "=" + value));
    arguments.add("-Dtaskmanager.resource-id=" + name);
    arguments.add("-Dio.tmp.dirs=" + own.resolve("tmp"));
    return start(name, own, conf, arguments);
  }

  private JavaProcess start(String name, Path own, Path conf, List<String> arguments)
      throws IOException {
    Map<String, String> variables = new TreeMap<>(environment);
    variables.put("FLINK_CONF_DIR", conf.toString());
    JavaProcess process = JavaProcess.start(name, own, variables, arguments);
    processes.add(process);
    return process;
  }

  /** The TaskManager of this resource id. */
  JavaProcess taskManager(String id) {
    return processes.stream().filter(each -> each.name().equals(id)).findFirst().orElseThrow();
  }

  private List<String> common(String main, Path conf) {
    List<String> arguments = new ArrayList<>(jvm);
    arguments.addAll(
        List.of(
            "-Dlog4j.configurationFile=" + conf.resolve("log4j.properties"),
            "-cp",
            Distribution.classPath(),
            main,
            "--configDir",
            conf.toString()));
    return arguments;
  }

  private static Path configuration(Path conf, Map<String, String> settings) throws IOException {
    Files.createDirectories(conf);
    List<String> lines = new ArrayList<>();
    settings.forEach((key, value) -> lines.add(key + ": '" + value + "'"));
    Files.write(conf.resolve("config.yaml"), lines);
    for (String log : List.of("log4j.properties", "log4j-cli.properties")) {
      try (InputStream in = Objects.requireNonNull(FlinkCluster.class.getResourceAsStream(log))) {
        Files.copy(in, conf.resolve(log), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    return conf;
  }

  /** Waits until a job has come to a state; fails if it has failed instead. */
  void awaitState(String job, String state) throws Exception {
    Await.until(
        "job " + job + " is " + state,
        PATIENCE,
        () -> {
          String now;
          try {
            now = rest.state(job);
          } catch (Rest.Refused e) {
            // A JobManager that has just begun does not know its jobs yet.
            return false;
          }
          if (now.equals("FAILED") && !state.equals(now)) {
            throw new AssertionError(rest.get("/jobs/" + job + "/exceptions").toString());
          }
          return now.equals(state);
        },
        () -> "see the logs in " + folder);
  }

  private static boolean alive(JavaProcess process, boolean holds) throws IOException {
    if (!process.isAlive()) {
      throw new IOException(process.name() + " has ended:\n" + process.out() + process.err());
    }
    return holds;
  }

  /** Kills all processes. */
  @Override
  public void close() {
    for (int i = processes.size() - 1; i >= 0; i--) {
      processes.get(i).kill();
    }
  }
}
