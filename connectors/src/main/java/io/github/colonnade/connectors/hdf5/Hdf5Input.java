package io.github.colonnade.connectors.hdf5;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.Path;

/** The structures of an HDF5 file by their addresses, and the sizes that the superblock states. */
final class Hdf5Input implements Closeable {
  /** The address of what is not there. */
  static final long UNDEFINED = -1;

  private static final byte[] SIGNATURE = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
  private static final int SUPERBLOCK_BYTES = 96;
  private static final int BUFFER_BYTES = 1 << 12;
  private static final int MAX_PIECE_BYTES = 1 << 26;
  private static final long SPARE_BUDGET_BYTES = 1 << 16;

  private final String source;
  private final FSDataInputStream in;
  private final long fileBytes;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private long bufferStart;
  private int bufferLength;
  private long budget;

  private long base;
  private int offsetBytes;
  private int lengthBytes;
  private long rootHeader;

  private Hdf5Input(Path file, long fileBytes) throws IOException {
    this.source = file.toString();
    this.fileBytes = fileBytes;
    this.budget = 4 * fileBytes + SPARE_BUDGET_BYTES;
    this.in = InputFiles.open(file);
  }

  static Hdf5Input open(Path file) throws IOException {
    Hdf5Input input = new Hdf5Input(file, InputFiles.length(file));
    try {
      input.readSuperblock();
      return input;
    } catch (FormatException | IOException e) {
      input.close();
      throw e;
    } catch (RuntimeException e) {
      input.close();
      throw input.unsound(e);
    }
  }

  /** Whether there is the signature at a place of some bytes. */
  static boolean hasSignature(byte[] bytes, int at) {
    if (bytes.length < at + SIGNATURE.length) {
      return false;
    }
    for (int i = 0; i < SIGNATURE.length; i++) {
      if (bytes[at + i] != SIGNATURE[i]) {
        return false;
      }
    }
    return true;
  }

  private void readSuperblock() throws IOException {
    long at = 0;
    while (at < fileBytes
        && !hasSignature(read(at, Math.min(SIGNATURE.length, fileBytes - at)), 0)) {
      at = at == 0 ? 512 : at * 2;
    }
    if (at >= fileBytes) {
      throw error("it does not begin as an HDF5 file does; get the file again");
    }
    ByteBuffer block = buffer(read(at, Math.min(SUPERBLOCK_BYTES, fileBytes - at)));
    int version = block.position(SIGNATURE.length).get();
    if (version < 0 || version > 3) {
      throw error("its superblock has the unknown version " + version + "; save it with HDF5 1.14");
    }
    // Not read: versions of parts, tree parameters, flags, the base address, and the end of the
    // file.
    if (version < 2) {
      block.position(13);
    }
    offsetBytes = block.get();
    lengthBytes = block.get();
    if (!isSize(offsetBytes) || !isSize(lengthBytes)) {
      throw corrupt("sizes of addresses are not sound");
    }
    if (version < 2) {
      block.position((version == 0 ? 24 : 28) + 5 * offsetBytes);
    } else {
      block.position(12 + 3 * offsetBytes);
    }
    // Not what the file says: a user block may have been put in front of it, or cut off, later.
    base = at;
    rootHeader = offset(block);
  }

  private static boolean isSize(int bytes) {
    return bytes == 2 || bytes == 4 || bytes == 8;
  }

  private byte[] read(long position, long count) throws IOException {
    budget -= count;
    if (budget < 0) {
      throw corrupt("its structures refer to each other in a circle");
    }
    byte[] bytes = new byte[(int) count];
    int done = 0;
    while (done < count) {
      long from = position + done;
      if (from < bufferStart || from >= bufferStart + bufferLength) {
        in.seek(from);
        bufferStart = from;
        bufferLength = in.readNBytes(buffer, 0, buffer.length);
        if (bufferLength == 0) {
          throw corrupt("it ends early");
        }
      }
      int offset = (int) (from - bufferStart);
      int part = (int) Math.min(count - done, bufferLength - offset);
      System.arraycopy(buffer, offset, bytes, done, part);
      done += part;
    }
    return bytes;
  }

  private static ByteBuffer buffer(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The bytes at an address, little-endian. */
  ByteBuffer at(long address, long count) throws IOException {
    checkRange(address, count);
    if (count > MAX_PIECE_BYTES) {
      throw corrupt("one of its structures has " + count + " bytes");
    }
    return buffer(read(base + address, count));
  }

  /** Numbers at an address, which do not count among the structures. */
  byte[] data(long address, int count) throws IOException {
    checkRange(address, count);
    in.seek(base + address);
    byte[] bytes = InputFiles.next(in, count);
    if (bytes.length < count) {
      throw corrupt("it ends early");
    }
    return bytes;
  }

  /** The bytes at an address, as many as there are up to {@code most}. */
  ByteBuffer upTo(long address, long most) throws IOException {
    checkRange(address, 0);
    return at(address, Math.min(most, fileBytes - base - address));
  }

  /** Checks that bytes from an address on are within the file. */
  void checkRange(long address, long count) {
    if (address < 0
        || count < 0
        || address > fileBytes - base
        || count > fileBytes - base - address) {
      throw corrupt("it refers to " + count + " bytes at address " + address + ", beyond its end");
    }
  }

  /** The structure at an address after its signature and version have been checked. */
  ByteBuffer structure(String signature, long address, long count, int version) throws IOException {
    ByteBuffer bytes = at(address, count);
    for (int i = 0; i < signature.length(); i++) {
      if (bytes.get() != signature.charAt(i)) {
        throw corrupt("there is no " + signature + " at address " + address);
      }
    }
    if (version >= 0 && bytes.get() != version) {
      throw corrupt("its " + signature + " at address " + address + " has an unknown version");
    }
    return bytes;
  }

  /** The next address. */
  long offset(ByteBuffer bytes) {
    return address(bytes, offsetBytes);
  }

  private static long address(ByteBuffer bytes, int size) {
    long value = number(bytes, size);
    boolean undefined = size == Long.BYTES ? value == -1 : value == (1L << (8 * size)) - 1;
    return undefined ? UNDEFINED : value;
  }

  /** The next length. */
  long length(ByteBuffer bytes) {
    return number(bytes, lengthBytes);
  }

  /** The next unsigned number of so many bytes. */
  static long number(ByteBuffer bytes, int size) {
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= (bytes.get() & 0xffL) << (8 * i);
    }
    return value;
  }

  /** Passes over bytes. */
  static void skip(ByteBuffer bytes, int count) {
    bytes.position(bytes.position() + count);
  }

  int offsetBytes() {
    return offsetBytes;
  }

  int lengthBytes() {
    return lengthBytes;
  }

  /** Address of the object header of the root group. */
  long rootHeader() {
    return rootHeader;
  }

  /** What is added to an address to find the place in the file. */
  long base() {
    return base;
  }

  long fileBytes() {
    return fileBytes;
  }

  String source() {
    return source;
  }

  FormatException corrupt(String what) {
    return error(what + "; the file is truncated or corrupt, get it again");
  }

  /** Buffers that end early, and numbers that no array can count, are an unsound file's doing. */
  FormatException unsound(RuntimeException cause) {
    return corrupt("its structures are not sound").causedBy(cause);
  }

  FormatException error(String reason) {
    return FormatException.of(source, reason);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
