package io.github.colonnade.tests.benchmark;

import io.github.colonnade.svd.factor.StorageFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Factors in single precision, as {@code compress} stores those of float32 blocks. */
public final class Float32 implements StorageFormat {

  @Override
  public int sizeBytes() {
    return Float.BYTES;
  }

  @Override
  public byte[] encode(double[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Float.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (double x : values) {
      bytes.putFloat((float) x);
    }
    return bytes.array();
  }

  @Override
  public double[] decode(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    double[] values = new double[bytes.length / Float.BYTES];
    for (int i = 0; i < values.length; i++) {
      values[i] = buffer.getFloat();
    }
    return values;
  }

  @Override
  public double largest() {
    return Float.MAX_VALUE;
  }

  @Override
  public double smallestNormal() {
    return Float.MIN_NORMAL;
  }

  @Override
  public double unitRoundoff() {
    return 0x1p-24;
  }
}
