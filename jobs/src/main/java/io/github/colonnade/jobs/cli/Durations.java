package io.github.colonnade.jobs.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads durations as people write them: 500ms, 10s, 5m, 2h, 1d. */
final class Durations implements ITypeConverter<Duration> {

  private static final Pattern FORM = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
  private static final Map<String, Long> MILLIS =
      Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);

  @Override
  public Duration convert(String word) {
    Matcher matcher = FORM.matcher(word.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new TypeConversionException(
          "expected a number and one of ms, s, m, h, d, as 10s, got " + word);
    }
    long unit = MILLIS.getOrDefault(matcher.group(2), 0L);
    return Duration.ofMillis(Long.parseLong(matcher.group(1)) * unit);
  }
}
