package io.github.colonnade.connectors.format;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.flink.core.fs.Path;

/**
 * A checkpoint in several safetensors files and the index that says which tensor is in which, as in
 * {@code model.safetensors.index.json}. Stands for all tensors of the files that it names.
 */
public final class SafetensorsIndex implements TensorFormat {
  /** How the names of indexes end. */
  public static final String ENDING = ".safetensors.index.json";

  static final String USUAL_NAME = "model" + ENDING;

  @Override
  public String name() {
    return "safetensors index";
  }

  @Override
  public boolean acceptsName(String fileName) {
    return fileName.endsWith(ENDING);
  }

  @Override
  public boolean acceptsContent(byte[] head) {
    return false;
  }

  /**
   * The files that an index names, by name; some may not be there.
   *
   * @throws FormatException if the index is not sound
   * @throws IOException if the storage fails
   */
  public static List<Path> shards(Path index) throws IOException {
    return List.copyOf(shards(index, weightMap(index)).values());
  }

  /** Where shards are, by their names in an index. */
  private static SortedMap<String, Path> shards(Path index, Map<String, String> shardOf) {
    SortedMap<String, Path> shards = new TreeMap<>();
    for (String shard : shardOf.values()) {
      shards.computeIfAbsent(shard, location -> RelativeFiles.resolve(index, location));
    }
    return shards;
  }

  /** The tensors of the shards: shards by name, tensors in the order of their data. */
  @Override
  public List<TensorInfo> list(Path file) throws IOException {
    Map<String, String> shardOf = weightMap(file);
    List<TensorInfo> tensors = new ArrayList<>();
    Map<String, String> foundIn = new HashMap<>();
    for (Map.Entry<String, Path> shard : shards(file, shardOf).entrySet()) {
      for (TensorInfo tensor : header(file, shard.getKey(), shard.getValue()).tensors()) {
        String other = foundIn.putIfAbsent(tensor.name(), shard.getKey());
        if (other != null) {
          throw FormatException.of(
              file.toString(),
              tensor.name(),
              "it is in two shards, "
                  + FormatException.oneLine(other)
                  + " and "
                  + FormatException.oneLine(shard.getKey())
                  + "; remove one");
        }
        tensors.add(tensor);
      }
    }
    for (Map.Entry<String, String> entry : shardOf.entrySet()) {
      if (!entry.getValue().equals(foundIn.get(entry.getKey()))) {
        throw FormatException.of(
            file.toString(),
            entry.getKey(),
            "it is not in "
                + FormatException.oneLine(entry.getValue())
                + ", where the index says it is; get the shard and the index again");
      }
    }
    return tensors;
  }

  private static SafetensorsHeader header(Path index, String name, Path shard) throws IOException {
    boolean there;
    try {
      there = !shard.getFileSystem().getFileStatus(shard).isDir();
    } catch (FileNotFoundException e) {
      there = false;
    }
    if (!there) {
      throw FormatException.of(
          index.toString(),
          "the shard " + FormatException.oneLine(name) + " is missing; get it too");
    }
    return SafetensorsHeader.read(shard);
  }

  private static Map<String, String> weightMap(Path file) throws IOException {
    String source = file.toString();
    long bytes = InputFiles.length(file);
    if (bytes > SafetensorsHeader.MAX_HEADER_BYTES) {
      throw FormatException.of(
          source, "it has " + bytes + " bytes, too many for an index; check the file");
    }
    Map<String, String> shardOf = new TreeMap<>();
    boolean[] seen = new boolean[1];
    try (InputStream in = InputFiles.range(file, 0, bytes)) {
      StrictJson.read(
          source,
          "text",
          in,
          json -> {
            while (json.nextToken() == JsonToken.FIELD_NAME) {
              boolean wanted = json.currentName().equals("weight_map");
              json.nextToken();
              if (wanted) {
                seen[0] = true;
                readWeightMap(source, json, shardOf);
              } else {
                json.skipChildren();
              }
            }
          });
    }
    if (!seen[0]) {
      throw FormatException.of(
          source, "it has no weight_map, so it is no safetensors index; check the file");
    }
    return shardOf;
  }

  private static void readWeightMap(String source, JsonParser json, Map<String, String> shardOf)
      throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw FormatException.of(source, "its weight_map is no JSON object; get the index again");
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String tensor = json.currentName();
      if (json.nextToken() != JsonToken.VALUE_STRING) {
        throw FormatException.of(
            source, tensor, "its entry in the weight_map is no file name; get the index again");
      }
      shardOf.put(tensor, StrictJson.checked(source, json.getText()));
    }
  }
}
