package io.github.colonnade.connectors.matlab;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * The numeric variables of a MAT-file of level 5. Text and functions are passed over; variables
 * that hold others, or are sparse, are refused.
 */
public final class MatFile {
  /** Bytes before the first variable. */
  public static final int HEADER_BYTES = 128;

  private static final int VERSION_AT = 124;
  private static final int MAX_DIMS = 64;
  private static final int MAX_NAME_BYTES = 1 << 12;

  /** Objects of MATLAB's newer kinds, which have no dimensions. */
  private static final int OPAQUE = 17;

  private static final int COMPLEX = 0x800;
  private static final int LOGICAL = 0x200;

  private MatFile() {}

  /**
   * A variable, without its numbers.
   *
   * @param name its name
   * @param type type of its numbers
   * @param logical whether they are truth values
   * @param complex whether there are imaginary parts too
   * @param dims dimensions; numbers lie column-major, the first index moves fastest
   * @param offset first byte of the variable's data element in the file
   * @param plain where the numbers lie, if they do so as they are
   */
  public record Variable(
      String name,
      MatType type,
      boolean logical,
      boolean complex,
      long[] dims,
      long offset,
      Optional<Plain> plain) {}

  /**
   * Numbers that lie in the file as they are.
   *
   * @param offset their first byte
   * @param bigEndian whether their bytes are reversed
   */
  public record Plain(long offset, boolean bigEndian) {}

  /** A variable up to its numbers, and the input that goes on with these. */
  private record Opened(
      String name, int arrayClass, int flags, long[] dims, long elements, MatInput in) {}

  /** Whether a file that begins so is a MAT-file of level 5. */
  public static boolean hasMagic(byte[] head) {
    return head.length >= HEADER_BYTES && order(head) != null;
  }

  private static @Nullable ByteOrder order(byte[] head) {
    int version = VERSION_AT;
    if (head[version + 2] == 'I' && head[version + 3] == 'M' && head[version + 1] == 1) {
      return ByteOrder.LITTLE_ENDIAN;
    }
    if (head[version + 2] == 'M' && head[version + 3] == 'I' && head[version] == 1) {
      return ByteOrder.BIG_ENDIAN;
    }
    return null;
  }

  /**
   * The variables in the order of the file.
   *
   * @throws FormatException if the file is not sound, or a variable is of a kind that is not read
   * @throws IOException if the storage fails
   */
  public static List<Variable> list(Path file) throws IOException {
    long fileBytes = InputFiles.length(file);
    ByteOrder order = fileOrder(file);
    List<Variable> variables = new ArrayList<>();
    long position = HEADER_BYTES;
    while (position < fileBytes) {
      try (MatElement element = MatElement.open(file, order, position, fileBytes)) {
        variable(file, order, element, position).ifPresent(variables::add);
        position = element.end();
      }
    }
    return variables;
  }

  /**
   * The numbers of a variable in the order of the file, little-endian, of the variable's type.
   *
   * @param offset of the variable
   * @param plane 0 for the real parts, 1 for the imaginary ones
   * @throws FormatException if the file is not sound
   * @throws IOException if the storage fails
   */
  public static InputStream open(Path file, long offset, int plane) throws IOException {
    long fileBytes = InputFiles.length(file);
    ByteOrder order = fileOrder(file);
    MatElement element = MatElement.open(file, order, offset, fileBytes);
    try {
      Opened opened = opened(element.matrix());
      MatType type = MatType.ofClass(opened.arrayClass());
      if (type == null) {
        throw element.matrix().corrupt("a variable has changed");
      }
      MatInput.Tag tag = opened.in().tag();
      if (plane == 1) {
        opened.in().skip(tag);
        tag = opened.in().tag();
      }
      MatType stored = stored(file, opened, type, tag);
      return new MatNumbers(element, tag, type, stored, order);
    } catch (IOException | RuntimeException e) {
      element.close();
      throw e;
    }
  }

  private static ByteOrder fileOrder(Path file) throws IOException {
    byte[] head = InputFiles.head(file, HEADER_BYTES);
    ByteOrder order = head.length < HEADER_BYTES ? null : order(head);
    if (order == null) {
      throw FormatException.of(
          file.toString(),
          "it is no MAT-file of version 5 to 7.3; save it again, as in save('file.mat', '-v7')");
    }
    return order;
  }

