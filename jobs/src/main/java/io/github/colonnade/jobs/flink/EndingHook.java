package io.github.colonnade.jobs.flink;

import java.io.IOException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.core.execution.JobStatusHook;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does in the JobManager what a job leaves to be done. A failure is only logged: it must not change
 * how the job is seen to have ended.
 */
record EndingHook(Ending ending) implements JobStatusHook {
  private static final Logger LOG = LoggerFactory.getLogger(EndingHook.class);

  /** One of the two ways to end. */
  private interface Step {
    void run() throws IOException;
  }

  @Override
  public void onCreated(JobID job) {}

  @Override
  public void onFinished(JobID job) {
    run(job, ending::finished);
  }

  @Override
  public void onFailed(JobID job, @Nullable Throwable failure) {
    run(job, ending::failed);
  }

  @Override
  public void onCanceled(JobID job) {
    run(job, ending::failed);
  }

  private static void run(JobID job, Step step) {
    try {
      step.run();
    } catch (IOException | RuntimeException e) {
      LOG.warn("What job {} has left could not be removed", job, e);
    }
  }
}
