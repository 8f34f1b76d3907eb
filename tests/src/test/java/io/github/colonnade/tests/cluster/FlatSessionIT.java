package io.github.colonnade.tests.cluster;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Job after job on one session cluster leaves nothing behind. A job that brings its own native
 * libraries would leave 9.5 MB of metaspace and 410 MB on disk each time.
 */
class FlatSessionIT {
  private static final Logger LOG = LoggerFactory.getLogger(FlatSessionIT.class);

  private static final int JOBS = 20;

  /** When the caches of Flink and of the libraries are filled. */
  private static final int WARM = 5;

  private static final long MEBIBYTE = 1 << 20;

  /** A tenth of what a job with native libraries of its own would leave, in all jobs together. */
  private static final long METASPACE = (JOBS - WARM) * MEBIBYTE;

  /** Less than one set of native libraries. */
  private static final long DISK = 50 * MEBIBYTE;

  /** Mapped libraries, and what native code forgets to free: 15 more sets would be gigabytes. */
  private static final long NATIVE = 100 * MEBIBYTE;

  /** Pools grow and shrink; one thread for each job would be 15. */
  private static final int THREADS = 8;

  private FlinkCluster cluster;
  private Path input;

  /** Where JavaCPP puts native libraries to load them. */
  private Path unpacked;

  @BeforeEach
  void start() throws Exception {
    cluster =
        new FlinkCluster("flat")
            .with("taskmanager.numberOfTaskSlots", "2")
            // TaskManagers keep the jars of jobs that have ended for an hour otherwise.
            .with("blob.service.cleanup.interval", "1")
            .withJvm("-XX:+AlwaysPreTouch")
            .withJvm("-XX:SoftRefLRUPolicyMSPerMB=0");
    unpacked = Files.createDirectories(cluster.folder().resolve("unpacked"));
    cluster.withJvm("-Dorg.bytedeco.javacpp.cachedir=" + unpacked);
    input = Files.createDirectories(cluster.folder().resolve("in"));
    Files.write(
        input.resolve("matrices.safetensors"), Matrices.file(cluster.folder(), 8, 16, 8, 1));
  }

  @AfterEach
  void end() throws Exception {
    cluster.close();
    Folders.delete(unpacked);
  }

  @Test
  void jobAfterJobLeavesNothingBehind() throws Exception {
    JavaProcess jobManager = cluster.startJobManager();
    JavaProcess taskManager = cluster.startTaskManagers(1).get(0);
    String jar = cluster.rest().upload(Distribution.jobJar());
    run(jar, 0, WARM);
    Vitals jobManagerWarm = vitals(jobManager);
    Vitals taskManagerWarm = vitals(taskManager);
    run(jar, WARM, JOBS);
    requireFlat(jobManager, jobManagerWarm);
    requireFlat(taskManager, taskManagerWarm);
  }

  private Vitals vitals(JavaProcess process) throws IOException {
    return Vitals.of(process, diskBytes(process));
  }

  private long diskBytes(JavaProcess process) throws IOException {
    return Folders.sizeBytes(cluster.folder().resolve(process.name()).resolve("tmp"))
        + Folders.sizeBytes(unpacked);
  }

  private void requireFlat(JavaProcess process, Vitals warm) throws Exception {
    Await.until(
        process.name() + " keeps no files",
        FlinkCluster.PATIENCE,
        () -> diskBytes(process) - warm.diskBytes() < DISK,
        () -> "");
    Vitals last = vitals(process);
    String all = process.name() + " " + warm + " -> " + last;
    assertTrue(last.metaspaceBytes() - warm.metaspaceBytes() < METASPACE, all);
    assertTrue(last.threads() - warm.threads() < THREADS, all);
    assertTrue(last.nativeBytes() - warm.nativeBytes() < NATIVE, all);
    LOG.info(all);
  }

  private void run(String jar, int from, int to) throws Exception {
    for (int i = from; i < to; i++) {
      Path output = cluster.folder().resolve("out-" + i);
      String job =
          cluster
              .rest()
              .run(
                  jar,
                  List.of(
                      "compress",
                      input.toString(),
                      "--output",
                      output.toString(),
                      "--max-error",
                      "0.1"));
      cluster.awaitState(job, "FINISHED");
      assertTrue(Files.exists(output.resolve("manifest.json")));
    }
  }
}
