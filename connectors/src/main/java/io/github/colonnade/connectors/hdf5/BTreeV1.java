package io.github.colonnade.connectors.hdf5;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Walks over what the leaves of a version 1 B-tree point to. */
final class BTreeV1 {
  private BTreeV1() {}

  /** Takes a child of a leaf with the key before it. */
  interface Consumer {
    void accept(ByteBuffer key, long address) throws IOException;
  }

  static void forEachLeaf(Hdf5Input input, long address, int type, int keyBytes, Consumer consumer)
      throws IOException {
    visit(input, address, type, keyBytes, -1, consumer);
  }

  /**
   * @param level that the node must have, or −1 for any
   */
  private static void visit(
      Hdf5Input input, long address, int type, int keyBytes, int level, Consumer consumer)
      throws IOException {
    int prefixBytes = 8 + 2 * input.offsetBytes();
    ByteBuffer prefix = input.structure("TREE", address, prefixBytes, type);
    int ownLevel = prefix.get() & 0xff;
    if (level >= 0 && ownLevel != level) {
      throw input.corrupt("a tree has a node at the wrong level");
    }
    int entries = prefix.getShort() & 0xffff;
    int entryBytes = keyBytes + input.offsetBytes();
    ByteBuffer node = input.at(address + prefixBytes, (long) entries * entryBytes);
    for (int i = 0; i < entries; i++) {
      ByteBuffer key = node.slice(i * entryBytes, keyBytes).order(ByteOrder.LITTLE_ENDIAN);
      node.position(i * entryBytes + keyBytes);
      long child = input.offset(node);
      if (ownLevel == 0) {
        consumer.accept(key, child);
      } else {
        visit(input, child, type, keyBytes, ownLevel - 1, consumer);
      }
    }
  }
}
