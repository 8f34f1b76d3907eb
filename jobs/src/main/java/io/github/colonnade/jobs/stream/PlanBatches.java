package io.github.colonnade.jobs.stream;

import io.github.colonnade.jobs.compress.CompressSettings;
import io.github.colonnade.jobs.flink.CodecTypeInfo;
import io.github.colonnade.jobs.metrics.BatchMeters;
import io.github.colonnade.jobs.metrics.Meters;
import io.github.colonnade.jobs.metrics.PartitionMeters;
import io.github.colonnade.jobs.metrics.WorkMeters;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Keeps what a batch is made of until all of it is here, then plans it.
 *
 * <p>A batch is complete when it is sealed and all its tensors are done; the seal may come first,
 * since it goes another way. Nothing of a batch stays behind.
 */
final class PlanBatches extends KeyedProcessFunction<String, BatchItem, BatchTask> {

  private final CompressSettings settings;

  private transient MapState<Long, BatchItem> items;
  private transient MapState<String, Long> counts;
  private transient LinearAlgebra la;
  private transient BatchPlanner planner;
  private transient BatchMeters batches;

  @SuppressWarnings("NullAway.Init") // open() comes before everything else.
  PlanBatches(CompressSettings settings) {
    this.settings = settings;
  }

  @Override
  public void open(OpenContext context) {
    items =
        getRuntimeContext()
            .getMapState(
                new MapStateDescriptor<>(
                    "items", Types.LONG, CodecTypeInfo.of(new BatchItem.BatchItemCodec())));
    counts =
        getRuntimeContext()
            .getMapState(new MapStateDescriptor<>("counts", Types.STRING, Types.LONG));
    Meters meters = Meters.of(getRuntimeContext().getMetricGroup());
    la = WorkMeters.measured(meters, new Nd4jLinearAlgebra());
    planner = new BatchPlanner(la, settings, new PartitionMeters(meters));
    batches = new BatchMeters(meters);
  }

  @Override
  public void close() {
    if (la != null) {
      la.close();
    }
  }

  @Override
  public void processElement(BatchItem item, Context context, Collector<BatchTask> out)
      throws Exception {
    items.put(add("items", 1), item);
    if (item.content() instanceof BatchItem.Done) {
      add("done", 1);
    } else if (item.content() instanceof BatchItem.Sealed sealed) {
      counts.put("sealed", sealed.tensors());
    } else {
      return;
    }
    Long sealed = counts.get("sealed");
    if (sealed != null && sealed == add("done", 0)) {
      BatchTask planned = planner.plan(item.batch(), items.values());
      batches.planned();
      out.collect(planned);
      items.clear();
      counts.clear();
    }
  }

  /** Adds to a count and returns what it was before. */
  private long add(String name, long more) throws Exception {
    Long count = counts.get(name);
    long before = count == null ? 0 : count;
    if (more != 0) {
      counts.put(name, before + more);
    }
    return before;
  }
}
