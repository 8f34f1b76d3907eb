package io.github.colonnade.connectors.format;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.Arrangement;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.Payload.FieldEncoding;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What has been seen of one TensorProto; its fields may come in any order. */
final class OnnxTensor {
  static final int DIMS = 1;
  static final int DATA_TYPE = 2;
  static final int FLOAT_DATA = 4;
  static final int INT32_DATA = 5;
  static final int INT64_DATA = 7;
  static final int NAME = 8;
  static final int RAW_DATA = 9;
  static final int DOUBLE_DATA = 10;
  static final int UINT64_DATA = 11;
  static final int EXTERNAL_DATA = 13;
  static final int DATA_LOCATION = 14;

  private static final int LONGEST_VARINT = 10;

  /** How a type is kept when it is not in raw_data. */
  private record Kind(DType dtype, int field, FieldEncoding encoding) {}

  private final String source;
  private final int offset;
  private final int length;
  private final List<Long> dims = new ArrayList<>();
  private String name = "";
  private long type;
  private boolean external;
  private final Map<String, String> externalEntries = new HashMap<>();

  /** The field that has data; 0 if none has yet. */
  private int field;

  private int pieces;
  private int packedOffset;
  private long dataBytes;
  private boolean packed = true;

  OnnxTensor(String source, int offset, int length) {
    this.source = source;
    this.offset = offset;
    this.length = length;
  }

  void name(String value) {
    name = value;
  }

  void type(long value) {
    type = value;
  }

  void external(boolean value) {
    external = value;
  }

  void externalEntry(String key, String value) {
    externalEntries.put(key, value);
  }

  void dim(long value) {
    if (dims.size() == Shape.MAX_RANK) {
      throw error("it has more than " + Shape.MAX_RANK + " dimensions; the file is corrupt");
    }
    dims.add(value);
  }

  /** Notes a piece of packed or raw data. */
  void chunk(int inField, int start, int bytes) {
    note(inField, bytes);
    if (bytes > 0) {
      packedOffset = start;
    }
  }

  /** Notes a single number. */
  void unpacked(int inField, int bytes) {
    note(inField, bytes);
    packed = false;
  }

  private void note(int inField, int bytes) {
    // An empty piece says nothing.
    if (bytes == 0) {
      return;
    }
    if (field != 0 && field != inField) {
      throw error("it has data of two kinds; the file is corrupt");
    }
    field = inField;
    pieces++;
    dataBytes += bytes;
  }

  TensorInfo toInfo(OnnxExternalData externalData) throws IOException {
    if (name.isEmpty()) {
      throw FormatException.of(source, "an initializer has no name; save the model again");
    }
    Kind kind = kind();
    try {
      Shape shape = Shape.of(dims);
      long sizeBytes = kind.dtype().payloadBytes(shape.elements());
      Payload payload =
          external
              ? externalData.payload(name, externalEntries, sizeBytes)
              : payload(kind, shape.elements(), sizeBytes);
      return new TensorInfo(source, name, kind.dtype(), shape, payload);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw error(e.getMessage() + "; the file is corrupt").causedBy(e);
    }
  }

  private Payload payload(Kind kind, long elements, long sizeBytes) {
    if (field == 0 || elements == 0) {
      if (sizeBytes != 0 || field != 0) {
        throw wrongSize(sizeBytes);
      }
      return new Payload.ByteRange(source, offset, 0, Arrangement.CANONICAL);
    }
    if (field != RAW_DATA && field != kind.field()) {
      throw error("its data is not in the field of its type; the file is corrupt");
    }
    boolean varint = field != RAW_DATA && kind.encoding() == FieldEncoding.VARINT;
    if (varint) {
      if (dataBytes < elements || dataBytes / LONGEST_VARINT > elements) {
        throw wrongSize(sizeBytes);
      }
    } else if (dataBytes != sizeBytes) {
      throw wrongSize(sizeBytes);
    }
    if (!varint && packed && pieces == 1) {
      return new Payload.ByteRange(source, packedOffset, sizeBytes, Arrangement.CANONICAL);
    }
    if (field == RAW_DATA) {
      throw error("its raw data is in several pieces; the file is corrupt");
    }
    return new Payload.ProtobufField(source, offset, length, field, kind.encoding());
  }

  private Kind kind() {
    return switch ((int) Math.max(-1, Math.min(type, Integer.MAX_VALUE))) {
      case 1 -> new Kind(DType.F32, FLOAT_DATA, FieldEncoding.FIXED32);
      case 2 -> varint32(DType.U8);
      case 3 -> varint32(DType.I8);
      case 4 -> varint32(DType.U16);
      case 5 -> varint32(DType.I16);
      case 6 -> varint32(DType.I32);
      case 7 -> new Kind(DType.I64, INT64_DATA, FieldEncoding.VARINT);
      case 9 -> varint32(DType.BOOL);
      case 10 -> varint32(DType.F16);
      case 11 -> new Kind(DType.F64, DOUBLE_DATA, FieldEncoding.FIXED64);
      case 12 -> new Kind(DType.U32, UINT64_DATA, FieldEncoding.VARINT);
      case 13 -> new Kind(DType.U64, UINT64_DATA, FieldEncoding.VARINT);
      case 14 -> new Kind(DType.C64, FLOAT_DATA, FieldEncoding.FIXED32);
      case 16 -> varint32(DType.BF16);
      case 17 -> varint32(DType.F8_E4M3);
      case 18 -> varint32(DType.F8_E4M3FNUZ);
      case 19 -> varint32(DType.F8_E5M2);
      case 20 -> varint32(DType.F8_E5M2FNUZ);
      case 24 -> varint32(DType.F8_E8M0);
      default ->
          throw error(
              "its ONNX type "
                  + type
                  + " has no counterpart in safetensors; convert or remove the initializer");
    };
  }

  private static Kind varint32(DType dtype) {
    return new Kind(dtype, INT32_DATA, FieldEncoding.VARINT);
  }

  private FormatException wrongSize(long sizeBytes) {
    return error(
        "its shape and type take "
            + sizeBytes
            + " bytes, which its data of "
            + dataBytes
            + " bytes does not hold; the file is truncated or corrupt, get it again");
  }

  private FormatException error(String reason) {
    return FormatException.of(source, name, reason);
  }
}
