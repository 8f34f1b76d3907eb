package io.github.colonnade.connectors.format;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.connectors.tensor.Arrangement;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.fs.Path;

/**
 * The header of a safetensors file: eight bytes of length, then that many bytes of JSON. Checked as
 * the reference implementation does: the tensors fill the rest of the file without overlap or gap.
 *
 * @param tensors in the order of their data
 * @param metadata the entries of {@code __metadata__}, in file order
 */
public record SafetensorsHeader(List<TensorInfo> tensors, Map<String, String> metadata) {
  /** Longest header that is read, as in the reference implementation. */
  public static final long MAX_HEADER_BYTES = 100_000_000;

  private static final String METADATA = "__metadata__";
  private static final String AGAIN = "; get the file again";

  /** Takes both as unmodifiable. */
  public SafetensorsHeader {
    tensors = List.copyOf(tensors);
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }

  /**
   * Reads and checks the header of a file.
   *
   * @throws FormatException if the file is not there or not a sound safetensors file
   */
  public static SafetensorsHeader read(Path file) throws IOException {
    long fileBytes = InputFiles.length(file);
    String source = file.toString();
    if (fileBytes < Long.BYTES) {
      throw FormatException.of(
          source,
          fileBytes == 0
              ? "the file is empty" + AGAIN
              : "the file has only " + fileBytes + " bytes, no safetensors header" + AGAIN);
    }
    long headerBytes = littleEndianLong(InputFiles.head(file, Long.BYTES));
    if (headerBytes < 0 || headerBytes > MAX_HEADER_BYTES) {
      throw FormatException.of(
          source,
          "it asks for a header of "
              + Long.toUnsignedString(headerBytes)
              + " bytes, more than the "
              + MAX_HEADER_BYTES
              + " allowed; this is no safetensors file");
    }
    if (headerBytes > fileBytes - Long.BYTES) {
      throw FormatException.of(
          source,
          "its header has "
              + headerBytes
              + " bytes, but the file has only "
              + fileBytes
              + "; it is truncated"
              + AGAIN);
    }
    Parser parser = new Parser(source, Long.BYTES + headerBytes, fileBytes);
    try (InputStream in = InputFiles.range(file, Long.BYTES, headerBytes)) {
      return parser.parse(in);
    }
  }

  static long littleEndianLong(byte[] bytes) {
    long value = 0;
    for (int i = 7; i >= 0; i--) {
      value = value << 8 | (bytes[i] & 0xff);
    }
    return value;
  }

  private static final class Parser {
    private final String source;
    private final long dataStart;
    private final long fileBytes;
    private final List<TensorInfo> tensors = new ArrayList<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    Parser(String source, long dataStart, long fileBytes) {
      this.source = source;
      this.dataStart = dataStart;
      this.fileBytes = fileBytes;
    }

    SafetensorsHeader parse(InputStream in) throws IOException {
      StrictJson.read(source, "header", in, this::object);
      tensors.sort(
          Comparator.comparingLong(Parser::begin)
              .thenComparingLong(Parser::end)
              .thenComparing(TensorInfo::name));
      long position = dataStart;
      for (TensorInfo tensor : tensors) {
        if (begin(tensor) < position) {
          throw error(
              tensor.name(),
              "its data begins at byte "
                  + begin(tensor)
                  + ", inside the tensor before it, which ends at byte "
                  + position
                  + "; the file is corrupt");
        }
        if (begin(tensor) > position) {
          throw error(
              tensor.name(),
              "its data begins at byte "
                  + begin(tensor)
                  + ", but the tensor before it ends at byte "
                  + position
                  + "; safetensors allows no gap, write the file anew");
        }
        position = end(tensor);
      }
      if (position != fileBytes) {
        throw FormatException.of(
            source,
            "the last tensor ends at byte "
                + position
                + ", but the file has "
                + fileBytes
                + " bytes; safetensors allows no bytes after the data, write the file anew");
      }
      return new SafetensorsHeader(tensors, metadata);
    }

