package io.github.colonnade.connectors.format;

import static io.github.colonnade.connectors.testing.TestFiles.safetensors;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.testing.TestFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsIndexTest {
  @TempDir Path folder;

  private void shard(String file, String tensor) {
    TestFiles.write(
        folder.resolve(file),
        safetensors(
            "{\"" + tensor + "\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2));
  }

  private List<TensorInfo> list(String index) throws IOException {
    Path file = folder.resolve("model.safetensors.index.json");
    TestFiles.write(file, index.getBytes(StandardCharsets.UTF_8));
    return TensorLister.list(List.of(file.toString())).tensors();
  }

  @Test
  void standsForTheTensorsOfItsShards() throws IOException {
    shard("sub/2.safetensors", "c");
    shard("1.safetensors", "b");
    shard("unnamed.safetensors", "d");
    List<TensorInfo> tensors =
        list(
            "{\"metadata\":{\"total_size\":4,\"more\":[{}]},"
                + "\"weight_map\":{\"c\":\"sub/2.safetensors\",\"b\":\"1.safetensors\"}}");
    assertEquals(List.of("b", "c"), tensors.stream().map(TensorInfo::name).toList());
    assertTrue(tensors.get(1).source().endsWith("/sub/2.safetensors"));
    // The directory that holds the index stands for the same.
    assertEquals(tensors, TensorLister.list(List.of(folder.toString())).tensors());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../out.safetensors",
        "a/../../out.safetensors",
        "/etc/out.safetensors",
        "file:/out.safetensors",
        "a//b",
        "a\\\\b",
        ""
      })
  void refusesShardsOutsideItsFolder(String location) {
    FormatException e =
        assertThrows(
            FormatException.class, () -> list("{\"weight_map\":{\"a\":\"" + location + "\"}}"));
    assertTrue(e.getMessage().contains("below its own folder"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'weight_map':{'a':'1.safetensors','b':'missing.safetensors'}} | missing; get it too",
        "{'weight_map':{'a':'1.safetensors','x':'1.safetensors'}} | tensor \"x\": it is not in",
        "{'weight_map':{'a':'1.safetensors','b':'same.safetensors'}} | in two shards",
        "{'weight_map':{'a':'1.safetensors','c':'1.safetensors','d':'3.safetensors'}} | \"c\"",
        "{'weight_map':{'a':1}} | no file name",
        "{'weight_map':{'a':'\\ud800'}} | half a character",
        "{'weight_map':[]} | no JSON object",
        "{'weights':{}} | no weight_map",
        "{'weight_map':{'a':'1','a':'2'}} | Duplicate field",
        "{'weight_map':{ | not valid JSON",
      })
  void refusesUnsoundIndexes(String index, String reason) {
    shard("1.safetensors", "a");
    shard("same.safetensors", "a");
    shard("3.safetensors", "d");
    FormatException e = assertThrows(FormatException.class, () -> list(index.replace('\'', '"')));
    assertTrue(e.getMessage().contains(reason), e.getMessage());
    assertTrue(e.getMessage().startsWith("model.safetensors.index.json: "), e.getMessage());
  }

  @Test
  void aDirectoryOfSeveralIndexesNeedsTheUsualName() throws IOException {
    shard("1.safetensors", "a");
    shard("2.safetensors", "b");
    for (String name : new String[] {"x", "y"}) {
      TestFiles.write(
          folder.resolve(name + ".safetensors.index.json"),
          "{\"weight_map\":{\"a\":\"1.safetensors\"}}".getBytes(StandardCharsets.UTF_8));
    }
    FormatException e =
        assertThrows(FormatException.class, () -> TensorLister.list(List.of(folder.toString())));
    assertTrue(e.getMessage().contains("several indexes"), e.getMessage());
    list("{\"weight_map\":{\"b\":\"2.safetensors\"}}");
    assertEquals("b", TensorLister.list(List.of(folder.toString())).tensors().get(0).name());
  }
}
