package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.tensor.TensorInfoBytes;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.jobs.flink.Codec;
import io.github.colonnade.jobs.manifest.TensorLocation;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * The contents of one output file: clusters to encode, or tensors to copy. Which cluster goes into
 * which file is decided when the family is partitioned, so the files do not depend on how many
 * subtasks write them.
 *
 * @param file the file's name in the output directory
 * @param clusters to encode, in the order in which they are written
 * @param copies to copy, in the order in which they are written
 */
public record EncodeTask(
    String file, List<ClusterTask> clusters, List<PassThrough> copies, StageTimes times) {

  /**
   * Blocks that a strategy put together.
   *
   * @param id the name of the cluster, unique in the run
   * @param squares σ² of the sketch of all members, under the weights of the scope; empty if that
   *     is not known
   * @param droppedEnergy of that sketch
   * @param rankLimit the largest rank of its basis
   * @param sharedDirections as in {@link io.github.colonnade.svd.partition.PlannedCluster}
   * @param limit the error limit of this cluster where it is not that of the run
   * @param prospect in scope collection, until the cluster has its own limit
   * @param basis that of an existing cluster, which the members join as far as it serves them
   */
  public record ClusterTask(
      String id,
      List<MemberTask> members,
      double[] squares,
      double droppedEnergy,
      int rankLimit,
      OptionalInt sharedDirections,
      OptionalDouble limit,
      Optional<Prospect> prospect,
      Optional<StoredBasis> basis) {

    /** Blocks that get a basis of their own. */
    public ClusterTask(
        String id,
        List<MemberTask> members,
        double[] squares,
        double droppedEnergy,
        int rankLimit,
        OptionalInt sharedDirections,
        OptionalDouble limit,
        Optional<Prospect> prospect) {
      this(
          id,
          members,
          squares,
          droppedEnergy,
          rankLimit,
          sharedDirections,
          limit,
          prospect,
          Optional.empty());
    }

    /** This cluster under another name. */
    public ClusterTask withId(String other) {
      return new ClusterTask(
          other,
          members,
          squares,
          droppedEnergy,
          rankLimit,
          sharedDirections,
          limit,
          prospect,
          basis);
    }

    /** A cluster of some of the members, whose sketch is not known. */
    public ClusterTask withMembers(List<MemberTask> some) {
      return new ClusterTask(
          id, some, new double[0], 0, rankLimit, sharedDirections, limit, prospect, basis);
    }

    /** Whether there is a sketch, or nothing that it could tell. */
    boolean isSketched(int rank) {
      return rank == 0 || squares.length > 0;
    }

    long sizeBytes() {
      return members.stream().mapToLong(each -> each.block().sizeBytes()).sum();
    }
  }

  /**
   * A basis that is in the output directory already.
   *
   * @param file of its tensor, relative to that directory
   * @param tensor the name of the tensor
   * @param rank how many columns it has
   */
  public record StoredBasis(String file, String tensor, int rank) implements Serializable {

    TensorLocation location() {
      return new TensorLocation(file, tensor);
    }
  }

  /**
   * A block of a cluster; see {@link SketchedBlock}.
   *
   * @param loneCost its stored numbers when it is encoded by itself, as its sketch tells
   */
  public record MemberTask(
      long ordinal,
      int index,
      BlockRef block,
      int exponent,
      OptionalInt weightExponent,
      String sha256,
      long loneCost) {

    void write(RecordBytes.TensorTable tensors, DataOutputView out) throws IOException {
      out.writeLong(ordinal);
      out.writeInt(index);
      tensors.write(block, out);
      out.writeInt(exponent);
      RecordBytes.writeOptional(weightExponent, out);
      TensorInfoBytes.writeText(sha256, out);
      out.writeLong(loneCost);
    }

    /** Reads what {@link #write} wrote. */
    static MemberTask read(RecordBytes.TensorTableReader tensors, DataInputView in)
        throws IOException {
      return new MemberTask(
          in.readLong(),
          in.readInt(),
          tensors.read(in),
          in.readInt(),
          RecordBytes.readOptionalInt(in),
          TensorInfoBytes.readText(in),
          in.readLong());
    }
  }

  /** The bytes between partition and encode. */
  public static final class EncodeTaskCodec implements Codec<EncodeTask> {

    /** Written where there is no number of shared directions. */
    private static final int NONE = -1;

    private static final PassThrough.PassThroughCodec COPIES = new PassThrough.PassThroughCodec();

    @Override
    public Class<EncodeTask> type() {
      return EncodeTask.class;
    }

    @Override
    public int version() {
      return 4;
    }

    /** Version 1 may lack the number of shared directions. */
    @Override
    public int oldestVersion() {
      return 2;
    }

    @Override
    public void write(EncodeTask record, DataOutputView out) throws IOException {
      TensorInfoBytes.writeText(record.file, out);
      out.writeInt(record.clusters.size());
      RecordBytes.TensorTable tensors = new RecordBytes.TensorTable();
      for (ClusterTask cluster : record.clusters) {
        TensorInfoBytes.writeText(cluster.id, out);
        RecordBytes.writeDoubles(cluster.squares, out);
        out.writeDouble(cluster.droppedEnergy);
        out.writeInt(cluster.rankLimit);
        out.writeInt(cluster.sharedDirections.orElse(NONE));
        RecordBytes.writeOptional(cluster.limit, out);
        out.writeBoolean(cluster.prospect.isPresent());
        if (cluster.prospect.isPresent()) {
          cluster.prospect.get().write(out);
        }
        out.writeBoolean(cluster.basis.isPresent());
        if (cluster.basis.isPresent()) {
          StoredBasis basis = cluster.basis.get();
          TensorInfoBytes.writeText(basis.file, out);
          TensorInfoBytes.writeText(basis.tensor, out);
          out.writeInt(basis.rank);
        }
        out.writeInt(cluster.members.size());
        for (MemberTask member : cluster.members) {
          member.write(tensors, out);
        }
      }
      out.writeInt(record.copies.size());
      for (PassThrough copy : record.copies) {
        COPIES.write(copy, out);
      }
      record.times.write(out);
    }

    @Override
    public EncodeTask read(int version, DataInputView in) throws IOException {
      String file = TensorInfoBytes.readText(in);
      List<ClusterTask> clusters = new ArrayList<>();
      RecordBytes.TensorTableReader tensors = new RecordBytes.TensorTableReader();
      for (int remaining = in.readInt(); remaining > 0; remaining--) {
        String id = TensorInfoBytes.readText(in);
        double[] squares = RecordBytes.readDoubles(in);
        double dropped = in.readDouble();
        int rankLimit = in.readInt();
        int shared = in.readInt();
        OptionalDouble limit =
            version < 3 ? OptionalDouble.empty() : RecordBytes.readOptionalDouble(in);
        Optional<Prospect> prospect =
            version >= 3 && in.readBoolean() ? Optional.of(Prospect.read(in)) : Optional.empty();
        Optional<StoredBasis> basis =
            version >= 4 && in.readBoolean() ? Optional.of(readBasis(in)) : Optional.empty();
        List<MemberTask> members = new ArrayList<>();
        for (int i = in.readInt(); i > 0; i--) {
          members.add(MemberTask.read(tensors, in));
        }
        clusters.add(
            new ClusterTask(
                id,
                members,
                squares,
                dropped,
                rankLimit,
                shared == NONE ? OptionalInt.empty() : OptionalInt.of(shared),
                limit,
                prospect,
                basis));
      }
      List<PassThrough> copies = new ArrayList<>();
      for (int remaining = in.readInt(); remaining > 0; remaining--) {
        copies.add(COPIES.read(COPIES.version(), in));
      }
      return new EncodeTask(file, clusters, copies, StageTimes.read(in));
    }

    private static StoredBasis readBasis(DataInputView in) throws IOException {
      return new StoredBasis(
          TensorInfoBytes.readText(in), TensorInfoBytes.readText(in), in.readInt());
    }
  }
}
