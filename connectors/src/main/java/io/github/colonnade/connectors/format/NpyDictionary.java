package io.github.colonnade.connectors.format;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * The dictionary of an npy header. Reads what numpy writes, of which the grammar is small; it is no
 * general reader of Python literals.
 *
 * @param descr element type as numpy writes it
 * @param fortranOrder whether the data is column-major
 * @param shape dimensions, not checked
 */
record NpyDictionary(String descr, boolean fortranOrder, List<Long> shape) {
  static NpyDictionary parse(String source, String name, String text) {
    return new Parser(source, name, text).dictionary();
  }

  private static final class Parser {
    private final String source;
    private final String name;
    private final String text;
    private int position;

    Parser(String source, String name, String text) {
      this.source = source;
      this.name = name;
      this.text = text;
    }

    NpyDictionary dictionary() {
      String descr = null;
      Boolean fortranOrder = null;
      List<Long> shape = null;
      expect('{');
      while (!accept('}')) {
        String key = string();
        expect(':');
        if (key.equals("descr") && descr == null) {
          descr = descr();
        } else if (key.equals("fortran_order") && fortranOrder == null) {
          fortranOrder = bool();
        } else if (key.equals("shape") && shape == null) {
          shape = tuple();
        } else {
          throw malformed();
        }
        if (!accept(',') && peek() != '}') {
          throw malformed();
        }
      }
      if (peek() != 0 || descr == null || fortranOrder == null || shape == null) {
        throw malformed();
      }
      return new NpyDictionary(descr, fortranOrder, shape);
    }

    private String descr() {
      if (peek() == '[' || peek() == '(') {
        throw FormatException.of(
            source, name, "its elements are records; save each field as an array of its own");
      }
      return string();
    }

    private String string() {
      char quote = peek();
      if (quote != '\'' && quote != '"') {
        throw malformed();
      }
      int end = text.indexOf(quote, position + 1);
      if (end < 0 || text.substring(position, end).indexOf('\\') >= 0) {
        throw malformed();
      }
      String value = text.substring(position + 1, end);
      position = end + 1;
      return value;
    }

    private boolean bool() {
      peek();
      for (String word : List.of("True", "False")) {
        if (text.startsWith(word, position)) {
          position += word.length();
          return word.equals("True");
        }
      }
      throw malformed();
    }

    private List<Long> tuple() {
      List<Long> values = new ArrayList<>();
      expect('(');
      while (!accept(')')) {
        values.add(number());
        if (values.size() > Shape.MAX_RANK || (!accept(',') && peek() != ')')) {
          throw malformed();
        }
      }
      return values;
    }

    private long number() {
      peek();
      int start = position;
      while (position < text.length()
          && text.charAt(position) >= '0'
          && text.charAt(position) <= '9') {
        position++;
      }
      long value;
      try {
        value = Long.parseLong(text.substring(start, position));
      } catch (NumberFormatException e) {
        throw malformed().causedBy(e);
      }
      // Python 2 wrote its long integers so.
      accept('L');
      return value;
    }

    /** The next character that is no space, or 0 at the end. */
    private char peek() {
      while (position < text.length() && " \t\n\r".indexOf(text.charAt(position)) >= 0) {
        position++;
      }
      return position < text.length() ? text.charAt(position) : 0;
    }

    private boolean accept(char wanted) {
      if (peek() == wanted) {
        position++;
        return true;
      }
      return false;
    }

    private void expect(char wanted) {
      if (!accept(wanted)) {
        throw malformed();
      }
    }

    private FormatException malformed() {
      return FormatException.of(
          source,
          name,
          "its header is not what numpy writes, at character "
              + position
              + "; get the file again or save it anew");
    }
  }
}
