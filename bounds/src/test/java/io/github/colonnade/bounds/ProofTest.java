package io.github.colonnade.bounds;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProofTest {

  /** Files carry these words: a renamed constant must not change them. */
  @Test
  void labels() {
    assertEquals(
        List.of("trivial", "weyl", "projection", "residual", "incremental", "exact", "subadditive"),
        Arrays.stream(Proof.values()).map(Proof::label).toList());
  }
}
