package io.github.colonnade.jobs.verify;

import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorInfoBytes;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.Layout;
import io.github.colonnade.jobs.flink.Codec;
import io.github.colonnade.jobs.manifest.SparseEntry;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.verify.CheckItem.ClusterPiece;
import io.github.colonnade.jobs.verify.CheckItem.Copy;
import io.github.colonnade.jobs.verify.CheckItem.Member;
import io.github.colonnade.jobs.verify.CheckItem.TensorBlocks;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.types.StringValue;

/** The bytes of a {@link CheckItem}; a tensor is written once for all its blocks. */
public final class CheckItemCodec implements Codec<CheckItem> {

  @Override
  public Class<CheckItem> type() {
    return CheckItem.class;
  }

  @Override
  public int version() {
    return 4;
  }

  @Override
  public void write(CheckItem item, DataOutputView out) throws IOException {
    out.writeLong(item.ordinal());
    out.writeInt(item.pieces().size());
    for (ClusterPiece piece : item.pieces()) {
      write(piece, out);
    }
    out.writeInt(item.copies().size());
    for (Copy copy : item.copies()) {
      StringValue.writeString(copy.id(), out);
      TensorInfoBytes.write(copy.tensor(), out);
      out.writeBoolean(copy.block().isPresent());
      if (copy.block().isPresent()) {
        write(copy.block().get(), out);
      }
      write(Optional.of(copy.data()), out);
      StringValue.writeString(copy.sha256(), out);
    }
  }

  @Override
  public CheckItem read(int version, DataInputView in) throws IOException {
    long ordinal = in.readLong();
    int pieceCount = in.readInt();
    List<ClusterPiece> pieces = new ArrayList<>();
    for (int i = 0; i < pieceCount; i++) {
      pieces.add(readPiece(version, in));
    }
    int copyCount = in.readInt();
    List<Copy> copies = new ArrayList<>();
    for (int i = 0; i < copyCount; i++) {
      copies.add(readCopy(version, in));
    }
    return new CheckItem(ordinal, pieces, copies);
  }

  private static Copy readCopy(int version, DataInputView in) throws IOException {
    String id = StringValue.readString(in);
    TensorInfo tensor = TensorInfoBytes.read(in);
    Optional<BlockRef> block = version < 3 ? range(tensor, in) : readOptionalBlock(tensor, in);
    return new Copy(id, tensor, block, readLocation(in).orElseThrow(), StringValue.readString(in));
  }

  /** A range of bytes, as versions before 3 have it. */
  private static Optional<BlockRef> range(TensorInfo tensor, DataInputView in) throws IOException {
    int unit = tensor.dtype().sizeBytes();
    long from = in.readLong() / unit;
    long size = in.readLong();
    return size == tensor.sizeBytes()
        ? Optional.empty()
        : Optional.of(new BlockRef(tensor, 1, size / unit, from, Layout.COLUMN_MAJOR));
  }

  private static Optional<BlockRef> readOptionalBlock(TensorInfo tensor, DataInputView in)
      throws IOException {
    return in.readBoolean() ? Optional.of(readBlock(tensor, in)) : Optional.empty();
  }

  private static void write(BlockRef block, DataOutputView out) throws IOException {
    out.writeLong(block.rows());
    out.writeLong(block.columns());
    out.writeLong(block.fromColumn());
    out.writeBoolean(block.layout() == Layout.ROW_MAJOR);
  }

  private static BlockRef readBlock(TensorInfo tensor, DataInputView in) throws IOException {
    return new BlockRef(
        tensor,
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readBoolean() ? Layout.ROW_MAJOR : Layout.COLUMN_MAJOR);
  }

