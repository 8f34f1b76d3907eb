package io.github.colonnade.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class SizesTest {

  @Test
  void unitsAreThoseOfJavaAndFlink() {
    assertEquals(17, new Sizes().convert("17"));
    assertEquals(3 << 10, new Sizes().convert("3k"));
    assertEquals(512 << 20, new Sizes().convert("512m"));
    assertEquals(2L << 30, new Sizes().convert("2G"));
    assertEquals(2L << 30, new Sizes().convert("2GiB"));
    assertEquals(1L << 40, new Sizes().convert("1tb"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "0m", "-1", "1.5g", "2x", "g", "999999999999t", "2 g"})
  void anythingElseIsRefused(String word) {
    assertThrows(TypeConversionException.class, () -> new Sizes().convert(word));
  }
}
