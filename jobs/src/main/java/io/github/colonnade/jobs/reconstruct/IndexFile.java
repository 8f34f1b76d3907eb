package io.github.colonnade.jobs.reconstruct;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * The index of a checkpoint in several files, as {@code model.safetensors.index.json}.
 *
 * @param path where, below the output directory
 * @param fileOf the file of each tensor, relative to the index
 * @param totalBytes of all tensors
 */
record IndexFile(String path, Map<String, String> fileOf, long totalBytes) {
  private static final String ENDING = ".safetensors.index.json";

  /** The names that shards have by custom. */
  private static final Pattern SHARD = Pattern.compile("(.+)-\\d{5,}-of-\\d{5,}\\.safetensors");

  private static final JsonFactory JSON = new JsonFactory();

  IndexFile {
    fileOf = new TreeMap<>(fileOf);
  }

  /**
   * The indexes that belong to the files: one for the shards of each checkpoint, told by their
   * names, and, for a run whose only input was an index, one for all.
   *
   * @param inputs of the run
   */
  static List<IndexFile> of(List<FilePlan> files, List<String> inputs) {
    Map<String, List<FilePlan>> byIndex = new TreeMap<>();
    String only = inputs.size() == 1 ? inputs.get(0) : "";
    for (FilePlan file : files) {
      Matcher shard = SHARD.matcher(file.path());
      if (only.endsWith(ENDING)) {
        String index = only.substring(only.lastIndexOf('/') + 1);
        OutputNames.check(only, index);
        byIndex.computeIfAbsent(index, name -> new ArrayList<>()).add(file);
      } else if (shard.matches()) {
        byIndex.computeIfAbsent(shard.group(1) + ENDING, name -> new ArrayList<>()).add(file);
      }
    }
    List<IndexFile> indexes = new ArrayList<>();
    byIndex.forEach((path, shards) -> indexes.add(of(path, shards)));
    return indexes;
  }

  private static IndexFile of(String path, List<FilePlan> shards) {
    String folder = path.substring(0, path.lastIndexOf('/') + 1);
    Map<String, String> fileOf = new TreeMap<>();
    long bytes = 0;
    for (FilePlan shard : shards) {
      for (FilePlan.Tensor tensor : shard.tensors()) {
        fileOf.put(tensor.name(), shard.path().substring(folder.length()));
      }
      bytes += shard.sizeBytes();
    }
    return new IndexFile(path, fileOf, bytes);
  }

  void write(Path directory) throws IOException {
    Path file = new Path(directory, path);
    try (JsonGenerator json =
        JSON.createGenerator(
            file.getFileSystem().create(file, FileSystem.WriteMode.OVERWRITE), JsonEncoding.UTF8)) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeObjectFieldStart("metadata");
      json.writeNumberField("total_size", totalBytes);
      json.writeEndObject();
      json.writeObjectFieldStart("weight_map");
      for (Map.Entry<String, String> entry : fileOf.entrySet()) {
        json.writeStringField(entry.getKey(), entry.getValue());
      }
      json.writeEndObject();
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }
}
