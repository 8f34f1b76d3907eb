package io.github.colonnade.jobs.memory;

import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.metrics.Meters;
import io.github.colonnade.jobs.metrics.PayloadMeters;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.flink.api.common.accumulators.LongMaximum;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.streaming.api.operators.StreamingRuntimeContext;

/** What a subtask has of its job's {@link PayloadMemory} in its process. */
public final class PayloadShare implements AutoCloseable {

  /** The accumulator with the most bytes that were held in one process at a time. */
  public static final String MOST_HELD = "payload-bytes-held";

  private final PayloadMemory memory;
  private final LongMaximum mostHeld = new LongMaximum();

  private PayloadShare(PayloadMemory memory) {
    this.memory = memory;
  }

  /**
   * Opens the share of a subtask, and tells the state of the memory as metrics.
   *
   * @param limit the same for all subtasks of the job
   */
  public static PayloadShare open(RuntimeContext context, PayloadLimit limit) {
    Configuration process =
        new Configuration(
            ((StreamingRuntimeContext) context).getTaskManagerRuntimeInfo().getConfiguration());
    PayloadLimits limits =
        PayloadLimits.of(
            limit,
            process.get(TaskManagerOptions.NUM_TASK_SLOTS),
            process
                .getOptional(TaskManagerOptions.TASK_OFF_HEAP_MEMORY)
                .map(MemorySize::getBytes)
                .orElse(0L));
    PayloadShare share =
        new PayloadShare(PayloadMemory.open(context.getJobInfo().getJobId().toString(), limits));
    context.addAccumulator(MOST_HELD, share.mostHeld);
    PayloadMeters.show(
        Meters.of(context.getMetricGroup()),
        share.memory::heldBytes,
        share.memory::mostHeldBytes,
        share.memory::waitingNow,
        share.memory::waits);
    return share;
  }

  /** For work outside a job, or that nobody limits. */
  public static PayloadShare unlimited() {
    return new PayloadShare(new PayloadMemory("", PayloadLimits.none()));
  }

  /**
   * Waits until there is memory, works, and gives it back. The calling thread holds nothing else.
   *
   * @param what is worked on, for messages: a file and what of it
   * @throws UsageException if there is not as much
   * @throws IOException of the work, or if the thread is interrupted while it waits
   */
  public <T> T holding(PayloadNeed need, Supplier<String> what, PayloadMemory.Work<T> work)
      throws IOException {
    try {
      return memory.holding(need, what, work);
    } finally {
      mostHeld.add(memory.mostHeldBytes());
    }
  }

  /**
   * Why {@link #holding} would refuse a need for good.
   *
   * @param what is to be worked on
   */
  public Optional<String> refusal(PayloadNeed need, Supplier<String> what) {
    return memory.limits().refusal(need, what).map(UsageException::getMessage);
  }

  /** Whether a need is no more than the share of one slot, so that it keeps nobody waiting. */
  public boolean isInShare(PayloadNeed need) {
    return memory.limits().isInShare(need);
  }

  @Override
  public void close() {
    memory.close();
  }
}