  private static Optional<Variable> variable(
      Path file, ByteOrder order, MatElement element, long position) throws IOException {
    Opened opened = opened(element.matrix());
    boolean skipped =
        switch (opened.arrayClass()) {
          // Text, functions, and what MATLAB keeps for itself.
          case 4, 16 -> true;
          case 9 -> opened.name().isEmpty();
          case 1 -> throw unread(file, opened, "a cell array; save its cells");
          case 2 -> throw unread(file, opened, "a struct; save its fields");
          case 3 -> throw unread(file, opened, "an object; save its fields");
          case OPAQUE ->
              throw unread(
                  file, opened, "an object (a string, table, date or the like); save its parts");
          case 5 -> throw unread(file, opened, "sparse; save full(…)");
          default -> false;
        };
    if (skipped) {
      return Optional.empty();
    }
    MatType type = MatType.ofClass(opened.arrayClass());
    if (type == null) {
      throw opened.in().corrupt("it has a variable of the unknown class " + opened.arrayClass());
    }
    boolean complex = (opened.flags() & COMPLEX) != 0;
    MatInput.Tag tag = opened.in().tag();
    MatType stored = stored(file, opened, type, tag);
    Optional<Plain> plain = Optional.empty();
    if (complex) {
      // That the imaginary parts are there is found when they are read, if all is compressed.
      if (!element.isCompressed()) {
        opened.in().skip(tag);
        stored(file, opened, type, opened.in().tag());
      }
    } else if (!element.isCompressed() && stored == type && !tag.small()) {
      long offset = element.end() - opened.in().left();
      plain = Optional.of(new Plain(offset, order == ByteOrder.BIG_ENDIAN));
    }
    return Optional.of(
        new Variable(
            opened.name(),
            type,
            (opened.flags() & LOGICAL) != 0,
            complex,
            opened.dims(),
            position,
            plain));
  }

  /** Reads a variable up to its numbers. */
  private static Opened opened(MatInput in) throws IOException {
    byte[] flagBytes = in.data(in.tag(), 2 * Integer.BYTES);
    if (flagBytes.length < Integer.BYTES) {
      throw in.corrupt("a variable has no flags");
    }
    int flags = in.number(flagBytes, 0);
    if ((flags & 0xff) == OPAQUE) {
      return new Opened(name(in), OPAQUE, flags, new long[0], 0, in);
    }
    byte[] dimBytes = in.data(in.tag(), MAX_DIMS * Integer.BYTES);
    int rank = dimBytes.length / Integer.BYTES;
    if (rank < 2 || dimBytes.length % Integer.BYTES != 0) {
      throw in.corrupt("a variable has " + dimBytes.length + " bytes of dimensions");
    }
    long[] dims = new long[rank];
    long elements = 1;
    for (int d = 0; d < rank; d++) {
      dims[d] = in.number(dimBytes, d * Integer.BYTES);
      if (dims[d] < 0) {
        throw in.corrupt("a variable has a negative dimension");
      }
      try {
        elements = Math.multiplyExact(elements, dims[d]);
      } catch (ArithmeticException e) {
        throw in.corrupt("a variable has more numbers than can be counted").causedBy(e);
      }
    }
    return new Opened(name(in), flags & 0xff, flags, dims, elements, in);
  }

  private static String name(MatInput in) throws IOException {
    return new String(in.data(in.tag(), MAX_NAME_BYTES), StandardCharsets.UTF_8);
  }

  /** The type of stored numbers, after checking that they are as many as the dimensions say. */
  private static MatType stored(Path file, Opened opened, MatType type, MatInput.Tag tag) {
    MatType stored = MatType.ofCode(tag.type());
    if (stored == null || !type.maySaveAs(stored)) {
      throw FormatException.of(
          file.toString(),
          opened.name(),
          "its numbers of class " + type + " are stored in a way that is not known; save it again");
    }
    if (tag.bytes() / stored.bytes() != opened.elements() || tag.bytes() % stored.bytes() != 0) {
      throw FormatException.of(
          file.toString(),
          opened.name(),
          "it has "
              + tag.bytes()
              + " bytes of numbers, not what its dimensions take; the file is corrupt");
    }
    return stored;
  }

  private static FormatException unread(Path file, Opened opened, String what) {
    return FormatException.of(
        file.toString(), opened.name(), "the variable is " + what + " as variables of their own");
  }
}
