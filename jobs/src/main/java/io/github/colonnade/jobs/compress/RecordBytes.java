package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorInfoBytes;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.Layout;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** The parts that the codecs of this package share. */
final class RecordBytes {

  /** What is read of an array before its length is believed. */
  private static final int FIRST_NUMBERS = 1 << 20;

  private RecordBytes() {}

  static void writeDoubles(double[] values, DataOutputView out) throws IOException {
    out.writeInt(values.length);
    for (double value : values) {
      out.writeDouble(value);
    }
  }

  static double[] readDoubles(DataInputView in) throws IOException {
    int count = length(in);
    double[] values = new double[Math.min(count, FIRST_NUMBERS)];
    for (int i = 0; i < count; i++) {
      if (i == values.length) {
        values = Arrays.copyOf(values, (int) Math.min(count, 2L * i));
      }
      values[i] = in.readDouble();
    }
    return values;
  }

  static void writeFloats(float[] values, DataOutputView out) throws IOException {
    out.writeInt(values.length);
    for (float value : values) {
      out.writeFloat(value);
    }
  }

  static float[] readFloats(DataInputView in) throws IOException {
    int count = length(in);
    float[] values = new float[Math.min(count, FIRST_NUMBERS)];
    for (int i = 0; i < count; i++) {
      if (i == values.length) {
        values = Arrays.copyOf(values, (int) Math.min(count, 2L * i));
      }
      values[i] = in.readFloat();
    }
    return values;
  }

  private static int length(DataInputView in) throws IOException {
    int length = in.readInt();
    if (length < 0) {
      throw new IOException("a record states a length of " + length);
    }
    return length;
  }

  static void writeOptional(OptionalInt value, DataOutputView out) throws IOException {
    out.writeBoolean(value.isPresent());
    if (value.isPresent()) {
      out.writeInt(value.getAsInt());
    }
  }

  static OptionalInt readOptionalInt(DataInputView in) throws IOException {
    return in.readBoolean() ? OptionalInt.of(in.readInt()) : OptionalInt.empty();
  }

  static void writeOptional(OptionalDouble value, DataOutputView out) throws IOException {
    out.writeBoolean(value.isPresent());
    if (value.isPresent()) {
      out.writeDouble(value.getAsDouble());
    }
  }

  static OptionalDouble readOptionalDouble(DataInputView in) throws IOException {
    return in.readBoolean() ? OptionalDouble.of(in.readDouble()) : OptionalDouble.empty();
  }

  static void writeBlock(BlockRef block, DataOutputView out) throws IOException {
    TensorInfoBytes.write(block.tensor(), out);
    writeGeometry(block, out);
  }

  static BlockRef readBlock(DataInputView in) throws IOException {
    return readGeometry(TensorInfoBytes.read(in), in);
  }

  private static void writeGeometry(BlockRef block, DataOutputView out) throws IOException {
    out.writeLong(block.rows());
    out.writeLong(block.columns());
    out.writeLong(block.fromColumn());
    out.writeUTF(block.layout().name());
  }

  private static BlockRef readGeometry(TensorInfo tensor, DataInputView in) throws IOException {
    return new BlockRef(
        tensor, in.readLong(), in.readLong(), in.readLong(), Layout.valueOf(in.readUTF()));
  }

  /** Writes the tensors of many blocks once each. */
  static final class TensorTable {
    private final Map<TensorInfo, Integer> numbers = new HashMap<>();

    void write(BlockRef block, DataOutputView out) throws IOException {
      Integer known = numbers.putIfAbsent(block.tensor(), numbers.size());
      out.writeInt(known == null ? numbers.size() - 1 : known);
      if (known == null) {
        TensorInfoBytes.write(block.tensor(), out);
      }
      writeGeometry(block, out);
    }
  }

  /** Reads what a {@link TensorTable} wrote. */
  static final class TensorTableReader {
    private final List<TensorInfo> tensors = new ArrayList<>();

    BlockRef read(DataInputView in) throws IOException {
      int number = in.readInt();
      if (number == tensors.size()) {
        tensors.add(TensorInfoBytes.read(in));
      }
      return readGeometry(tensors.get(number), in);
    }
  }
}
