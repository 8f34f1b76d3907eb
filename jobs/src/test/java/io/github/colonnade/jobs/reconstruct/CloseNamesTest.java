package io.github.colonnade.jobs.reconstruct;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class CloseNamesTest {
  private static final List<String> KNOWN =
      List.of(
          "layer.0.query.weight",
          "layer.1.query.weight",
          "layer.0.key.weight",
          "layer.10.query.weight",
          "pooler.bias",
          "a");

  @Test
  void findsTyposClosestFirst() {
    assertEquals(List.of("pooler.bias"), CloseNames.to("poler.bais", KNOWN));
    assertEquals(
        List.of("layer.1.query.weight", "layer.0.query.weight", "layer.10.query.weight"),
        CloseNames.to("layer.1.query.wieght", KNOWN));
  }

  @Test
  void findsPartsOfNamesInAnyCase() {
    assertEquals(List.of("layer.0.key.weight"), CloseNames.to("Key", KNOWN));
    assertEquals(List.of("pooler.bias"), CloseNames.to("model.encoder.pooler.bias", KNOWN));
  }

  @Test
  void findsNothingThatIsFarAway() {
    assertEquals(List.of(), CloseNames.to("zzzzzzzzzz", KNOWN));
    assertEquals(List.of(), CloseNames.to("bias of a layer", KNOWN));
  }
}
