package io.github.colonnade.jobs.stream;

import io.github.colonnade.connectors.source.Arrival.Batch;
import io.github.colonnade.jobs.compress.Outcome;
import io.github.colonnade.jobs.compress.PassThrough;
import io.github.colonnade.jobs.compress.SketchedBlock;
import io.github.colonnade.jobs.flink.Codec;
import java.io.IOException;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Something a batch is made of. All items of a tensor come from one subtask, the last of them a
 * {@link Done}.
 */
public record BatchItem(Batch batch, Content content) {

  /** What it is. */
  public sealed interface Content {}

  /** A block to compress. */
  record Block(SketchedBlock block) implements Content {}

  /** A tensor to copy. */
  record Copy(PassThrough tensor) implements Content {}

  /** A tensor that is not in the output. */
  record Refused(Outcome.Rejected tensor) implements Content {}

  /**
   * Everything of a tensor has been sent.
   *
   * @param fileBytes the bytes of input files that are counted with this tensor
   */
  record Done(long fileBytes) implements Content {}

  /**
   * The batch gets no more tensors.
   *
   * @param tensors it has in all
   */
  record Sealed(long tensors) implements Content {}

  /** Where a batch is planned. Its hash is the same in every process. */
  String key() {
    return batch.rows() + "/" + batch.number();
  }

  /** The bytes between sketch and plan, and of the batches that are not complete. */
  public static final class BatchItemCodec implements Codec<BatchItem> {

    private static final byte BLOCK = 0;
    private static final byte COPY = 1;
    private static final byte REFUSED = 2;
    private static final byte DONE = 3;
    private static final byte SEALED = 4;

    private static final Versioned<SketchedBlock> BLOCKS =
        new Versioned<>(new SketchedBlock.SketchedBlockCodec());
    private static final Versioned<PassThrough> COPIES =
        new Versioned<>(new PassThrough.PassThroughCodec());
    private static final Versioned<Outcome> OUTCOMES = new Versioned<>(new Outcome.OutcomeCodec());

    @Override
    public Class<BatchItem> type() {
      return BatchItem.class;
    }

    @Override
    public int version() {
      return 1;
    }

    @Override
    public void write(BatchItem record, DataOutputView out) throws IOException {
      out.writeInt(record.batch.rows());
      out.writeLong(record.batch.number());
      if (record.content instanceof Block block) {
        out.writeByte(BLOCK);
        BLOCKS.write(block.block, out);
      } else if (record.content instanceof Copy copy) {
        out.writeByte(COPY);
        COPIES.write(copy.tensor, out);
      } else if (record.content instanceof Refused refused) {
        out.writeByte(REFUSED);
        OUTCOMES.write(refused.tensor, out);
      } else if (record.content instanceof Done done) {
        out.writeByte(DONE);
        out.writeLong(done.fileBytes);
      } else if (record.content instanceof Sealed sealed) {
        out.writeByte(SEALED);
        out.writeLong(sealed.tensors);
      }
    }

    @Override
    public BatchItem read(int version, DataInputView in) throws IOException {
      Batch batch = new Batch(in.readInt(), in.readLong());
      byte kind = in.readByte();
      return new BatchItem(
          batch,
          switch (kind) {
            case BLOCK -> new Block(BLOCKS.read(in));
            case COPY -> new Copy(COPIES.read(in));
            case REFUSED -> new Refused((Outcome.Rejected) OUTCOMES.read(in));
            case DONE -> new Done(in.readLong());
            case SEALED -> new Sealed(in.readLong());
            default -> throw new IOException("unknown kind of batch item " + kind);
          });
    }
  }
}
