package io.github.colonnade.connectors.hdf5;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Walks over the records of a version 2 B-tree. */
final class BTreeV2 {
  private static final int NODE_PREFIX_BYTES = 6;
  private static final int NODE_OVERHEAD_BYTES = 10;
  private static final int MAX_DEPTH = 32;

  /** Takes one record. */
  interface Consumer {
    void accept(ByteBuffer record) throws IOException;
  }

  private final Hdf5Input input;
  private final int type;
  private final long nodeBytes;
  private final int recordBytes;
  private final int depth;
  private final long rootAddress;
  private final int rootRecords;

  BTreeV2(Hdf5Input input, long address, int wantedType) throws IOException {
    this.input = input;
    int headerBytes = 16 + input.offsetBytes() + 2 + input.lengthBytes() + 4;
    ByteBuffer header = input.structure("BTHD", address, headerBytes, 0);
    this.type = header.get();
    this.nodeBytes = Hdf5Input.number(header, 4);
    this.recordBytes = header.getShort() & 0xffff;
    this.depth = header.getShort() & 0xffff;
    Hdf5Input.skip(header, 2);
    this.rootAddress = input.offset(header);
    this.rootRecords = header.getShort() & 0xffff;
    if (type != wantedType
        || recordBytes == 0
        || nodeBytes < NODE_OVERHEAD_BYTES
        || depth > MAX_DEPTH) {
      throw input.corrupt("a tree at address " + address + " is not of the kind that it should be");
    }
  }

  int recordBytes() {
    return recordBytes;
  }

  void forEach(Consumer consumer) throws IOException {
    if (rootAddress != Hdf5Input.UNDEFINED) {
      visit(rootAddress, rootRecords, depth, consumer);
    }
  }

  private void visit(long address, int records, int level, Consumer consumer) throws IOException {
    ByteBuffer node = input.structure(level == 0 ? "BTLF" : "BTIN", address, nodeBytes, 0);
    if (node.get() != type) {
      throw input.corrupt("a tree has a node of another kind");
    }
    for (int i = 0; i < records; i++) {
      consumer.accept(
          node.slice(NODE_PREFIX_BYTES + i * recordBytes, recordBytes)
              .order(ByteOrder.LITTLE_ENDIAN));
    }
    if (level == 0) {
      return;
    }
    node.position(NODE_PREFIX_BYTES + records * recordBytes);
    int countBytes = bytesFor(leafRecords());
    int totalBytes = totalBytes(level);
    for (int child = 0; child <= records; child++) {
      long childAddress = input.offset(node);
      int childRecords = (int) Hdf5Input.number(node, countBytes);
      Hdf5Input.skip(node, totalBytes);
      visit(childAddress, childRecords, level - 1, consumer);
    }
  }

  /** Bytes of the total below a child of a node at a level: none for a leaf. */
  private int totalBytes(int level) {
    long total = leafRecords();
    for (int below = 1; below < level; below++) {
      long pointer =
          (long) input.offsetBytes() + bytesFor(leafRecords()) + (below > 1 ? bytesFor(total) : 0);
      long own = Math.max(0, (nodeBytes - NODE_OVERHEAD_BYTES - pointer) / (recordBytes + pointer));
      total = total > (Long.MAX_VALUE - own) / (own + 1) ? Long.MAX_VALUE : (own + 1) * total + own;
    }
    return level > 1 ? bytesFor(total) : 0;
  }

  private long leafRecords() {
    return (nodeBytes - NODE_OVERHEAD_BYTES) / recordBytes;
  }

  private static int bytesFor(long most) {
    return (64 - Long.numberOfLeadingZeros(most) + 7) / 8;
  }
}
