package io.github.colonnade.connectors.hdf5;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** The messages of an object, in either version of the header. */
final class ObjectHeader {
  static final int DATASPACE = 0x1;
  static final int LINK_INFO = 0x2;
  static final int DATATYPE = 0x3;
  static final int OLD_FILL_VALUE = 0x4;
  static final int FILL_VALUE = 0x5;
  static final int LINK = 0x6;
  static final int EXTERNAL_FILES = 0x7;
  static final int LAYOUT = 0x8;
  static final int FILTERS = 0xb;
  static final int ATTRIBUTE = 0xc;
  static final int SYMBOL_TABLE = 0x11;

  private static final int CONTINUATION = 0x10;
  private static final int SHARED = 0x2;
  private static final int MAX_BLOCKS = 4096;

  /**
   * One message.
   *
   * @param type its number in the specification
   * @param shared whether the data says where the message is instead
   * @param data a view of its own
   */
  record Message(int type, boolean shared, ByteBuffer data) {}

  private final List<Message> messages = new ArrayList<>();
  private final Hdf5Input input;

  private ObjectHeader(Hdf5Input input) {
    this.input = input;
  }

  static ObjectHeader read(Hdf5Input input, long address) throws IOException {
    ObjectHeader header = new ObjectHeader(input);
    if (input.at(address, 1).get() == 1) {
      header.readVersion1(address);
    } else {
      header.readVersion2(address);
    }
    return header;
  }

  private void readVersion1(long address) throws IOException {
    ByteBuffer prefix = input.at(address, 12);
    prefix.position(8);
    long size = Hdf5Input.number(prefix, 4);
    Deque<ByteBuffer> blocks = new ArrayDeque<>();
    blocks.add(input.at(address + 16, size));
    for (int count = 0; !blocks.isEmpty(); count++) {
      checkBlocks(count);
      ByteBuffer block = blocks.remove();
      while (block.remaining() >= 8) {
        int type = block.getShort() & 0xffff;
        int length = block.getShort() & 0xffff;
        int flags = block.get();
        Hdf5Input.skip(block, 3);
        add(type, flags, take(block, length), blocks);
      }
    }
  }

  private void readVersion2(long address) throws IOException {
    ByteBuffer prefix = input.upTo(address, 64);
    if (prefix.getInt() != 0x5244484f || prefix.get() != 2) {
      throw input.corrupt("there is no object header at address " + address);
    }
    int flags = prefix.get();
    Hdf5Input.skip(prefix, ((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0));
    long size = Hdf5Input.number(prefix, 1 << (flags & 3));
    int orderBytes = (flags & 4) != 0 ? 2 : 0;
    Deque<ByteBuffer> blocks = new ArrayDeque<>();
    blocks.add(input.at(address + prefix.position(), size));
    for (int count = 0; !blocks.isEmpty(); count++) {
      checkBlocks(count);
      ByteBuffer block = blocks.remove();
      if (count > 0) {
        // A continuation: a signature before the messages, a checksum after them.
        if (block.getInt() != 0x4b48434f) {
          throw input.corrupt("an object header does not go on where it says");
        }
        block.limit(block.limit() - 4);
      }
      while (block.remaining() >= 4 + orderBytes) {
        int type = block.get() & 0xff;
        int length = block.getShort() & 0xffff;
        int messageFlags = block.get();
        Hdf5Input.skip(block, orderBytes);
        add(type, messageFlags, take(block, length), blocks);
      }
    }
  }

  private void checkBlocks(int count) {
    if (count > MAX_BLOCKS) {
      throw input.corrupt("an object header has no end");
    }
  }

  private static ByteBuffer take(ByteBuffer block, int length) {
    ByteBuffer data = block.slice(block.position(), length).order(ByteOrder.LITTLE_ENDIAN);
    Hdf5Input.skip(block, length);
    return data;
  }

  private void add(int type, int flags, ByteBuffer data, Deque<ByteBuffer> blocks)
      throws IOException {
    if (type == CONTINUATION) {
      long address = input.offset(data);
      blocks.add(input.at(address, input.length(data)));
    } else {
      messages.add(new Message(type, (flags & SHARED) != 0, data));
    }
  }

  /** All messages of a type, each with its data from the start. */
  List<Message> all(int type) {
    return messages.stream().filter(message -> message.type() == type).toList();
  }

  boolean has(int type) {
    return messages.stream().anyMatch(message -> message.type() == type);
  }

  /** The data of the first message of a type. */
  Optional<ByteBuffer> first(int type) {
    return messages.stream()
        .filter(message -> message.type() == type)
        .findFirst()
        .map(message -> inline(message));
  }

  /** The data of a message, which has to be in the header itself. */
  ByteBuffer inline(Message message) {
    if (message.shared()) {
      throw input.error(
          "an object shares a part of its header (of type "
              + message.type()
              + ") with others, which is not read; copy it to a new file, as with h5repack");
    }
    return message.data().duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The data type, also where it is kept under a name of its own. */
  Optional<ByteBuffer> datatype() throws IOException {
    List<Message> types = all(DATATYPE);
    if (types.isEmpty() || !types.get(0).shared()) {
      return first(DATATYPE);
    }
    ByteBuffer data = types.get(0).data();
    int version = data.get();
    int kind = data.get();
    if (version == 1) {
      Hdf5Input.skip(data, 6);
    } else if (version == 3 && kind != 2) {
      throw input.error("a data set has its type in a shared heap; save the file again");
    }
    ObjectHeader named = read(input, input.offset(data));
    if (named.all(DATATYPE).stream().anyMatch(Message::shared)) {
      throw input.corrupt("a named type refers to another");
    }
    return named.first(DATATYPE);
  }
}
