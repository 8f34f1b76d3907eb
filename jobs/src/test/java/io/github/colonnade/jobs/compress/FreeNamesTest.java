package io.github.colonnade.jobs.compress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FreeNamesTest {

  @Test
  void madeUpNamesPassOverLiteralOnes() {
    Set<String> taken = new HashSet<>(List.of("w#3", "w#3#2"));
    assertEquals("w", FreeNames.take(taken, "w", 0));
    assertEquals("w#3#3", FreeNames.take(taken, "w", 3));
    assertEquals("w#4", FreeNames.take(taken, "w", 4));
    assertEquals("w#4#4", FreeNames.take(taken, "w#4", 4));
    assertEquals(6, taken.size());
  }
}