  private static void write(ClusterPiece piece, DataOutputView out) throws IOException {
    StringValue.writeString(piece.id(), out);
    out.writeLong(piece.rows());
    out.writeInt(piece.rank());
    write(piece.basis(), out);
    write(piece.mask(), out);
    out.writeDouble(piece.error());
    write(piece.weightedError(), out);
    out.writeLong(piece.members());
    out.writeInt(piece.tensors().size());
    for (TensorBlocks tensor : piece.tensors()) {
      TensorInfoBytes.write(tensor.tensor(), out);
      out.writeInt(tensor.members().size());
      for (Member member : tensor.members()) {
        StringValue.writeString(member.id(), out);
        out.writeInt(member.number());
        write(member.block(), out);
        write(member.coefficients(), out);
        out.writeDouble(member.scale());
        out.writeDouble(member.error());
        write(member.weightedError(), out);
        StringValue.writeString(member.sha256(), out);
        writeSparse(member.sparse(), out);
      }
    }
  }

  private static ClusterPiece readPiece(int version, DataInputView in) throws IOException {
    String id = StringValue.readString(in);
    long rows = in.readLong();
    int rank = in.readInt();
    Optional<TensorLocation> basis = readLocation(in);
    Optional<TensorLocation> mask = readLocation(in);
    double error = in.readDouble();
    OptionalDouble weightedError = version < 2 ? OptionalDouble.empty() : readOptional(in);
    long members = in.readLong();
    int count = in.readInt();
    List<TensorBlocks> tensors = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      TensorInfo tensor = TensorInfoBytes.read(in);
      int blockCount = in.readInt();
      List<Member> blocks = new ArrayList<>();
      for (int j = 0; j < blockCount; j++) {
        blocks.add(readMember(version, tensor, in));
      }
      tensors.add(new TensorBlocks(tensor, blocks));
    }
    return new ClusterPiece(id, rows, rank, basis, mask, error, weightedError, members, tensors);
  }

  private static Member readMember(int version, TensorInfo tensor, DataInputView in)
      throws IOException {
    return new Member(
        StringValue.readString(in),
        in.readInt(),
        readBlock(tensor, in),
        readLocation(in),
        in.readDouble(),
        in.readDouble(),
        version < 2 ? OptionalDouble.empty() : readOptional(in),
        StringValue.readString(in),
        version < 4 ? Optional.empty() : readSparse(in));
  }

  private static void writeSparse(Optional<SparseEntry> sparse, DataOutputView out)
      throws IOException {
    out.writeBoolean(sparse.isPresent());
    if (sparse.isPresent()) {
      int[] channels = sparse.get().numbers();
      out.writeInt(channels.length);
      for (int channel : channels) {
        out.writeInt(channel);
      }
      write(Optional.of(sparse.get().columns()), out);
      write(Optional.of(sparse.get().bitmap()), out);
    }
  }

  private static Optional<SparseEntry> readSparse(DataInputView in) throws IOException {
    if (!in.readBoolean()) {
      return Optional.empty();
    }
    List<Long> channels = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      channels.add((long) in.readInt());
    }
    return Optional.of(
        new SparseEntry(channels, readLocation(in).orElseThrow(), readLocation(in).orElseThrow()));
  }

  static void write(OptionalDouble value, DataOutputView out) throws IOException {
    out.writeBoolean(value.isPresent());
    if (value.isPresent()) {
      out.writeDouble(value.getAsDouble());
    }
  }

  static OptionalDouble readOptional(DataInputView in) throws IOException {
    return in.readBoolean() ? OptionalDouble.of(in.readDouble()) : OptionalDouble.empty();
  }

  private static void write(Optional<TensorLocation> location, DataOutputView out)
      throws IOException {
    out.writeBoolean(location.isPresent());
    if (location.isPresent()) {
      StringValue.writeString(location.get().file(), out);
      StringValue.writeString(location.get().tensor(), out);
    }
  }

  private static Optional<TensorLocation> readLocation(DataInputView in) throws IOException {
    return in.readBoolean()
        ? Optional.of(new TensorLocation(StringValue.readString(in), StringValue.readString(in)))
        : Optional.empty();
  }
}
