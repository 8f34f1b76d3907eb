package io.github.colonnade.connectors.hdf5;

import io.github.colonnade.connectors.io.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * The numeric data sets of an HDF5 file. Text is passed over; data sets of other things than
 * numbers are refused, and so are links to other files.
 */
public final class Hdf5File {
  private static final int MAX_DEPTH = 100;
  private static final int MATLAB_USER_BLOCK = 512;
  private static final String MATLAB_CLASS = "MATLAB_class";
  private static final String MATLAB_EMPTY = "MATLAB_empty";
  private static final String MATLAB_OBJECT = "MATLAB_object_decode";

  /** What MATLAB keeps the elements of cell arrays in, which are refused where they belong. */
  private static final Set<String> MATLAB_OWN = Set.of("#refs#", "#subsystem#");

  /** Bytes of elements that were never written, beyond the length of the file. */
  private static final long MAX_UNWRITTEN_BYTES = 1 << 20;

  private final Hdf5Input input;
  private final List<Hdf5Dataset> datasets = new ArrayList<>();
  private final Set<Long> seen = new HashSet<>();

  private Hdf5File(Hdf5Input input) {
    this.input = input;
  }

  /** Whether a file that begins so is HDF5; the signature may come after a user block. */
  public static boolean hasMagic(byte[] head) {
    return Hdf5Input.hasSignature(head, 0) || Hdf5Input.hasSignature(head, MATLAB_USER_BLOCK);
  }

  /**
   * The data sets, group by group.
   *
   * @throws FormatException if the file is not sound, or has a data set that is not read
   * @throws IOException if the storage fails
   */
  public static List<Hdf5Dataset> list(Path file) throws IOException {
    try (Hdf5Input input = Hdf5Input.open(file)) {
      Hdf5File found = new Hdf5File(input);
      try {
        found.visit("", input.rootHeader(), 0);
      } catch (FormatException e) {
        throw e;
      } catch (RuntimeException e) {
        throw input.unsound(e);
      }
      return found.datasets;
    }
  }

  /**
   * The elements of a data set in the order and with the bytes of the file.
   *
   * @param headerAddress of the data set
   * @param plane of a complex data set, 0 for the real and 1 for the imaginary parts; else 0
   * @throws FormatException if the file is not sound
   * @throws IOException if the storage fails
   */
  public static InputStream open(Path file, long headerAddress, int plane) throws IOException {
    Hdf5Input input = Hdf5Input.open(file);
    try {
      ObjectHeader object = ObjectHeader.read(input, headerAddress);
      DatasetHeader header = DatasetHeader.read(input, object, type(input, object));
      checkSize(input, header);
      InputStream elements = new DatasetInputStream(input, header);
      return header.type().complex()
          ? new PartInputStream(elements, header.type().bytes(), plane)
          : elements;
    } catch (FormatException | IOException e) {
      input.close();
      throw e;
    } catch (RuntimeException e) {
      input.close();
      throw input.unsound(e);
    }
  }

  private static Hdf5Type type(Hdf5Input input, ObjectHeader object) throws IOException {
    ByteBuffer message =
        object.datatype().orElseThrow(() -> input.corrupt("a data set has no type"));
    return Hdf5Type.read(message);
  }

  private void visit(String path, long address, int depth) throws IOException {
    if (!seen.add(address)) {
      return;
    }
    ObjectHeader header = ObjectHeader.read(input, address);
    if (DatasetHeader.isDataset(header)) {
      addDataset(path, address, header);
    } else if (Groups.isGroup(header)) {
      if (depth == MAX_DEPTH) {
        throw input.corrupt("its groups are nested more than " + MAX_DEPTH + " deep");
      }
      if (attribute(header, "MATLAB_sparse") != null) {
        throw unread(path, "it is sparse; save full(…) as a variable of its own");
      }
      for (Groups.Link link : new Groups(input).members(header)) {
        if (depth > 0 || !MATLAB_OWN.contains(link.name())) {
          visit(path.isEmpty() ? link.name() : path + "/" + link.name(), link.address(), depth + 1);
        }
      }
    }
  }

  private FormatException unread(String path, String reason) {
    return FormatException.of(input.source(), path, reason);
  }

  private void addDataset(String path, long address, ObjectHeader object) throws IOException {
    Hdf5Type type = type(input, object);
    ByteBuffer matlabClass = attribute(object, MATLAB_CLASS);
    boolean text = matlabClass != null && text(matlabClass).equals("char");
    if (type.kind() == Hdf5Type.Kind.TEXT || text) {
      return;
    }
    if (isSet(attribute(object, MATLAB_OBJECT))) {
      // Its numbers only say where MATLAB keeps it.
      throw unread(path, "it is an object (a string, table, date or the like); save what is in it");
    }
    if (type.kind() == Hdf5Type.Kind.OTHER) {
      throw unread(
          path,
          "its elements are no numbers (but references, lists or records); save its parts as data"
              + " sets of their own");
    }
    if (matlabClass != null && text(matlabClass).equals("logical") && type.bytes() == 1) {
      type = new Hdf5Type(Hdf5Type.Kind.BOOL, 1, false, false);
    }
    DatasetHeader header;
    try {
      header = DatasetHeader.read(input, object, type);
      checkSize(input, header);
    } catch (FormatException e) {
      throw unread(path, e.reason());
    }
    if (matlabClass != null && isSet(attribute(object, MATLAB_EMPTY))) {
      addEmpty(path, address, header);
      return;
    }
    datasets.add(
        new Hdf5Dataset(
            path,
            type,
            matlabClass == null ? header.dims() : reversed(header.dims()),
            matlabClass != null,
            address,
            plainOffset(header)));
  }

