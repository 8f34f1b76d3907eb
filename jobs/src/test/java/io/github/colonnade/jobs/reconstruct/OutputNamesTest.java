package io.github.colonnade.jobs.reconstruct;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.jobs.UsageException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutputNamesTest {

  private static List<String> names(String... sources) {
    return List.copyOf(OutputNames.of(List.of(sources)).values());
  }

  @Test
  void keepsSafetensorsAndReplacesOtherEndings() {
    assertEquals(
        List.of(
            "model-00001-of-00002.safetensors",
            "a.safetensors",
            "b.c.safetensors",
            "d.safetensors",
            "plain.safetensors"),
        names(
            "file:/data/x/model-00001-of-00002.safetensors",
            "file:/data/y/a.npy",
            "s3://bucket/b.c.npz",
            "file:///d.onnx",
            "/tmp/plain"));
  }

  @Test
  void keepsFoldersWhereNamesAreTheSame() {
    assertEquals(
        List.of("unet/model.safetensors", "vae/deep/model.safetensors", "other.safetensors"),
        names(
            "file:/data/m/unet/model.safetensors",
            "file:/data/m/vae/deep/model.safetensors",
            "file:/data/m/other.npy"));
    assertEquals(
        List.of("one/m.safetensors", "two/m.safetensors"),
        names("s3://one/m.safetensors", "s3://two/m.npy"));
  }

  @Test
  void keepsEndingsWhereOnlyTheyDiffer() {
    assertEquals(
        List.of("a.npy.safetensors", "a.npz.safetensors", "a.safetensors"),
        names("file:/d/a.npy", "file:/d/a.npz", "file:/d/a.safetensors"));
  }

  @Test
  void refusesTwoSourcesForOneFile() {
    UsageException failure =
        assertThrows(
            UsageException.class,
            () -> names("file:/d/a.npy", "file:/d/a.npy.safetensors", "file:/d/a.safetensors"));
    assertTrue(
        String.valueOf(failure.getMessage())
            .endsWith("would both be written to a.npy.safetensors"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:/data/..",
        "..",
        ".",
        "file:/data/a\\..\\b.safetensors",
        "file:/data/a\nb.safetensors",
        "file:/data/a\u0000.safetensors",
        "file:/data/c:evil.safetensors",
        "file:/data/",
        "file:///",
        "/"
      })
  void refusesWhatIsNoPlainName(String source) {
    assertThrows(UsageException.class, () -> names(source));
  }

  @Test
  void refusesFoldersThatLeadOut() {
    assertThrows(
        UsageException.class, () -> names("file:/d/x/../m.safetensors", "file:/d/m.safetensors"));
  }
}
