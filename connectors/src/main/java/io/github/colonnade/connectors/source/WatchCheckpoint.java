package io.github.colonnade.connectors.source;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * All that a {@link WatchingEnumerator} knows and that a new one could not find again.
 *
 * @param done whether everything has been found, which a run has that ends
 * @param arrivals how many there were
 * @param tensors how many of them are tensors
 * @param refusals how many of them are refusals
 * @param pending arrivals that no reader has yet
 * @param seen files that were taken; their tensors are given, are pending, or were refused
 * @param batches those that are not complete
 */
record WatchCheckpoint(
    boolean done,
    long arrivals,
    long tensors,
    long refusals,
    List<ArrivalSplit> pending,
    SeenFiles seen,
    OpenBatches batches) {

  /** Of a run that begins. */
  static WatchCheckpoint empty(WatchSettings settings) {
    return new WatchCheckpoint(
        false,
        0,
        0,
        0,
        List.of(),
        new SeenFiles(settings.lateness().toMillis()),
        new OpenBatches(settings.limits()));
  }

  /** The bytes of a checkpoint. */
  static final class Serializer extends VersionedBytes<WatchCheckpoint> {

    private static final ArrivalSplitSerializer SPLITS = new ArrivalSplitSerializer();

    private final WatchSettings settings;

    /**
     * @param settings of this run; they need not be those of the run that wrote the checkpoint
     */
    Serializer(WatchSettings settings) {
      super("a checkpoint", 1);
      this.settings = settings;
    }

    @Override
    void write(WatchCheckpoint checkpoint, DataOutput out) throws IOException {
      out.writeBoolean(checkpoint.done());
      out.writeLong(checkpoint.arrivals());
      out.writeLong(checkpoint.tensors());
      out.writeLong(checkpoint.refusals());
      out.writeInt(checkpoint.pending().size());
      for (ArrivalSplit split : checkpoint.pending()) {
        SPLITS.write(split, out);
      }
      checkpoint.seen().write(out);
      checkpoint.batches().write(out);
    }

    @Override
    WatchCheckpoint read(DataInput in) throws IOException {
      boolean done = in.readBoolean();
      long arrivals = in.readLong();
      long tensors = in.readLong();
      long refusals = in.readLong();
      List<ArrivalSplit> pending = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        pending.add(SPLITS.read(in));
      }
      return new WatchCheckpoint(
          done,
          arrivals,
          tensors,
          refusals,
          pending,
          SeenFiles.read(settings.lateness().toMillis(), in),
          OpenBatches.read(settings.limits(), in));
    }
  }
}
