package io.github.colonnade.connectors.matrixmarket;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.apache.flink.core.fs.Path;

/**
 * The matrix of a Matrix Market file, a text: all numbers column after column, or those that are
 * not zero with their places. It is read whole into memory, dense.
 */
public final class MatrixMarketFile {
  private static final String MAGIC = "%%matrixmarket matrix ";
  private static final int MAX_TOKEN = 1 << 10;

  /** Integers below are held exactly by a double. */
  private static final double MAX_INTEGER = 1L << 53;

  /** Largest dense matrix in bytes. */
  private static final long MAX_BYTES = 1L << 30;

  /** Most numbers of the dense matrix for each byte of the file. */
  private static final long MAX_RATIO = 256;

  private enum Symmetry {
    GENERAL,
    SYMMETRIC,
    SKEW_SYMMETRIC,
    HERMITIAN
  }

  /**
   * What the file says of its matrix.
   *
   * @param rows m
   * @param columns n
   * @param complex whether there are imaginary parts too
   */
  public record Header(long rows, long columns, boolean complex) {}

  private final String source;
  private final InputStream in;
  private final long fileBytes;
  private boolean coordinate;
  private boolean complex;
  private boolean pattern;
  private boolean integer;
  private Symmetry symmetry = Symmetry.GENERAL;
  private int rows;
  private int columns;
  private long entries;

  /** The character after the last word, which was read with it. */
  private int after = '\n';

  private MatrixMarketFile(String source, InputStream in, long fileBytes) {
    this.source = source;
    this.in = in;
    this.fileBytes = fileBytes;
  }

  /** Whether a file that begins so is of Matrix Market. */
  public static boolean hasMagic(byte[] head) {
    return new String(head, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT).startsWith(MAGIC);
  }

  /**
   * Reads the header.
   *
   * @throws FormatException if it is not sound, or the matrix is too sparse or large to be dense
   * @throws IOException if the storage fails
   */
  public static Header header(Path file) throws IOException {
    try (InputStream in = buffered(file)) {
      MatrixMarketFile matrix = new MatrixMarketFile(file.toString(), in, InputFiles.length(file));
      matrix.readHeader();
      return new Header(matrix.rows, matrix.columns, matrix.complex);
    }
  }

  /**
   * The matrix, row after row, as little-endian doubles.
   *
   * @param plane 0 for the real parts, 1 for the imaginary ones
   * @throws FormatException if the file is not sound
   * @throws IOException if the storage fails
   */
  public static InputStream open(Path file, int plane) throws IOException {
    try (InputStream in = buffered(file)) {
      MatrixMarketFile matrix = new MatrixMarketFile(file.toString(), in, InputFiles.length(file));
      matrix.readHeader();
      return new ByteArrayInputStream(matrix.readNumbers(plane));
    }
  }

  private static InputStream buffered(Path file) throws IOException {
    return new BufferedInputStream(InputFiles.open(file), 1 << 16);
  }

  private void readHeader() throws IOException {
    String[] words = line().toLowerCase(Locale.ROOT).trim().split("\\s+", -1);
    if (words.length != 5 || !hasMagic(String.join(" ", words).getBytes(StandardCharsets.UTF_8))) {
      throw corrupt("its first line is not that of a Matrix Market matrix");
    }
    coordinate = words[2].equals("coordinate");
    complex = words[3].equals("complex");
    pattern = words[3].equals("pattern");
    integer = words[3].equals("integer");
    boolean known =
        (coordinate || words[2].equals("array"))
            && (complex || (pattern && coordinate) || words[3].matches("real|integer"));
    symmetry =
        switch (words[4]) {
          case "general" -> Symmetry.GENERAL;
          case "symmetric" -> Symmetry.SYMMETRIC;
          case "skew-symmetric" -> Symmetry.SKEW_SYMMETRIC;
          case "hermitian" -> Symmetry.HERMITIAN;
          default -> throw corrupt("its symmetry is not known");
        };
    if (!known) {
      throw corrupt("its kind of matrix is not known");
    }
    String line = line();
    while (line.startsWith("%") || line.isBlank()) {
      line = line();
    }
    String[] sizes = line.trim().split("\\s+", -1);
    if (sizes.length != (coordinate ? 3 : 2)) {
      throw corrupt("it has no line of its sizes");
    }
    rows = size(sizes[0]);
    columns = size(sizes[1]);
    if (symmetry != Symmetry.GENERAL && rows != columns) {
      throw corrupt("it is said to be symmetric, but is not square");
    }
    entries = coordinate ? size(sizes[2]) : written();
    checkSize();
  }

  /** Numbers that are written of a dense matrix: of a symmetric one those of the lower triangle. */
  private long written() {
    long n = columns;
    return switch (symmetry) {
      case GENERAL -> (long) rows * columns;
      case SKEW_SYMMETRIC -> n * (n - 1) / 2;
      default -> n * (n + 1) / 2;
    };
  }

  private void checkSize() {
    // Each number has at least a digit and a space, each place two of these.
    if (entries > fileBytes / (coordinate ? 3 : 2) + 1) {
      throw corrupt("it claims " + entries + " numbers, more than its text can hold");
    }
    long elements = (long) rows * columns;
    if (elements > MAX_BYTES / Double.BYTES || elements > fileBytes * MAX_RATIO) {
      throw FormatException.of(
          source,
          "its "
              + rows
              + "×"
              + columns
              + " matrix is too large or too sparse to be read with all its zeros; give a dense"
              + " part of it");
    }
  }