  /** MATLAB writes the dimensions of an empty array in place of its numbers. */
  private void addEmpty(String path, long address, DatasetHeader header) throws IOException {
    if (header.elements() > MAX_DEPTH || header.type().bytes() != Long.BYTES) {
      throw unread(path, "its dimensions are not sound; the file is corrupt");
    }
    long[] dims = new long[(int) header.elements()];
    // Not closed: the input is still needed.
    byte[] bytes = new DatasetInputStream(input, header).readAllBytes();
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(dims);
    if (Arrays.stream(dims).anyMatch(dim -> dim < 0)
        || Arrays.stream(dims).noneMatch(dim -> dim == 0)) {
      throw unread(path, "it is said to be empty, but its dimensions are not; the file is corrupt");
    }
    Hdf5Type type = new Hdf5Type(Hdf5Type.Kind.FLOAT, Double.BYTES, false, false);
    datasets.add(new Hdf5Dataset(path, type, dims, true, address, OptionalLong.of(0)));
  }

  private static long[] reversed(long[] dims) {
    long[] reversed = new long[dims.length];
    for (int d = 0; d < dims.length; d++) {
      reversed[d] = dims[dims.length - 1 - d];
    }
    return reversed;
  }

  private OptionalLong plainOffset(DatasetHeader header) {
    if (!header.type().complex()
        && header.layout() instanceof Layout.Contiguous contiguous
        && contiguous.address() != Hdf5Input.UNDEFINED) {
      return OptionalLong.of(input.base() + contiguous.address());
    }
    return OptionalLong.empty();
  }

  /** Checks that the file can hold what its dimensions claim. */
  private static void checkSize(Hdf5Input input, DatasetHeader header) throws IOException {
    long most = input.fileBytes() + MAX_UNWRITTEN_BYTES;
    if (header.layout() instanceof Layout.Contiguous contiguous
        && contiguous.address() != Hdf5Input.UNDEFINED) {
      input.checkRange(contiguous.address(), header.sizeBytes());
    } else if (header.layout() instanceof Layout.Compact compact
        && compact.data().remaining() < header.sizeBytes()) {
      throw input.corrupt("a data set has fewer bytes than its dimensions take");
    } else if (header.layout() instanceof Layout.Chunked chunked) {
      long ratio = header.filters().maxRatio();
      for (ChunkIndex.Chunk chunk : ChunkIndex.read(input, header, chunked).all()) {
        most += Math.min(chunk.bytes(), Long.MAX_VALUE / 4 / ratio) * ratio;
        most = Math.min(most, Long.MAX_VALUE / 4);
      }
    }
    if (header.sizeBytes() > most) {
      throw input.error(
          "a data set claims "
              + header.sizeBytes()
              + " bytes, more than was written to it; cut off what was never written");
    }
  }

  /** The value of an attribute that is kept in the object header; null if there is none. */
  private @Nullable ByteBuffer attribute(ObjectHeader header, String wanted) {
    for (ObjectHeader.Message message : header.all(ObjectHeader.ATTRIBUTE)) {
      ByteBuffer data = header.inline(message);
      int version = data.get();
      Hdf5Input.skip(data, 1);
      int nameBytes = data.getShort() & 0xffff;
      int typeBytes = data.getShort() & 0xffff;
      int spaceBytes = data.getShort() & 0xffff;
      Hdf5Input.skip(data, version == 3 ? 1 : 0);
      int at = data.position();
      String name = text(data.slice(at, nameBytes));
      if (name.equals(wanted)) {
        int unit = version == 1 ? 8 : 1;
        int start =
            at + padded(nameBytes, unit) + padded(typeBytes, unit) + padded(spaceBytes, unit);
        return data.slice(start, data.limit() - start);
      }
    }
    return null;
  }

  /** Whether there is an attribute and its value is not 0. */
  private static boolean isSet(@Nullable ByteBuffer attribute) {
    while (attribute != null && attribute.hasRemaining()) {
      if (attribute.get() != 0) {
        return true;
      }
    }
    return false;
  }

  private static int padded(int bytes, int unit) {
    return (bytes + unit - 1) / unit * unit;
  }

  /** Text up to the first zero. */
  private static String text(ByteBuffer bytes) {
    String text = StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    int end = text.indexOf(0);
    return end < 0 ? text : text.substring(0, end);
  }
}
