package io.github.colonnade.jobs.reconstruct;

import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.jobs.flink.Codec;
import io.github.colonnade.jobs.manifest.Layout;
import io.github.colonnade.jobs.manifest.SparseEntry;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.jobs.reconstruct.FilePlan.Copy;
import io.github.colonnade.jobs.reconstruct.FilePlan.Piece;
import io.github.colonnade.jobs.reconstruct.FilePlan.Product;
import io.github.colonnade.jobs.reconstruct.FilePlan.Tensor;
import io.github.colonnade.jobs.reconstruct.FilePlan.Use;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.types.StringValue;

/** The bytes of a {@link FilePlan}. */
public final class FilePlanCodec implements Codec<FilePlan> {
  private static final byte COPY = 0;
  private static final byte PRODUCT = 1;

  @Override
  public Class<FilePlan> type() {
    return FilePlan.class;
  }

  @Override
  public int version() {
    return 3;
  }

  @Override
  public void write(FilePlan plan, DataOutputView out) throws IOException {
    StringValue.writeString(plan.path(), out);
    out.writeInt(plan.tensors().size());
    for (Tensor tensor : plan.tensors()) {
      StringValue.writeString(tensor.source(), out);
      StringValue.writeString(tensor.name(), out);
      out.writeUTF(tensor.dtype().name());
      long[] dims = tensor.shape().dims();
      out.writeInt(dims.length);
      for (long dim : dims) {
        out.writeLong(dim);
      }
      out.writeInt(tensor.pieces().size());
      for (Piece piece : tensor.pieces()) {
        write(piece, out);
      }
      out.writeInt(tensor.widths().size());
      for (long width : tensor.widths()) {
        out.writeLong(width);
      }
    }
  }

  @Override
  public FilePlan read(int version, DataInputView in) throws IOException {
    String path = StringValue.readString(in);
    int count = in.readInt();
    List<Tensor> tensors = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      tensors.add(readTensor(version, in));
    }
    return new FilePlan(path, tensors);
  }

  private static Tensor readTensor(int version, DataInputView in) throws IOException {
    String source = StringValue.readString(in);
    String name = StringValue.readString(in);
    DType dtype = DType.valueOf(in.readUTF());
    long[] dims = new long[in.readInt()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = in.readLong();
    }
    int count = in.readInt();
    List<Piece> pieces = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pieces.add(readPiece(version, in));
    }
    int widthCount = version < 2 ? 0 : in.readInt();
    List<Long> widths = new ArrayList<>();
    for (int i = 0; i < widthCount; i++) {
      widths.add(in.readLong());
    }
    return new Tensor(source, name, dtype, Shape.of(dims), pieces, widths);
  }

  private static void write(Piece piece, DataOutputView out) throws IOException {
    if (piece instanceof Copy copy) {
      out.writeByte(COPY);
      write(copy.data(), out);
    } else if (piece instanceof Product product) {
      out.writeByte(PRODUCT);
      out.writeLong(product.rows());
      out.writeLong(product.columns());
      out.writeInt(product.rank());
      out.writeUTF(product.layout().name());
      write(product.basis(), out);
      write(product.coefficients(), out);
      out.writeBoolean(product.use().isPresent());
      if (product.use().isPresent()) {
        Use use = product.use().get();
        write(use.mask(), out);
        out.writeLong(use.blocks());
        out.writeInt(use.number());
      }
      out.writeDouble(product.scale());
      out.writeBoolean(product.whole().isPresent());
      if (product.whole().isPresent()) {
        SparseEntry whole = product.whole().get();
        out.writeInt(whole.channels().size());
        for (long channel : whole.channels()) {
          out.writeLong(channel);
        }
        write(whole.columns(), out);
        write(whole.bitmap(), out);
      }
    }
  }

  private static Piece readPiece(int version, DataInputView in) throws IOException {
    byte kind = in.readByte();
    return switch (kind) {
      case COPY -> new Copy(readLocation(in));
      case PRODUCT ->
          new Product(
              in.readLong(),
              in.readLong(),
              in.readInt(),
              Layout.valueOf(in.readUTF()),
              readOptional(in),
              readOptional(in),
              in.readBoolean()
                  ? Optional.of(new Use(readLocation(in), in.readLong(), in.readInt()))
                  : Optional.empty(),
              in.readDouble(),
              version < 3 ? Optional.empty() : readWhole(in));
      default -> throw new IOException("unknown kind of piece " + kind);
    };
  }

  private static Optional<SparseEntry> readWhole(DataInputView in) throws IOException {
    if (!in.readBoolean()) {
      return Optional.empty();
    }
    List<Long> channels = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      channels.add(in.readLong());
    }
    return Optional.of(new SparseEntry(channels, readLocation(in), readLocation(in)));
  }

  private static void write(Optional<TensorLocation> location, DataOutputView out)
      throws IOException {
    out.writeBoolean(location.isPresent());
    if (location.isPresent()) {
      write(location.get(), out);
    }
  }

  private static Optional<TensorLocation> readOptional(DataInputView in) throws IOException {
    return in.readBoolean() ? Optional.of(readLocation(in)) : Optional.empty();
  }

  private static void write(TensorLocation location, DataOutputView out) throws IOException {
    StringValue.writeString(location.file(), out);
    StringValue.writeString(location.tensor(), out);
  }

  private static TensorLocation readLocation(DataInputView in) throws IOException {
    return new TensorLocation(StringValue.readString(in), StringValue.readString(in));
  }
}
