package io.github.colonnade.connectors.view;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {

  @ParameterizedTest
  @CsvSource({
    "*, '', true",
    "*, a.b/c, true",
    "'', '', true",
    "'', a, false",
    "a, a, true",
    "a, ab, false",
    "?, '', false",
    "?, é, true",
    "a?c, abc, true",
    "*.weight, layer.0.weight, true",
    "*.weight, layer.0.weights, false",
    "layer.*.q*.weight, layer.11.attn.q_proj.weight, true",
    "layer.*.q*.weight, layer.11.attn.k_proj.weight, false",
    "a*b*c, aXbXbXc, true",
    "a*b*c, aXcXb, false",
    "a**, a, true",
    "a.c, abc, false",
    "[ab], a, false",
    "[ab], [ab], true",
  })
  void matches(String pattern, String name, boolean expected) {
    assertEquals(expected, new Glob(pattern).matches(name));
  }

  @Test
  void hostilePatternsTakeNoLongTime() {
    // With backtracking over every star this would outlast the sun.
    assertFalse(new Glob("a*".repeat(40) + "b").matches("a".repeat(2000)));
  }
}
