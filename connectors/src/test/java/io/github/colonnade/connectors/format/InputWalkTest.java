package io.github.colonnade.connectors.format;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.connectors.testing.TestFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputWalkTest {
  @TempDir Path folder;

  private List<String> walk() throws IOException {
    return InputWalk.of(InputFiles.status(TestFiles.flink(folder))).stream()
        .map(entry -> entry.kind() + " " + entry.path().getName() + " " + entry.sizeBytes())
        .toList();
  }

  private void file(String name) {
    TestFiles.write(folder.resolve(name), new byte[3]);
  }

  @Test
  void everyKindOfEntryIsFoundInOrder() throws IOException {
    file("b.npy");
    file("a/x.pt");
    file("a/.y.npy");
    file("a/readme.md");
    file("c/1.safetensors.index.json");
    file("c/2.safetensors.index.json");
    file("c/3.safetensors");
    file("d/model.safetensors.index.json");
    file("d/deep/4.safetensors");
    file("e/" + TensorLister.UNFINISHED + "1");
    file("e/5.safetensors");
    assertEquals(
        List.of(
            "PICKLE x.pt 3",
            "FILE b.npy 3",
            "SEVERAL_INDEXES c 6",
            "INDEX model.safetensors.index.json 3",
            "UNFINISHED e 0"),
        walk());
  }
}
