package io.github.colonnade.connectors.hdf5;

import io.github.colonnade.connectors.io.FormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The members of groups, as links of three kinds of storage. */
final class Groups {
  private static final int LINK_NAME_RECORD = 5;
  private static final int MAX_NAME_BYTES = 1 << 16;

  private final Hdf5Input input;

  Groups(Hdf5Input input) {
    this.input = input;
  }

  /** A member and where its object header is. */
  record Link(String name, long address) {}

  /** Whether an object is a group. */
  static boolean isGroup(ObjectHeader header) {
    return header.has(ObjectHeader.SYMBOL_TABLE)
        || header.has(ObjectHeader.LINK_INFO)
        || header.has(ObjectHeader.LINK);
  }

  /** The members of a group. Soft links are left out: what they stand for is a member elsewhere. */
  List<Link> members(ObjectHeader group) throws IOException {
    List<Link> links = new ArrayList<>();
    ByteBuffer table = group.first(ObjectHeader.SYMBOL_TABLE).orElse(null);
    if (table != null) {
      long tree = input.offset(table);
      readSymbols(tree, localHeap(input.offset(table)), links);
      return links;
    }
    for (ObjectHeader.Message message : group.all(ObjectHeader.LINK)) {
      readLink(message.data(), links);
    }
    ByteBuffer info = group.first(ObjectHeader.LINK_INFO).orElse(null);
    if (info != null) {
      readDense(info, links);
    }
    return links;
  }

  private void readDense(ByteBuffer info, List<Link> links) throws IOException {
    Hdf5Input.skip(info, 1);
    Hdf5Input.skip(info, (info.get() & 1) != 0 ? 8 : 0);
    long heapAddress = input.offset(info);
    long names = input.offset(info);
    if (heapAddress == Hdf5Input.UNDEFINED || names == Hdf5Input.UNDEFINED) {
      return;
    }
    FractalHeap heap = new FractalHeap(input, heapAddress);
    new BTreeV2(input, names, LINK_NAME_RECORD)
        .forEach(
            record -> {
              Hdf5Input.skip(record, 4);
              readLink(heap.object(record), links);
            });
  }

  private void readLink(ByteBuffer link, List<Link> links) {
    Hdf5Input.skip(link, 1);
    int flags = link.get();
    int type = (flags & 8) != 0 ? link.get() : 0;
    Hdf5Input.skip(link, ((flags & 4) != 0 ? 8 : 0) + ((flags & 0x10) != 0 ? 1 : 0));
    long length = Hdf5Input.number(link, 1 << (flags & 3));
    if (length < 0 || length > link.remaining()) {
      throw input.corrupt("a link has no name");
    }
    byte[] name = new byte[(int) length];
    link.get(name);
    add(type, new String(name, StandardCharsets.UTF_8), link, links);
  }

  private void add(int type, String name, ByteBuffer link, List<Link> links) {
    switch (type) {
      case 0 -> links.add(new Link(name, input.offset(link)));
      case 1 -> {
        // A soft link.
      }
      default ->
          throw input.error(
              "its member "
                  + FormatException.oneLine(name)
                  + " is in another file; give that file");
    }
  }

  private ByteBuffer localHeap(long address) throws IOException {
    ByteBuffer heap =
        input.structure("HEAP", address, 8L + 2L * input.lengthBytes() + input.offsetBytes(), 0);
    Hdf5Input.skip(heap, 3);
    long size = input.length(heap);
    Hdf5Input.skip(heap, input.lengthBytes());
    return input.at(input.offset(heap), size);
  }

  private void readSymbols(long tree, ByteBuffer names, List<Link> links) throws IOException {
    BTreeV1.forEachLeaf(
        input,
        tree,
        0,
        input.lengthBytes(),
        (key, address) -> {
          ByteBuffer prefix = input.structure("SNOD", address, 8, 1);
          Hdf5Input.skip(prefix, 1);
          int count = prefix.getShort() & 0xffff;
          int entryBytes = 2 * input.offsetBytes() + 24;
          ByteBuffer entries = input.at(address + 8, (long) count * entryBytes);
          for (int i = 0; i < count; i++) {
            entries.position(i * entryBytes);
            String name = name(names, input.offset(entries));
            long header = input.offset(entries);
            // Cache type 2 is a soft link.
            if (entries.getInt() != 2) {
              links.add(new Link(name, header));
            }
          }
        });
  }

  private String name(ByteBuffer names, long at) {
    int start = Math.toIntExact(at);
    int end = start;
    while (names.get(end) != 0) {
      end++;
    }
    if (end - start > MAX_NAME_BYTES) {
      throw input.corrupt("a member has a name without end");
    }
    byte[] bytes = new byte[end - start];
    names.get(start, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
