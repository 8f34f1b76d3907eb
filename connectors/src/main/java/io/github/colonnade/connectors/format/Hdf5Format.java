package io.github.colonnade.connectors.format;

import io.github.colonnade.connectors.hdf5.Hdf5Dataset;
import io.github.colonnade.connectors.hdf5.Hdf5File;
import io.github.colonnade.connectors.hdf5.Hdf5Type;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.Arrangement;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.flink.core.fs.Path;

/**
 * The numeric data sets of an HDF5 file, of which MAT-files of version 7.3 and netCDF-4 files are
 * two kinds. A complex data set is read as a real one with twice as many rows, the real parts above
 * the imaginary ones.
 */
public final class Hdf5Format implements TensorFormat {
  private static final Set<String> ENDINGS = Set.of("h5", "hdf5", "hdf", "he5", "nc", "nc4");

  @Override
  public String name() {
    return "hdf5";
  }

  @Override
  public boolean acceptsName(String fileName) {
    return ENDINGS.contains(fileName.substring(fileName.lastIndexOf('.') + 1));
  }

  @Override
  public boolean acceptsContent(byte[] head) {
    return Hdf5File.hasMagic(head);
  }

  @Override
  public List<TensorInfo> list(Path file) throws IOException {
    List<TensorInfo> tensors = new ArrayList<>();
    for (Hdf5Dataset dataset : Hdf5File.list(file)) {
      tensors.add(tensor(file.toString(), dataset));
    }
    return tensors;
  }

  private static TensorInfo tensor(String source, Hdf5Dataset dataset) {
    try {
      DType dtype = dtype(dataset.type());
      Shape shape = shape(dataset);
      return new TensorInfo(
          source, dataset.name(), dtype, shape, payload(source, dataset, dtype, shape));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw FormatException.of(source, dataset.name(), e.getMessage() + "; the file is corrupt")
          .causedBy(e);
    }
  }

  private static Shape shape(Hdf5Dataset dataset) {
    long[] dims = dataset.dims();
    if (dataset.type().complex()) {
      if (dims.length == 0) {
        return Shape.of(2);
      }
      dims[0] = Math.multiplyExact(dims[0], 2);
    }
    return Shape.of(dims);
  }

  private static Payload payload(String source, Hdf5Dataset dataset, DType dtype, Shape shape) {
    Arrangement arrangement =
        dataset.columnMajor()
            ? dataset.type().bigEndian()
                ? Arrangement.COLUMN_MAJOR_BIG_ENDIAN
                : Arrangement.COLUMN_MAJOR
            : dataset.type().bigEndian() ? Arrangement.BIG_ENDIAN : Arrangement.CANONICAL;
    if (dataset.plainOffset().isPresent()) {
      return new Payload.ByteRange(
          source,
          dataset.plainOffset().getAsLong(),
          dtype.payloadBytes(shape.elements()),
          arrangement);
    }
    return new Payload.Decoded(
        source,
        Payload.Container.HDF5,
        dataset.headerAddress(),
        0,
        dataset.type().complex() ? 2 : 1,
        arrangement);
  }

  private static DType dtype(Hdf5Type type) {
    return switch (type.kind()) {
      case FLOAT -> type.bytes() == 8 ? DType.F64 : type.bytes() == 4 ? DType.F32 : DType.F16;
      case BFLOAT -> DType.BF16;
      case BOOL -> DType.BOOL;
      case SIGNED ->
          switch (type.bytes()) {
            case 1 -> DType.I8;
            case 2 -> DType.I16;
            case 4 -> DType.I32;
            default -> DType.I64;
          };
      case UNSIGNED ->
          switch (type.bytes()) {
            case 1 -> DType.U8;
            case 2 -> DType.U16;
            case 4 -> DType.U32;
            default -> DType.U64;
          };
      case TEXT, OTHER -> throw new IllegalArgumentException("its elements are no numbers");
    };
  }
}
