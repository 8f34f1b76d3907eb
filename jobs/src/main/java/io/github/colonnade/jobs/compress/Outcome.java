package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorInfoBytes;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.jobs.flink.Codec;
import io.github.colonnade.jobs.manifest.BoundEntry;
import io.github.colonnade.jobs.manifest.RejectionCause;
import io.github.colonnade.jobs.manifest.Treatment;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** What became of blocks and tensors, on its way into the manifest. */
public sealed interface Outcome {

  StageTimes times();

  /**
   * A file that was written.
   *
   * @param sizeBytes of the file
   * @param numbers stored in it
   * @param energies of the blocks in it that were to be compressed
   */
  record FileWritten(
      String file,
      long sizeBytes,
      long numbers,
      EnergySums energies,
      List<StoredCluster> clusters,
      List<StoredBlock> blocks,
      StageTimes times)
      implements Outcome {}

  /**
   * A tensor that is not in the output.
   *
   * @param tensor its name, or empty for a whole file
   */
  record Rejected(
      long ordinal,
      String source,
      String tensor,
      RejectionCause cause,
      String reason,
      StageTimes times)
      implements Outcome {}

  /**
   * A cluster of a written file.
   *
   * @param basisFile the file that has the basis, or empty if it is the one written
   * @param basis the name of the tensor, or empty at rank 0
   * @param mask the name of the tensor, or empty if each block uses all directions
   * @param limit the cluster's own error limit, if it has one
   */
  record StoredCluster(
      String id,
      long rows,
      int rank,
      long columns,
      long blocks,
      BoundEntry bound,
      double error,
      OptionalDouble weightedError,
      String basisFile,
      String basis,
      String mask,
      OptionalDouble limit) {}

  /**
   * A block or a tensor of a written file.
   *
   * @param tensor where it came from
   * @param matrix how the tensor became a matrix; none for what passes through
   * @param cluster the id of its cluster, or empty
   * @param stored the name of the tensor with its coefficients or its data, or empty if it has no
   *     coefficients
   * @param note a remark, or empty
   * @param sparse the columns that are stored as they are, if there are any
   */
  record StoredBlock(
      long ordinal,
      int index,
      TensorInfo tensor,
      Optional<BlockRef> matrix,
      Treatment treatment,
      String cluster,
      double error,
      OptionalDouble weightedError,
      double scale,
      String stored,
      String sha256,
      String note,
      Optional<StoredColumns> sparse) {}

  /**
   * Columns of a block that are stored as they are.
   *
   * @param channels which, ascending
   * @param columns the name of the tensor with their numbers
   * @param bitmap the name of the tensor with the channels
   */
  record StoredColumns(int[] channels, String columns, String bitmap) {}

  /** The bytes between encode and commit. */
  final class OutcomeCodec implements Codec<Outcome> {

    @Override
    public Class<Outcome> type() {
      return Outcome.class;
    }

    @Override
    public int version() {
      return 5;
    }

    /** Version 1 may lack the mask of a cluster. */
    @Override
    public int oldestVersion() {
      return 2;
    }

    @Override
    public void write(Outcome record, DataOutputView out) throws IOException {
      out.writeBoolean(record instanceof FileWritten);
      if (record instanceof FileWritten file) {
        TensorInfoBytes.writeText(file.file, out);
        out.writeLong(file.sizeBytes);
        out.writeLong(file.numbers);
        file.energies.write(out);
        out.writeInt(file.clusters.size());
        for (StoredCluster cluster : file.clusters) {
          writeCluster(cluster, out);
        }
        out.writeInt(file.blocks.size());
        for (StoredBlock block : file.blocks) {
          writeBlock(block, out);
        }
      } else if (record instanceof Rejected rejected) {
        out.writeLong(rejected.ordinal);
        TensorInfoBytes.writeText(rejected.source, out);
        TensorInfoBytes.writeText(rejected.tensor, out);
        out.writeUTF(rejected.cause.name());
        TensorInfoBytes.writeText(rejected.reason, out);
      }
      record.times().write(out);
    }

    @Override
    public Outcome read(int version, DataInputView in) throws IOException {
      if (!in.readBoolean()) {
        return new Rejected(
            in.readLong(),
            TensorInfoBytes.readText(in),
            TensorInfoBytes.readText(in),
            version < 5 ? RejectionCause.NOT_FINITE : RejectionCause.valueOf(in.readUTF()),
            TensorInfoBytes.readText(in),
            StageTimes.read(in));
      }
      String file = TensorInfoBytes.readText(in);
      long sizeBytes = in.readLong();
      long numbers = in.readLong();
      EnergySums energies = version < 3 ? EnergySums.ZERO : EnergySums.read(in);
      List<StoredCluster> clusters = new ArrayList<>();
      for (int i = in.readInt(); i > 0; i--) {
        clusters.add(readCluster(version, in));
      }
      List<StoredBlock> blocks = new ArrayList<>();
      for (int i = in.readInt(); i > 0; i--) {
        blocks.add(readBlock(version, in));
      }
      return new FileWritten(
          file, sizeBytes, numbers, energies, clusters, blocks, StageTimes.read(in));
    }

