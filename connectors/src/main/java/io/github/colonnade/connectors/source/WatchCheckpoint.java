package io.github.colonnade.connectors.source;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.io.SimpleVersionedSerializer;

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
  static final class Serializer implements SimpleVersionedSerializer<WatchCheckpoint> {

    private static final int VERSION = 1;

    private final WatchSettings settings;

    /**
     * @param settings of this run; they need not be those of the run that wrote the checkpoint
     */
    Serializer(WatchSettings settings) {
      this.settings = settings;
    }

    @Override
    public int getVersion() {
      return VERSION;
    }

    @Override
    public byte[] serialize(WatchCheckpoint checkpoint) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeBoolean(checkpoint.done());
      out.writeLong(checkpoint.arrivals());
      out.writeLong(checkpoint.tensors());
      out.writeLong(checkpoint.refusals());
      out.writeInt(checkpoint.pending().size());
      for (ArrivalSplit split : checkpoint.pending()) {
        ArrivalSplitSerializer.write(split, out);
      }
      checkpoint.seen().write(out);
      checkpoint.batches().write(out);
      return bytes.toByteArray();
    }

    @Override
    public WatchCheckpoint deserialize(int version, byte[] serialized) throws IOException {
      if (version != VERSION) {
        throw new IOException(
            "a checkpoint of version " + version + "; this program reads " + VERSION);
      }
      DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialized));
      boolean done = in.readBoolean();
      long arrivals = in.readLong();
      long tensors = in.readLong();
      long refusals = in.readLong();
      List<ArrivalSplit> pending = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        pending.add(ArrivalSplitSerializer.read(in));
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
