package io.github.colonnade.jobs.flink;

import io.github.colonnade.jobs.console.Progress;
import java.io.PrintWriter;
import java.util.Map;
import java.util.function.Function;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Runs jobs one after another, each built in an environment of its own. */
public interface Cluster extends AutoCloseable {

  /** How a job has left this program. */
  enum Outcome {
    /** It has ended as it should. */
    FINISHED,
    /** It was submitted and goes on without this program. */
    SUBMITTED
  }

  /** An environment for one job. */
  StreamExecutionEnvironment environment();

  /**
   * Runs the job that was built in one of this cluster's environments.
   *
   * @param progress from the job's accumulators to what is shown
   * @param err where progress is shown
   * @param redraw whether {@code err} is a terminal
   */
  Outcome run(
      StreamExecutionEnvironment env,
      String name,
      Function<Map<String, Object>, Progress.State> progress,
      PrintWriter err,
      boolean redraw)
      throws Exception;

  /**
   * Ends the job that this program waits for if its thread is interrupted, and waits for that.
   * Where jobs run in this process, ends them in any case.
   */
  @Override
  void close();

  /**
   * Whether a job may be at work after this was closed: it was not seen to end, as when its cluster
   * did not answer any more.
   */
  boolean mayStillRun();
}
