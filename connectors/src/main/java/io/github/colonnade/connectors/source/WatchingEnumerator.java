package io.github.colonnade.connectors.source;

import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.source.Arrival.Cause;
import io.github.colonnade.connectors.source.OpenBatches.Placed;
import io.github.colonnade.connectors.source.SeenFiles.Changes;
import io.github.colonnade.connectors.source.WatchedInputs.Listed;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.MatrixView;
import io.github.colonnade.connectors.view.TensorPlan;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.util.FlinkRuntimeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches inputs and hands out what it finds, on request.
 *
 * <p>Inputs are listed and headers read by other threads; all else happens on the coordinator's
 * thread. A file that was listed waits in a queue that is in no checkpoint. When its header has
 * been read it becomes, in one step, a seen file and the pending arrivals of its tensors; so a
 * checkpoint has it either way, and an enumerator that is restored finds the others by listing. The
 * queue is renewed by every listing.
 *
 * <p>When the storage fails while a listing is made or a header read, this is logged and tried
 * again after an interval; a run that ends fails with the {@value #TRIES}th failure.
 */
final class WatchingEnumerator implements SplitEnumerator<ArrivalSplit, WatchCheckpoint> {

  private static final Logger LOG = LoggerFactory.getLogger(WatchingEnumerator.class);

  /** Further headers are read when fewer arrivals are pending. */
  private static final int ENOUGH_PENDING = 1024;

  /** Files whose headers are read at a time. */
  private static final int OPENED_FILES = 64;

  /** Failures of the storage, all together, that end a run that is to end. */
  private static final int TRIES = 5;

  private record Queued(WatchedFile file, boolean late) {}

  private final SplitEnumeratorContext<ArrivalSplit> context;
  private final List<String> inputs;
  private final MatrixView view;
  private final WatchSettings settings;
  private final WatchMetrics metrics;
  private final WatchedInputs listing;
  private final FileOpener opener = new FileOpener();
  private final Sightings sightings;

  private final SeenFiles seen;
  private final OpenBatches batches;
  private final PendingSplits<ArrivalSplit> pending;
  private boolean done;
  private long arrivals;
  private long tensors;
  private long refusals;

  /** Whether the next tick is to list; read by the thread that lists. */
  private final AtomicBoolean listingWanted = new AtomicBoolean(true);

  /** Whether files that were listed wait to be opened; read by the thread that lists. */
  private final AtomicBoolean backlog = new AtomicBoolean();

  /**
   * When the next listing may begin, as {@link System#nanoTime}; only for the thread that lists.
   */
  private long rested = System.nanoTime();

  private final Set<Integer> waiting = new LinkedHashSet<>();
  private final Deque<Queued> queue = new ArrayDeque<>();
  private final Set<FileKey> opening = new HashSet<>();
  private final Set<FileKey> failed = new HashSet<>();
  private int listings;
  private int failures;

  /** Whether there is something that only another listing can tell. */
  private boolean listingNeeded = true;

  WatchingEnumerator(
      SplitEnumeratorContext<ArrivalSplit> context,
      List<String> inputs,
      MatrixView view,
      WatchSettings settings,
      WatchCheckpoint checkpoint) {
    this.context = context;
    this.inputs = inputs;
    this.view = view;
    this.settings = settings;
    this.metrics = new WatchMetrics(context.metricGroup());
    this.listing = new WatchedInputs(inputs, settings.once());
    // Ticks come about as regularly as the interval says; half of one tells two listings apart.
    this.sightings = new Sightings(settings.once() ? 0 : settings.interval().toMillis() / 2 + 1);
    this.seen = checkpoint.seen().copy();
    this.batches = checkpoint.batches().copy();
    this.pending = new PendingSplits<>(checkpoint.pending(), WatchingEnumerator::payloadBytes);
    this.done = checkpoint.done();
    this.arrivals = checkpoint.arrivals();
    this.tensors = checkpoint.tensors();
    this.refusals = checkpoint.refusals();
  }

  @Override
  public void start() {
    if (!done) {
      context.callAsync(this::listIfWanted, this::listed, 0, settings.interval().toMillis());
    }
  }

  /**
   * Lists at this tick, or leaves it out. The thread that lists opens files too: what is listed
   * already goes first, and listings of very many files take half of its time at most.
   */
  private @Nullable Listed listIfWanted() throws IOException {
    long start = System.nanoTime();
    boolean wanted =
        settings.once() ? listingWanted.getAndSet(false) : !backlog.get() && start - rested >= 0;
    if (!wanted) {
      return null;
    }
    Listed listed = listing.list();
    long end = System.nanoTime();
    rested = end + (end - start);
    return listed;
  }

  private void listed(@Nullable Listed result, @Nullable Throwable failure) {
    if (failure != null) {
      tryAgain("cannot list " + inputs, failure);
    } else if (result != null) {
      accept(result);
    }
  }

  /**
   * Notes a failure.
   *
   * @throws FlinkRuntimeException if it is no use to try again
   */
  private void tryAgain(String what, Throwable failure) {
    failures++;
    if (!(failure instanceof Exception)
        || failure instanceof FormatException
        || (settings.once() && failures >= TRIES)) {
      throw new FlinkRuntimeException(what, failure);
    }
    LOG.warn("{}; it will be tried again", what, failure);
    listingNeeded = true;
    listingWanted.set(true);
  }

  private void accept(Listed listed) {
    listings++;
    listingNeeded = false;
    long now = listed.startMillis();
    sightings.begin(now);
    Changes changes = seen.compare(listed.files(), sightings::isSettled, listed.complete(), now);
    metrics.deleted(changes.deleted());
    for (WatchedFile file : changes.rewritten()) {
      metrics.rewritten();
      refuse(
          file.path(),
          Cause.REWRITTEN,
          "it was written again after it had been read; give the new version another name");
    }
    if (changes.untold() > 0) {
      metrics.late(changes.untold());
      refuse(inputs.get(0), Cause.LATE, untold(changes.untold()));
    }
    renewQueue(changes);
    openMore();
    sealIdle(now);
    proceed();
  }

  private String untold(long files) {
    return "at least "
        + files
        + " files of "
        + String.join(", ", inputs)
        + " appeared at a time with dates before those of files that were read earlier, too many"
        + " to be told from these, and are passed over; copy them to a new folder of the input,"
        + " so that their dates are new";
  }

  private void renewQueue(Changes changes) {
    queue.clear();
    List<Queued> files = new ArrayList<>();
    changes.late().forEach(file -> files.add(new Queued(file, true)));
    changes.fresh().forEach(file -> files.add(new Queued(file, false)));
    files.removeIf(queued -> opening.contains(queued.file().key()));
    // A file that cannot be read for now must not keep back all others.
    files.sort(
        Comparator.comparing((Queued queued) -> failed.contains(queued.file().key()))
            .thenComparing(Queued::file, WatchedFile.ORDER));
    queue.addAll(files);
    if (!failed.isEmpty()) {
      failed.retainAll(
          files.stream().map(queued -> queued.file().key()).collect(Collectors.toSet()));
    }
  }

  private boolean isIdle() {
    return queue.isEmpty() && opening.isEmpty();
  }

  /** Has the headers of the next files read if fewer arrivals are pending than readers like. */
  private void openMore() {
    openNext();
    backlog.set(!queue.isEmpty());
  }

  private void openNext() {
    if (!opening.isEmpty() || queue.isEmpty() || pending.size() >= ENOUGH_PENDING) {
      return;
    }
    List<Queued> next = new ArrayList<>();
    while (next.size() < OPENED_FILES && !queue.isEmpty()) {
      next.add(queue.remove());
    }
    next.forEach(queued -> opening.add(queued.file().key()));
    context.callAsync(
        () -> opener.open(next.stream().map(Queued::file).toList()),
        (opened, failure) -> opened(next, opened, failure));
  }

  private void opened(
      List<Queued> files, @Nullable List<Opened> results, @Nullable Throwable failure) {
    if (results == null) {
      throw new FlinkRuntimeException("cannot read the files of " + inputs, failure);
    }
    opening.clear();
    long now = System.currentTimeMillis();
    for (int i = 0; i < results.size(); i++) {
      take(results.get(i), files.get(i).late(), now);
    }
    openMore();
    sealIdle(now);
    proceed();
  }

  /** Seals what got nothing for a while, unless files wait that may have something for it. */
  private void sealIdle(long now) {
    if (!settings.once() && listings > 1 && isIdle()) {
      batches.sealIdle(now).forEach(this::give);
    }
  }

  private void take(Opened opened, boolean late, long now) {
    WatchedFile file = opened.file();
    if (opened instanceof Opened.Failed storage) {
      failed.add(file.key());
      // What is left waits for the next listing: the storage may need a while.
      queue.clear();
      tryAgain("cannot read " + file.path(), storage.failure());
      return;
    }
    if (opened instanceof Opened.Changed) {
      if (settings.once()) {
        tryAgain(
            "cannot read " + file.path(),
            new IllegalStateException("it was written or removed while it was read"));
      }
      return;
    }
    failed.remove(file.key());
    metrics.seen();
    if (late) {
      metrics.late(1);
    }
    if (opened instanceof Opened.Refused refused) {
      seen.add(file, false, now);
      refuse(file.path(), Cause.UNREADABLE, refused.reason());
    } else if (opened instanceof Opened.Tensors sound) {
      seen.add(file, true, now);
      giveTensors(sound, now);
    }
  }

  private void giveTensors(Opened.Tensors sound, long now) {
    long fileBytes = sound.bytes();
    for (TensorInfo tensor : sound.tensors()) {
      Placed placed;
      try {
        TensorLister.requireShortName(tensor);
        placed = place(tensor, view.plan(tensor), now);
      } catch (FormatException e) {
        refuse(sound.file().path(), Cause.UNREADABLE, FileOpener.reason(sound.file(), e));
        continue;
      }
      placed.before().forEach(this::give);
      give(new Arrival.Tensor(tensors++, tensor, placed.batch(), fileBytes, now));
      placed.after().forEach(this::give);
      fileBytes = 0;
    }
  }

  private Placed place(TensorInfo tensor, TensorPlan plan, long now) {
    if (!(plan instanceof TensorPlan.Blocks cut)) {
      return batches.add(0, 1, tensor.sizeBytes(), now);
    }
    long rows = cut.blocks().get(0).rows();
    if (rows > Integer.MAX_VALUE) {
      throw FormatException.of(
          tensor.source(),
          tensor.name(),
          "its matrix has " + rows + " rows, more than can be handled; give rows or transposed");
    }
    return batches.add((int) rows, cut.blocks().size(), tensor.sizeBytes(), now);
  }

  private void refuse(String source, Cause cause, String reason) {
    metrics.refused();
    give(new Arrival.Refusal(refusals++, source, cause, reason));
  }

  private void give(Arrival arrival) {
    pending.add(new ArrivalSplit(arrivals++, arrival));
  }

  /** Ends what is to end, and serves the readers that wait. */
  private void proceed() {
    if (settings.once() && !done && isIdle() && !listingNeeded) {
      batches.sealAll().forEach(this::give);
      done = true;
    }
    metrics.openBatches(batches.openCount());
    Collection<Integer> readers = new ArrayList<>(waiting);
    waiting.clear();
    readers.forEach(this::assign);
  }

  @Override
  public void handleSplitRequest(int subtask, @Nullable String hostname) {
    assign(subtask);
    openMore();
  }

  private void assign(int subtask) {
    if (!context.registeredReaders().containsKey(subtask)) {
      return;
    }
    List<ArrivalSplit> handed = pending.hand();
    if (!handed.isEmpty()) {
      context.assignSplits(new SplitsAssignment<>(Map.of(subtask, handed)));
    } else if (done) {
      context.signalNoMoreSplits(subtask);
    } else {
      waiting.add(subtask);
    }
  }

  private static long payloadBytes(ArrivalSplit split) {
    return split.arrival() instanceof Arrival.Tensor tensor ? tensor.tensor().sizeBytes() : 0;
  }

  @Override
  public void addSplitsBack(List<ArrivalSplit> splits, int subtask) {
    pending.addBack(splits);
    proceed();
  }

  @Override
  public void addReader(int subtask) {
    // Readers ask when they are ready.
  }

  @Override
  public WatchCheckpoint snapshotState(long checkpoint) {
    return new WatchCheckpoint(
        done, arrivals, tensors, refusals, pending.toList(), seen.copy(), batches.copy());
  }

  @Override
  public void close() {
    opener.close();
  }
}
