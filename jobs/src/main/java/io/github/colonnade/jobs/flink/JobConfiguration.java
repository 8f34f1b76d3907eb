package io.github.colonnade.jobs.flink;

import java.time.Duration;
import java.util.Optional;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.configuration.BatchExecutionOptions;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;

/** What belongs to a job, on whatever cluster it runs. */
final class JobConfiguration {

  /** Waiting 1, 2, 4 … 60, 60 s between them, these take about seven minutes. */
  private static final int RESTARTS = 12;

  private JobConfiguration() {}

  /** Of a job that comes to an end and is not retried. */
  static Configuration bounded() {
    Configuration configuration = shared();
    configuration.set(ExecutionOptions.RUNTIME_MODE, RuntimeExecutionMode.BATCH);
    // Otherwise Flink counts the bytes between operators, which are references here, and would
    // give all the encoding to one subtask.
    configuration.set(BatchExecutionOptions.ADAPTIVE_AUTO_PARALLELISM_ENABLED, false);
    return configuration;
  }

  /**
   * Of a job that goes on.
   *
   * @param directory where checkpoints go, a URI
   * @param interval between two checkpoints
   * @param from the checkpoint to go on from, a URI; it is the job's own from then on
   */
  static Configuration streaming(String directory, Duration interval, Optional<String> from) {
    Configuration configuration = shared();
    configuration.set(ExecutionOptions.RUNTIME_MODE, RuntimeExecutionMode.STREAMING);
    restart(configuration);
    configuration.set(StateBackendOptions.STATE_BACKEND, "rocksdb");
    configuration.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
    configuration.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
    configuration.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, directory);
    configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, interval);
    configuration.set(CheckpointingOptions.CHECKPOINTING_TIMEOUT, Duration.ofHours(1));
    configuration.set(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER, Integer.MAX_VALUE);
    configuration.set(
        CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
        ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
    from.ifPresent(
        checkpoint -> {
          configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, checkpoint);
          configuration.set(StateRecoveryOptions.RESTORE_MODE, RecoveryClaimMode.CLAIM);
        });
    return configuration;
  }

  /**
   * Storage that fails, or workers that are lost, for some minutes are waited for; what fails
   * always ends the job. A user's mistake is not tried again.
   */
  static void restart(Configuration configuration) {
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF,
        Duration.ofMinutes(1));
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_ATTEMPTS, RESTARTS);
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_BACKOFF_MULTIPLIER, 2.0);
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_RESET_BACKOFF_THRESHOLD,
        Duration.ofMinutes(10));
  }

  private static Configuration shared() {
    Configuration configuration = new Configuration();
    configuration.set(PipelineOptions.OBJECT_REUSE, true);
    // All records have serializers of their own. Kryo would make whatever class the bytes name.
    configuration.set(PipelineOptions.GENERIC_TYPES, false);
    return configuration;
  }
}
