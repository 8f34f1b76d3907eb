package io.github.colonnade.connectors.hdf5;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class Hdf5TypeTest {
  @Test
  void typesWithinTypesEnd() {
    int enumeration = 0x38;
    ByteBuffer message = ByteBuffer.allocate(8 << 16).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 1 << 16; i++) {
      message.putInt(enumeration).putInt(1);
    }
    assertEquals(Hdf5Type.Kind.OTHER, Hdf5Type.read(message.flip()).kind());
  }

  @Test
  void recordsWithinRecordsEnd() {
    int compound = 0x36 | 2 << 8;
    ByteBuffer message = ByteBuffer.allocate(11 << 16).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 1 << 16; i++) {
      // The first part is called "r" and begins at byte 0.
      message.putInt(compound).putInt(16).put((byte) 'r').put((byte) 0).put((byte) 0);
    }
    assertEquals(Hdf5Type.Kind.OTHER, Hdf5Type.read(message.flip()).kind());
  }
}
