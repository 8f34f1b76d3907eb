package io.github.colonnade.connectors.format;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.Arrangement;
import io.github.colonnade.connectors.tensor.Payload;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/** Data that an ONNX model keeps in files beside it. */
final class OnnxExternalData {
  private record DataFile(String path, long bytes) {}

  private final Path model;
  private final Map<String, DataFile> files = new HashMap<>();

  OnnxExternalData(Path model) {
    this.model = model;
  }

  /**
   * Where a tensor's data lies.
   *
   * @param entries {@code location}, and optionally {@code offset} and {@code length}, as decimal
   *     text
   * @param sizeBytes bytes of the tensor
   */
  Payload payload(String tensor, Map<String, String> entries, long sizeBytes) throws IOException {
    String location = entries.get("location");
    if (location == null) {
      throw error(tensor, "its external data has no location; save the model again");
    }
    DataFile file = files.get(location);
    if (file == null) {
      file = find(tensor, location);
      files.put(location, file);
    }
    long offset = number(tensor, "offset", entries.get("offset")).orElse(0L);
    long length = number(tensor, "length", entries.get("length")).orElse(sizeBytes);
    if (length != sizeBytes) {
      throw error(
          tensor,
          "its shape and type take "
              + sizeBytes
              + " bytes, but its external data has "
              + length
              + "; save the model again");
    }
    if (offset > file.bytes() - length) {
      throw error(
          tensor,
          "its external data ends at byte "
              + offset
              + " + "
              + length
              + ", but the data file has only "
              + file.bytes()
              + " bytes; get the data file again");
    }
    return new Payload.ByteRange(file.path(), offset, length, Arrangement.CANONICAL);
  }

  private DataFile find(String tensor, String location) throws IOException {
    Path path = RelativeFiles.resolve(model, location);
    try {
      return new DataFile(path.toString(), path.getFileSystem().getFileStatus(path).getLen());
    } catch (FileNotFoundException e) {
      throw error(
              tensor,
              "its data file "
                  + FormatException.oneLine(location)
                  + " is missing; put it beside the model")
          .causedBy(e);
    }
  }

  private Optional<Long> number(String tensor, String key, @Nullable String text) {
    if (text == null) {
      return Optional.empty();
    }
    try {
      long value = Long.parseLong(text);
      if (value >= 0) {
        return Optional.of(value);
      }
    } catch (NumberFormatException e) {
      throw badNumber(tensor, key, text).causedBy(e);
    }
    throw badNumber(tensor, key, text);
  }

  private FormatException badNumber(String tensor, String key, String text) {
    return error(
        tensor,
        "the "
            + key
            + " of its external data is \""
            + FormatException.oneLine(text)
            + "\", no count of bytes; save the model again");
  }

  private FormatException error(String tensor, String reason) {
    return FormatException.of(model.toString(), tensor, reason);
  }
}