  private int size(String text) {
    try {
      int size = Integer.parseInt(text);
      if (size >= 0) {
        return size;
      }
    } catch (NumberFormatException e) {
      throw corrupt("its sizes are not numbers").causedBy(e);
    }
    throw corrupt("one of its sizes is negative");
  }

  private byte[] readNumbers(int plane) throws IOException {
    // checkSize has compared it with the file.
    ByteBuffer dense =
        ByteBuffer.allocate(rows * columns * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    if (coordinate) {
      for (long i = 0; i < entries; i++) {
        startLine();
        int row = place(rows);
        int column = place(columns);
        put(dense, row, column, plane);
        endLine();
      }
    } else {
      for (int column = 0; column < columns; column++) {
        int first =
            switch (symmetry) {
              case GENERAL -> 0;
              case SKEW_SYMMETRIC -> column + 1;
              default -> column;
            };
        for (int row = first; row < rows; row++) {
          startLine();
          put(dense, row, column, plane);
          endLine();
        }
      }
    }
    startLine();
    if (after >= 0) {
      throw corrupt("it goes on after its last number");
    }
    return dense.array();
  }

  /** Reads a number and puts it in its place, and in the one across the diagonal. */
  private void put(ByteBuffer dense, int row, int column, int plane) throws IOException {
    double real = pattern ? 1 : number();
    double imaginary = complex ? number() : 0;
    double value = plane == 0 ? real : imaginary;
    add(dense, row, column, value);
    if (symmetry != Symmetry.GENERAL && row != column) {
      boolean turned =
          symmetry == Symmetry.SKEW_SYMMETRIC || (symmetry == Symmetry.HERMITIAN && plane == 1);
      add(dense, column, row, turned ? -value : value);
    }
  }

  /** What stands at one place twice is added up, as other programs do. */
  private void add(ByteBuffer dense, int row, int column, double value) {
    int at = (row * columns + column) * Double.BYTES;
    dense.putDouble(at, dense.getDouble(at) + value);
  }

  private int place(int size) throws IOException {
    String token = token();
    try {
      int place = Integer.parseInt(token);
      if (place >= 1 && place <= size) {
        return place - 1;
      }
    } catch (NumberFormatException e) {
      throw corrupt("the place of a number is \"" + FormatException.oneLine(token) + "\"")
          .causedBy(e);
    }
    throw corrupt("a number is at " + token + ", outside the matrix");
  }

  private double number() throws IOException {
    String token = token();
    try {
      return switch (token.toLowerCase(Locale.ROOT)) {
        case "nan", "+nan", "-nan" -> Double.NaN;
        case "inf", "+inf", "infinity" -> Double.POSITIVE_INFINITY;
        case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
        default -> finite(token);
      };
    } catch (NumberFormatException e) {
      throw corrupt("\"" + FormatException.oneLine(token) + "\" is no number").causedBy(e);
    }
  }

  private double finite(String token) {
    if (!token.isEmpty() && Character.isLetter(token.charAt(token.length() - 1))) {
      // The suffixes of Java's own numbers.
      throw new NumberFormatException(token);
    }
    double value = Double.parseDouble(token);
    if (integer && Math.abs(value) >= MAX_INTEGER) {
      throw FormatException.of(
          source,
          "its integer "
              + FormatException.oneLine(token)
              + " has 2^53 or more, which floats of 64 bits do not hold exactly; write it as real if"
              + " it may be rounded");
    }
    return value;
  }

  /** The next word of the line. */
  private String token() throws IOException {
    skipBlanks();
    StringBuilder token = new StringBuilder();
    while (after > ' ') {
      if (token.length() == MAX_TOKEN) {
        throw corrupt("it has a word without end");
      }
      token.append((char) after);
      after = in.read();
    }
    if (token.isEmpty()) {
      throw corrupt(
          after < 0 ? "it ends before its last number" : "a line ends before its last number");
    }
    return token.toString();
  }

  /** Goes to the first word of the next line that is no comment. */
  private void startLine() throws IOException {
    do {
      after = in.read();
      skipBlanks();
      boolean comment = after == '%';
      while (comment && after >= 0 && after != '\n') {
        after = in.read();
      }
    } while (after == '\n');
  }

  private void endLine() throws IOException {
    skipBlanks();
    if (after >= 0 && after != '\n') {
      throw corrupt("a line goes on after its number");
    }
  }

  private void skipBlanks() throws IOException {
    while (after == ' ' || after == '\t' || after == '\r') {
      after = in.read();
    }
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    int c = in.read();
    if (c < 0) {
      throw corrupt("it ends before its numbers");
    }
    while (c >= 0 && c != '\n') {
      // Comments may be long, and are not kept.
      if (line.length() < MAX_TOKEN) {
        line.append((char) c);
      } else if (line.charAt(0) != '%') {
        throw corrupt("it has a line without end");
      }
      c = in.read();
    }
    return line.toString();
  }

  private FormatException corrupt(String what) {
    return FormatException.of(source, what + "; the file is truncated or corrupt, get it again");
  }
}
