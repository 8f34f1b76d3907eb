package io.github.colonnade.connectors.format;

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
import org.junit.jupiter.params.provider.ValueSource;

class TensorListerTest {
  @TempDir Path folder;

  private Path file(String name, String tensor) {
    return TestFiles.write(
        folder.resolve(name),
        TestFiles.safetensors(
            "{\"" + tensor + "\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}", 2));
  }

  private static List<String> names(Listing listing) {
    return listing.tensors().stream().map(TensorInfo::name).toList();
  }

  private static void refuses(String reason, String... inputs) {
    FormatException e =
        assertThrows(FormatException.class, () -> TensorLister.list(List.of(inputs)));
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  @Test
  void directoriesAreReadInSortedOrderAndHiddenFilesPassedOver() throws IOException {
    file("b.safetensors", "2");
    file("a/z.safetensors", "1");
    file("c/deep/x.safetensors", "3");
    file(".hidden.safetensors", "no");
    file(".git/a.safetensors", "no");
    TestFiles.write(folder.resolve("readme.md"), new byte[] {1});
    TestFiles.write(folder.resolve("optimizer.pt"), new byte[] {1});
    TestFiles.write(
        folder.resolve("d.npy"),
        NpyFormatTest.npy("{'descr': '|u1', 'fortran_order': False, 'shape': (3,)}", 3));
    Listing listing = TensorLister.list(List.of(folder.toString()));
    assertEquals(List.of("1", "2", "3", "d"), names(listing));
    assertEquals(4, listing.sources().size());
    assertEquals(9, listing.sizeBytes());
    assertEquals(listing, TensorLister.list(List.of(folder.toUri().toString())));
  }

  @Test
  void inputsKeepTheirOrderAndAreListedOnce() throws IOException {
    Path b = file("b.safetensors", "b");
    Path a = file("a.safetensors", "a");
    assertEquals(
        List.of("b", "a"),
        names(TensorLister.list(List.of(b.toString(), a.toString(), folder.toString()))));
  }

  @Test
  void refusesOutputsThatAreNotComplete() throws IOException {
    file("a.safetensors", "a");
    TestFiles.write(folder.resolve(TensorLister.UNFINISHED + "1"), new byte[0]);
    refuses("has not come to its end", folder.toString());
  }

  @Test
  void refusesNamesThatAreTooLong() throws IOException {
    String longest = "x".repeat(TensorLister.MAX_NAME_LENGTH);
    Path file = file("long.safetensors", longest);
    assertEquals(List.of(longest), names(TensorLister.list(List.of(file.toString()))));
    refuses(
        "its name has 10001 characters, more than 10000",
        file("longer.safetensors", longest + "x").toString());
  }

  @Test
  void contentTellsMoreThanTheName() throws IOException {
    assertEquals(
        List.of("a"), names(TensorLister.list(List.of(file("a.weights", "a").toString()))));
    assertEquals(List.of("b"), names(TensorLister.list(List.of(file("b.bin", "b").toString()))));
    // A header of 0x280 bytes begins like a pickle of protocol 2.
    String name = "x".repeat(0x280 - 56);
    Path file = file("c.safetensors", name);
    assertEquals(List.of(name), names(TensorLister.list(List.of(file.toString()))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"m.pt", "m.pth", "m.bin", "m.ckpt", "m.pkl", "M.PT"})
  void refusesPicklesByName(String name) {
    Path file = TestFiles.write(folder.resolve(name), "anything".getBytes(StandardCharsets.UTF_8));
    refuses("can run code when it is loaded", file.toString());
    refuses("convert it to safetensors", folder.toString());
  }

  @Test
  void refusesPicklesByContent() {
    byte[] pickle = {(byte) 0x80, 4, (byte) 0x95, 10, 0, 0, 0, 0, 0, 0, 0, '}'};
    for (String name : List.of("model", "model.npy", "model.safetensors")) {
      refuses("can run code", TestFiles.write(folder.resolve(name), pickle).toString());
    }
    byte[] zip =
        "PK\003\004........................archive/data.pkl".getBytes(StandardCharsets.ISO_8859_1);
    refuses("can run code", TestFiles.write(folder.resolve("z.npz"), zip).toString());
  }

  @Test
  void refusesWhatIsNotThereOrNotKnown() throws IOException {
    refuses("there is no such file", folder.resolve("none.safetensors").toString());
    refuses("the file is empty", TestFiles.write(folder.resolve("e.npz"), new byte[0]).toString());
    refuses(
        "no file of a known format", TestFiles.write(folder.resolve("t"), new byte[9]).toString());
    refuses("no file system", "nosuchscheme://host/a.safetensors");
    refuses("not a path", "");
    Path empty = folder.resolve("empty");
    TestFiles.write(empty.resolve("readme.md"), new byte[] {1});
    refuses("holds no tensors", empty.toString());
  }
}
