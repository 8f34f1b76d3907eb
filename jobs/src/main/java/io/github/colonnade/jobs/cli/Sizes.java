package io.github.colonnade.jobs.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads sizes of memory as Java and Flink write them: 512m, 2g; a number alone is bytes. */
final class Sizes implements ITypeConverter<Long> {

  private static final Pattern FORM = Pattern.compile("(\\d{1,12})([kmgt]?)(i?b)?");
  private static final String UNITS = "kmgt";
  private static final int BITS = 10;

  @Override
  public Long convert(String word) {
    Matcher matcher = FORM.matcher(word.toLowerCase(Locale.ROOT));
    if (matcher.matches()) {
      long number = Long.parseLong(matcher.group(1));
      String unit = matcher.group(2);
      int shift = unit.isEmpty() ? 0 : BITS * (UNITS.indexOf(unit) + 1);
      if (number > 0 && number <= Long.MAX_VALUE >> shift >> BITS) {
        return number << shift;
      }
    }
    throw new TypeConversionException(
        "expected a number and one of k, m, g, t, as 512m or 2g, got " + word);
  }
}
