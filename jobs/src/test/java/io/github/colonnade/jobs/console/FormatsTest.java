package io.github.colonnade.jobs.console;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FormatsTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "1024, 1.0 KiB",
    "1048524, 1023.9 KiB",
    "1048570, 1.0 MiB",
    "90984153, 86.8 MiB",
    "9223372036854775807, 8.0 EiB"
  })
  void bytes(long value, String shown) {
    assertEquals(shown, Formats.bytes(value));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0.05, 0.05000",
    "0.0999999, 0.1000",
    "0.12345678, 0.1235",
    "0.00000031415926, 3.142e-07",
    "1, 1.000"
  })
  void error(double value, String shown) {
    assertEquals(shown, Formats.error(value));
  }

  @ParameterizedTest
  @CsvSource({
    "0.04, 0.0 s",
    "59.94, 59.9 s",
    "59.96, 1:00",
    "125, 2:05",
    "3599.6, 1:00:00",
    "3725, 1:02:05"
  })
  void duration(double seconds, String shown) {
    assertEquals(shown, Formats.duration(seconds));
  }

  @Test
  void theLocaleDoesNotMatter() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertEquals("1,234,567", Formats.count(1_234_567));
      assertEquals("3.42×", Formats.ratio(3.417));
      assertEquals("1.5 KiB", Formats.bytes(1536));
      assertEquals("0.2500", Formats.error(0.25));
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void foreignTextCannotSteerTheTerminal() {
    assertEquals("a?[31mb??c", Formats.printable("a\u001b[31mb\n\u202ec"));
    assertEquals("重み 🙂 é", Formats.printable("重み 🙂 é"));
  }
}
