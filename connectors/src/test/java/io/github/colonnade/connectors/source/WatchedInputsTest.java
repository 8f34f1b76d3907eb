package io.github.colonnade.connectors.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.format.TensorLister;
import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.source.WatchedInputs.Listed;
import io.github.colonnade.connectors.testing.TestFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchedInputsTest {

  private static final String TENSOR =
      "{\"t\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]}}";

  @TempDir Path folder;

  private Path file(String name) {
    return TestFiles.write(folder.resolve(name), TestFiles.safetensors(TENSOR, 8));
  }

  private void index(String text) {
    TestFiles.write(
        folder.resolve("model.safetensors.index.json"), text.getBytes(StandardCharsets.UTF_8));
  }

  private static List<String> names(Listed listed) {
    return listed.files().stream()
        .map(file -> file.path().substring(file.path().lastIndexOf('/') + 1))
        .toList();
  }

  private WatchedInputs inputs(boolean once, String... more) {
    return new WatchedInputs(
        List.of(more.length == 0 ? new String[] {folder.toString()} : more), once);
  }

  private static Opened open(WatchedFile file) throws InterruptedException {
    try (FileOpener opener = new FileOpener()) {
      return opener.open(List.of(file)).get(0);
    }
  }

  private static WatchedFile only(Listed listed) {
    assertEquals(1, listed.files().size());
    return listed.files().iterator().next();
  }

  @Test
  void filesOfOverlappingInputsAreListedOnce() throws IOException {
    Path a = file("a.safetensors");
    file("deep/b.safetensors");
    file("c.pt");
    Listed listed =
        inputs(false, folder.toString(), a.toString(), folder.toUri().toString()).list();
    assertEquals(List.of("a.safetensors", "c.pt", "b.safetensors"), names(listed));
    assertTrue(listed.complete());
    assertEquals(Files.size(a), listed.files().iterator().next().sizeBytes());
  }

  @Test
  void anInputThatIsMissingOrEmptyMeansThatNothingIsKnownToBeGone() throws IOException {
    file("a/a.safetensors");
    String there = folder.resolve("a").toString();
    String missing = folder.resolve("missing").toString();
    Listed listed = inputs(false, there, missing).list();
    assertEquals(List.of("a.safetensors"), names(listed));
    assertFalse(listed.complete());
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertFalse(inputs(false, there, empty.toString()).list().complete());
    assertThrows(FormatException.class, () -> inputs(true, there, missing).list());
  }

  @Test
  void anUnfinishedOutputIsPassedOverOrRefused() throws IOException {
    file("a/a.safetensors");
    file("b/" + TensorLister.UNFINISHED + "1");
    file("b/b.safetensors");
    Listed listed = inputs(false).list();
    assertEquals(List.of("a.safetensors"), names(listed));
    assertFalse(listed.complete());
    assertThrows(FormatException.class, () -> inputs(true).list());
  }

  @Test
  void anIndexTellsWhichFilesCount() throws IOException, InterruptedException {
    file("1.safetensors");
    file("other.safetensors");
    WatchedInputs watching = inputs(false);
    assertEquals(List.of("1.safetensors", "other.safetensors"), names(watching.list()));
    index("{\"weight_map\":{\"t\":\"1.safetensors\",\"u\":\"deep/2.safetensors\"}}");
    assertEquals(List.of("1.safetensors"), names(watching.list()));

    Listed once = inputs(true).list();
    assertEquals(List.of("1.safetensors", "model.safetensors.index.json"), names(once));
    for (WatchedFile file : once.files()) {
      if (file.path().endsWith(".json")) {
        Opened.Refused refused = assertInstanceOf(Opened.Refused.class, open(file));
        assertTrue(refused.reason().contains("deep/2.safetensors is missing"), refused.reason());
      }
    }

    file("deep/2.safetensors");
    assertEquals(List.of("1.safetensors", "2.safetensors"), names(watching.list()));
    assertEquals(List.of("1.safetensors", "2.safetensors"), names(inputs(true).list()));
  }

  @Test
  void aBrokenIndexIsRefusedAndNothingBesideItTaken() throws IOException, InterruptedException {
    file("1.safetensors");
    index("{\"weight_map\":");
    WatchedInputs watching = inputs(false);
    Listed listed = watching.list();
    assertFalse(listed.complete());
    Opened.Refused refused = assertInstanceOf(Opened.Refused.class, open(only(listed)));
    assertTrue(refused.reason().contains("JSON"), refused.reason());
    index("{\"weight_map\":{\"t\":\"1.safetensors\"}}");
    assertEquals(List.of("1.safetensors"), names(watching.list()));
  }

  @Test
  void severalIndexesAreRefused() throws IOException, InterruptedException {
    file("1.safetensors");
    TestFiles.write(folder.resolve("a.safetensors.index.json"), new byte[3]);
    TestFiles.write(folder.resolve("b.safetensors.index.json"), new byte[4]);
    WatchedFile directory = only(inputs(false).list());
    assertEquals(7, directory.sizeBytes());
    Opened.Refused refused = assertInstanceOf(Opened.Refused.class, open(directory));
    assertTrue(refused.reason().contains("several indexes"), refused.reason());
  }

  @Test
  void aFileThatIsNotAsListedIsNotTaken() throws IOException, InterruptedException {
    Path path = file("1.safetensors");
    WatchedFile file = only(inputs(false).list());
    Opened.Tensors tensors = assertInstanceOf(Opened.Tensors.class, open(file));
    assertEquals(1, tensors.tensors().size());
    assertEquals(Files.size(path), tensors.bytes());
    WatchedFile longer = WatchedFile.of(file.path(), file.modifiedMillis(), file.sizeBytes() + 1);
    assertInstanceOf(Opened.Changed.class, open(longer));
    WatchedFile older = WatchedFile.of(file.path(), file.modifiedMillis() - 2000, file.sizeBytes());
    assertInstanceOf(Opened.Changed.class, open(older));
    Files.delete(path);
    assertInstanceOf(Opened.Changed.class, open(file));
  }

  @Test
  void aPickleIsRefused() throws IOException, InterruptedException {
    TestFiles.write(folder.resolve("a.pt"), new byte[] {(byte) 0x80, 2, '}', '.'});
    Opened.Refused refused =
        assertInstanceOf(Opened.Refused.class, open(only(inputs(false).list())));
    assertTrue(refused.reason().contains("pickle"), refused.reason());
  }
}