    private static void writeCluster(StoredCluster cluster, DataOutputView out) throws IOException {
      TensorInfoBytes.writeText(cluster.id, out);
      out.writeLong(cluster.rows);
      out.writeInt(cluster.rank);
      out.writeLong(cluster.columns);
      out.writeLong(cluster.blocks);
      out.writeDouble(cluster.bound.lower());
      out.writeDouble(cluster.bound.upper());
      TensorInfoBytes.writeText(cluster.bound.provedBy(), out);
      out.writeDouble(cluster.error);
      RecordBytes.writeOptional(cluster.weightedError, out);
      TensorInfoBytes.writeText(cluster.basisFile, out);
      TensorInfoBytes.writeText(cluster.basis, out);
      TensorInfoBytes.writeText(cluster.mask, out);
      RecordBytes.writeOptional(cluster.limit, out);
    }

    private static StoredCluster readCluster(int version, DataInputView in) throws IOException {
      return new StoredCluster(
          TensorInfoBytes.readText(in),
          in.readLong(),
          in.readInt(),
          in.readLong(),
          in.readLong(),
          new BoundEntry(in.readDouble(), in.readDouble(), TensorInfoBytes.readText(in)),
          in.readDouble(),
          RecordBytes.readOptionalDouble(in),
          version < 5 ? "" : TensorInfoBytes.readText(in),
          TensorInfoBytes.readText(in),
          TensorInfoBytes.readText(in),
          version < 3 ? OptionalDouble.empty() : RecordBytes.readOptionalDouble(in));
    }

    private static void writeBlock(StoredBlock block, DataOutputView out) throws IOException {
      out.writeLong(block.ordinal);
      out.writeInt(block.index);
      out.writeBoolean(block.matrix.isPresent());
      if (block.matrix.isPresent()) {
        RecordBytes.writeBlock(block.matrix.get(), out);
      } else {
        TensorInfoBytes.write(block.tensor, out);
      }
      out.writeUTF(block.treatment.name());
      TensorInfoBytes.writeText(block.cluster, out);
      out.writeDouble(block.error);
      RecordBytes.writeOptional(block.weightedError, out);
      out.writeDouble(block.scale);
      TensorInfoBytes.writeText(block.stored, out);
      TensorInfoBytes.writeText(block.sha256, out);
      TensorInfoBytes.writeText(block.note, out);
      out.writeBoolean(block.sparse.isPresent());
      if (block.sparse.isPresent()) {
        StoredColumns sparse = block.sparse.get();
        out.writeInt(sparse.channels.length);
        for (int channel : sparse.channels) {
          out.writeInt(channel);
        }
        TensorInfoBytes.writeText(sparse.columns, out);
        TensorInfoBytes.writeText(sparse.bitmap, out);
      }
    }

    private static StoredBlock readBlock(int version, DataInputView in) throws IOException {
      long ordinal = in.readLong();
      int index = in.readInt();
      Optional<BlockRef> matrix =
          in.readBoolean() ? Optional.of(RecordBytes.readBlock(in)) : Optional.empty();
      TensorInfo tensor = matrix.isPresent() ? matrix.get().tensor() : TensorInfoBytes.read(in);
      return new StoredBlock(
          ordinal,
          index,
          tensor,
          matrix,
          Treatment.valueOf(in.readUTF()),
          TensorInfoBytes.readText(in),
          in.readDouble(),
          RecordBytes.readOptionalDouble(in),
          in.readDouble(),
          TensorInfoBytes.readText(in),
          TensorInfoBytes.readText(in),
          TensorInfoBytes.readText(in),
          version < 4 ? Optional.empty() : readColumns(in));
    }

    private static Optional<StoredColumns> readColumns(DataInputView in) throws IOException {
      if (!in.readBoolean()) {
        return Optional.empty();
      }
      int[] channels = new int[in.readInt()];
      for (int i = 0; i < channels.length; i++) {
        channels[i] = in.readInt();
      }
      return Optional.of(
          new StoredColumns(channels, TensorInfoBytes.readText(in), TensorInfoBytes.readText(in)));
    }
  }
}
