package io.github.colonnade.connectors.format;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.core.fs.Path;

/**
 * Walks over the protobuf fields of a model and notes where the data of its initializers lies. Data
 * is skipped, not read.
 */
final class OnnxScanner {
  private static final int MODEL_GRAPH = 7;
  private static final int GRAPH_INITIALIZER = 5;

  private final Path file;
  private final CodedInputStream in;
  private final int fileBytes;
  private final OnnxExternalData external;
  private final List<TensorInfo> tensors = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  OnnxScanner(Path file, InputStream in, int fileBytes) {
    this.file = file;
    this.in = CodedInputStream.newInstance(in, 1 << 16);
    this.fileBytes = fileBytes;
    this.external = new OnnxExternalData(file);
  }

  List<TensorInfo> scan() throws IOException {
    boolean graph = false;
    in.pushLimit(fileBytes);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == lengthDelimited(MODEL_GRAPH)) {
        graph = true;
        graph();
      } else {
        skip(tag);
      }
    }
    if (!graph) {
      throw FormatException.of(
          file.toString(), "it holds no ONNX graph; check that it is an ONNX model");
    }
    return tensors;
  }

  private void graph() throws IOException {
    int outer = in.pushLimit(in.readRawVarint32());
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == lengthDelimited(GRAPH_INITIALIZER)) {
        TensorInfo tensor = tensor();
        if (!names.add(tensor.name())) {
          throw FormatException.of(
              file.toString(), tensor.name(), "two initializers have this name; rename one");
        }
        tensors.add(tensor);
      } else {
        skip(tag);
      }
    }
    in.popLimit(outer);
  }

  private TensorInfo tensor() throws IOException {
    int length = in.readRawVarint32();
    OnnxTensor tensor = new OnnxTensor(file.toString(), in.getTotalBytesRead(), length);
    int outer = in.pushLimit(length);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      int field = WireFormat.getTagFieldNumber(tag);
      boolean chunk = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
      switch (field) {
        case OnnxTensor.DIMS -> dims(tensor, tag);
        case OnnxTensor.DATA_TYPE -> tensor.type(number(tag));
        case OnnxTensor.NAME -> tensor.name(text(tag));
        case OnnxTensor.DATA_LOCATION -> tensor.external(number(tag) == 1);
        case OnnxTensor.EXTERNAL_DATA -> externalEntry(tensor, tag);
        case OnnxTensor.RAW_DATA,
            OnnxTensor.FLOAT_DATA,
            OnnxTensor.INT32_DATA,
            OnnxTensor.INT64_DATA,
            OnnxTensor.DOUBLE_DATA,
            OnnxTensor.UINT64_DATA -> {
          if (chunk) {
            int bytes = in.readRawVarint32();
            tensor.chunk(field, in.getTotalBytesRead(), bytes);
            in.skipRawBytes(bytes);
          } else {
            int start = in.getTotalBytesRead();
            skip(tag);
            tensor.unpacked(field, in.getTotalBytesRead() - start);
          }
        }
        default -> skip(tag);
      }
    }
    in.popLimit(outer);
    return tensor.toInfo(external);
  }

  private void dims(OnnxTensor tensor, int tag) throws IOException {
    if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
      tensor.dim(number(tag));
      return;
    }
    int outer = in.pushLimit(in.readRawVarint32());
    while (in.getBytesUntilLimit() > 0) {
      tensor.dim(in.readRawVarint64());
    }
    in.popLimit(outer);
  }

  private void externalEntry(OnnxTensor tensor, int tag) throws IOException {
    requireLengthDelimited(tag);
    int outer = in.pushLimit(in.readRawVarint32());
    String key = "";
    String value = "";
    for (int inner = in.readTag(); inner != 0; inner = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(inner)) {
        case 1 -> key = text(inner);
        case 2 -> value = text(inner);
        default -> skip(inner);
      }
    }
    in.popLimit(outer);
    tensor.externalEntry(key, value);
  }

  private long number(int tag) throws IOException {
    if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_VARINT) {
      throw new InvalidProtocolBufferException("a field has the wrong kind of value");
    }
    return in.readRawVarint64();
  }

  private String text(int tag) throws IOException {
    requireLengthDelimited(tag);
    return in.readStringRequireUtf8();
  }

  private static void requireLengthDelimited(int tag) throws InvalidProtocolBufferException {
    if (WireFormat.getTagWireType(tag) != WireFormat.WIRETYPE_LENGTH_DELIMITED) {
      throw new InvalidProtocolBufferException("a field has the wrong kind of value");
    }
  }

  private void skip(int tag) throws IOException {
    // Nothing in ONNX is a group: these would nest without end.
    if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_START_GROUP || !in.skipField(tag)) {
      throw new InvalidProtocolBufferException("it has a group");
    }
  }

  private static int lengthDelimited(int field) {
    return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  }
}
