package io.github.colonnade.jobs.compress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.colonnade.connectors.tensor.TensorInfoBytes;
import io.github.colonnade.svd.factor.KeptRows;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A few bytes that claim gigabytes end early; where that memory was taken first, these tests would
 * end with an OutOfMemoryError.
 */
class ClaimedLengthsTest {

  private interface Reader {
    Object read(DataInputDeserializer in) throws IOException;
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MAX_VALUE, Integer.MAX_VALUE - 8, 1 << 30, -1, Integer.MIN_VALUE})
  void whatIsClaimedIsNotTaken(int claimed) {
    byte[] record = ByteBuffer.allocate(24).putInt(claimed).array();
    for (Reader reader :
        List.<Reader>of(
            RecordBytes::readDoubles, RecordBytes::readFloats, TensorInfoBytes::readText)) {
      assertThrows(IOException.class, () -> reader.read(new DataInputDeserializer(record)));
    }
  }

  /** Read in several parts. */
  @Test
  void longArraysAreReadAsTheyWere() throws IOException {
    Random random = new Random(3);
    double[] doubles = random.doubles((5 << 20) / 2).toArray();
    float[] floats = new float[doubles.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) doubles[i];
    }
    String text = "Ä1".repeat(100_000);
    DataOutputSerializer out = new DataOutputSerializer(1 << 20);
    RecordBytes.writeDoubles(doubles, out);
    RecordBytes.writeFloats(floats, out);
    TensorInfoBytes.writeText(text, out);
    DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());
    assertArrayEquals(doubles, RecordBytes.readDoubles(in));
    assertArrayEquals(floats, RecordBytes.readFloats(in));
    assertEquals(text, TensorInfoBytes.readText(in));
  }

  /** The number of directions, or of columns, is that of a manifest. */
  @Test
  void aSmallMaskOfManyDirectionsTakesLittle() {
    byte[] bytes = KeptRows.of(List.of(new int[] {1, 7}), 9).toBytes();
    assertArrayEquals(new int[] {1, 7}, KeptRows.read(bytes, 1, Integer.MAX_VALUE - 8).rows(0));
  }
}