    private void object(JsonParser json) throws IOException {
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String name = StrictJson.checked(source, json.currentName());
        if (json.nextToken() != JsonToken.START_OBJECT) {
          throw error(name, "its entry in the header is no JSON object; the file is corrupt");
        }
        if (name.equals(METADATA)) {
          metadata(json);
        } else {
          tensor(name, json);
        }
      }
    }

    private void metadata(JsonParser json) throws IOException {
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String key = StrictJson.checked(source, json.currentName());
        if (json.nextToken() != JsonToken.VALUE_STRING) {
          throw FormatException.of(
              source, "a value of " + METADATA + " is no text; the file is corrupt");
        }
        metadata.put(key, StrictJson.checked(source, json.getText()));
      }
    }

    private void tensor(String name, JsonParser json) throws IOException {
      String label = null;
      long[] dims = null;
      long[] offsets = null;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        JsonToken value = json.nextToken();
        switch (field) {
          case "dtype" -> {
            if (value != JsonToken.VALUE_STRING) {
              throw error(name, "its dtype is no text; the file is corrupt");
            }
            label = json.getText();
          }
          case "shape" -> dims = numbers(name, field, json);
          case "data_offsets" -> offsets = numbers(name, field, json);
          default -> json.skipChildren();
        }
      }
      if (label == null || dims == null || offsets == null) {
        throw error(
            name, "its header entry lacks dtype, shape or data_offsets; the file is corrupt");
      }
      tensors.add(checked(name, label, dims, offsets));
    }

    private TensorInfo checked(String name, String label, long[] dims, long[] offsets) {
      String shown = FormatException.oneLine(label);
      DType dtype =
          DType.ofLabel(label)
              .orElseThrow(
                  () ->
                      error(
                          name,
                          "its dtype \""
                              + shown
                              + "\" is not known; convert it to one of the safetensors types"));
      if (offsets.length != 2 || offsets[0] < 0 || offsets[1] < offsets[0]) {
        throw error(name, "its data_offsets are not [begin, end]; the file is corrupt");
      }
      if (offsets[1] > fileBytes - dataStart) {
        throw error(
            name,
            "data ends at byte "
                + offsets[1]
                + " after the header, but the file has only "
                + (fileBytes - dataStart)
                + " bytes there; the file is truncated, download it again");
      }
      long length = offsets[1] - offsets[0];
      try {
        return new TensorInfo(
            source,
            name,
            dtype,
            Shape.of(dims),
            new Payload.ByteRange(source, dataStart + offsets[0], length, Arrangement.CANONICAL));
      } catch (IllegalArgumentException e) {
        throw error(name, e.getMessage() + "; the file is corrupt").causedBy(e);
      }
    }

    private long[] numbers(String name, String field, JsonParser json) throws IOException {
      if (json.currentToken() != JsonToken.START_ARRAY) {
        throw error(name, "its " + field + " is no list; the file is corrupt");
      }
      List<Long> numbers = new ArrayList<>();
      while (json.nextToken() != JsonToken.END_ARRAY) {
        if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
          throw error(name, "its " + field + " holds no whole numbers; the file is corrupt");
        }
        if (numbers.size() == Shape.MAX_RANK) {
          throw error(
              name,
              "its " + field + " has more than " + Shape.MAX_RANK + " numbers; it is corrupt");
        }
        numbers.add(json.getLongValue());
      }
      return numbers.stream().mapToLong(Long::longValue).toArray();
    }

    private FormatException error(String tensor, String reason) {
      return FormatException.of(source, tensor, reason);
    }

    private static long begin(TensorInfo tensor) {
      return ((Payload.ByteRange) tensor.payload()).offset();
    }

    private static long end(TensorInfo tensor) {
      Payload.ByteRange range = (Payload.ByteRange) tensor.payload();
      return range.offset() + range.length();
    }
  }
}
