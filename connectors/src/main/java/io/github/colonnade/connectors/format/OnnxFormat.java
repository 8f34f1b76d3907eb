package io.github.colonnade.connectors.format;

import com.google.protobuf.InvalidProtocolBufferException;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.apache.flink.core.fs.Path;

/**
 * The initializers of an ONNX model's graph, in file order. Constants inside nodes, sparse
 * initializers and those of subgraphs belong to the model's structure and are not listed.
 */
public final class OnnxFormat implements TensorFormat {
  @Override
  public String name() {
    return "onnx";
  }

  @Override
  public boolean acceptsName(String fileName) {
    return fileName.endsWith(".onnx");
  }

  @Override
  public boolean acceptsContent(byte[] head) {
    // ir_version (field 1), a small number, then another field of a model, as all writers do.
    return head.length > 2
        && head[0] == 0x08
        && head[1] >= 1
        && head[1] <= 30
        && (head[2] == 0x12 || head[2] == 0x3a || head[2] == 0x42);
  }

  @Override
  public List<TensorInfo> list(Path file) throws IOException {
    String source = file.toString();
    long fileBytes = InputFiles.length(file);
    if (fileBytes > Integer.MAX_VALUE) {
      throw FormatException.of(
          source,
          "it has "
              + fileBytes
              + " bytes, more than a protobuf message may have; save the model with external data");
    }
    try (InputStream in = InputFiles.range(file, 0, fileBytes)) {
      return new OnnxScanner(file, in, (int) fileBytes).scan();
    } catch (InvalidProtocolBufferException e) {
      throw FormatException.of(
              source, "it is not a sound ONNX model (" + e.getMessage() + "); get the file again")
          .causedBy(e);
    }
  }
}
