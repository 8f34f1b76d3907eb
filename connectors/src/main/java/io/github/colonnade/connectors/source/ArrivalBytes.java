package io.github.colonnade.connectors.source;

import io.github.colonnade.connectors.source.Arrival.Batch;
import io.github.colonnade.connectors.source.Arrival.Cause;
import io.github.colonnade.connectors.source.Arrival.Refusal;
import io.github.colonnade.connectors.source.Arrival.Seal;
import io.github.colonnade.connectors.source.Arrival.Tensor;
import io.github.colonnade.connectors.tensor.TensorInfoBytes;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * The bytes of an {@link Arrival} between the parts of a job and in its state. The first byte is
 * the version.
 */
public final class ArrivalBytes {

  private static final int VERSION = 1;

  private static final byte TENSOR = 0;
  private static final byte SEAL = 1;
  private static final byte REFUSAL = 2;

  private ArrivalBytes() {}

  public static void write(Arrival arrival, DataOutput out) throws IOException {
    out.writeByte(VERSION);
    if (arrival instanceof Tensor tensor) {
      out.writeByte(TENSOR);
      out.writeLong(tensor.ordinal());
      TensorInfoBytes.write(tensor.tensor(), out);
      write(tensor.batch(), out);
      out.writeLong(tensor.fileBytes());
      out.writeLong(tensor.listedMillis());
    } else if (arrival instanceof Seal seal) {
      out.writeByte(SEAL);
      write(seal.batch(), out);
      out.writeLong(seal.tensors());
    } else if (arrival instanceof Refusal refusal) {
      out.writeByte(REFUSAL);
      out.writeLong(refusal.ordinal());
      TensorInfoBytes.writeText(refusal.source(), out);
      out.writeUTF(refusal.cause().name());
      TensorInfoBytes.writeText(refusal.reason(), out);
    }
  }

  private static void write(Batch batch, DataOutput out) throws IOException {
    out.writeInt(batch.rows());
    out.writeLong(batch.number());
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IOException if the bytes are of a version or a kind that is not known
   */
  public static Arrival read(DataInput in) throws IOException {
    int version = in.readByte();
    if (version != VERSION) {
      throw new IOException("an arrival of version " + version + "; this program reads " + VERSION);
    }
    byte kind = in.readByte();
    return switch (kind) {
      case TENSOR ->
          new Tensor(
              in.readLong(), TensorInfoBytes.read(in), readBatch(in), in.readLong(), in.readLong());
      case SEAL -> new Seal(readBatch(in), in.readLong());
      case REFUSAL ->
          new Refusal(
              in.readLong(),
              TensorInfoBytes.readText(in),
              Cause.valueOf(in.readUTF()),
              TensorInfoBytes.readText(in));
      default -> throw new IOException("unknown kind of arrival " + kind);
    };
  }

  private static Batch readBatch(DataInput in) throws IOException {
    return new Batch(in.readInt(), in.readLong());
  }
}
