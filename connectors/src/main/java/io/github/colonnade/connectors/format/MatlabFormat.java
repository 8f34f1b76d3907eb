package io.github.colonnade.connectors.format;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.matlab.MatFile;
import io.github.colonnade.connectors.tensor.Arrangement;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.core.fs.Path;

/**
 * The numeric variables of a MAT-file of level 5. A complex variable is read as a real one with
 * twice as many rows, the real parts above the imaginary ones.
 */
public final class MatlabFormat implements TensorFormat {
  @Override
  public String name() {
    return "mat";
  }

  @Override
  public boolean acceptsName(String fileName) {
    return fileName.endsWith(".mat");
  }

  @Override
  public boolean acceptsContent(byte[] head) {
    return MatFile.hasMagic(head);
  }

  @Override
  public List<TensorInfo> list(Path file) throws IOException {
    List<TensorInfo> tensors = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (MatFile.Variable variable : MatFile.list(file)) {
      if (!names.add(variable.name())) {
        throw FormatException.of(
            file.toString(), variable.name(), "two variables have this name; the file is corrupt");
      }
      tensors.add(tensor(file, variable));
    }
    return tensors;
  }

  private static TensorInfo tensor(Path file, MatFile.Variable variable) {
    String source = file.toString();
    DType dtype = variable.logical() && variable.type().bytes() == 1 ? DType.BOOL : dtype(variable);
    long[] dims = variable.dims().clone();
    try {
      if (variable.complex()) {
        dims[0] = Math.multiplyExact(dims[0], 2);
      }
      Shape shape = Shape.of(dims);
      return new TensorInfo(
          source, variable.name(), dtype, shape, payload(source, variable, dtype, shape));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw FormatException.of(source, variable.name(), e.getMessage() + "; the file is corrupt")
          .causedBy(e);
    }
  }

  private static Payload payload(
      String source, MatFile.Variable variable, DType dtype, Shape shape) {
    if (variable.plain().isPresent()) {
      MatFile.Plain plain = variable.plain().get();
      return new Payload.ByteRange(
          source,
          plain.offset(),
          dtype.payloadBytes(shape.elements()),
          plain.bigEndian() ? Arrangement.COLUMN_MAJOR_BIG_ENDIAN : Arrangement.COLUMN_MAJOR);
    }
    return new Payload.Decoded(
        source,
        Payload.Container.MATLAB,
        variable.offset(),
        0,
        variable.complex() ? 2 : 1,
        Arrangement.COLUMN_MAJOR);
  }

  private static DType dtype(MatFile.Variable variable) {
    return switch (variable.type()) {
      case INT8 -> DType.I8;
      case UINT8 -> DType.U8;
      case INT16 -> DType.I16;
      case UINT16 -> DType.U16;
      case INT32 -> DType.I32;
      case UINT32 -> DType.U32;
      case SINGLE -> DType.F32;
      case DOUBLE -> DType.F64;
      case INT64 -> DType.I64;
      case UINT64 -> DType.U64;
    };
  }
}
