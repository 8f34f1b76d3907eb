package io.github.colonnade.bounds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorLimitTest {

  @Test
  void acceptsZeroToOne() {
    assertEquals(0, new ErrorLimit(0, Scope.BLOCK).value());
    assertEquals(0.999, new ErrorLimit(0.999, Scope.CLUSTER).value());
    assertEquals(1, new ErrorLimit(1, Scope.CLUSTER).value());
  }

  @ParameterizedTest
  @ValueSource(doubles = {1.5, -0.1, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesTheRest(double value) {
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> new ErrorLimit(value, Scope.BLOCK));
    assertEquals("error limit " + value + " is not in [0, 1]", refusal.getMessage());
  }
}
