package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.FloatCodec;
import io.github.colonnade.jobs.compress.EncodeTask.MemberTask;
import io.github.colonnade.jobs.manifest.StoreDtype;
import io.github.colonnade.svd.factor.StorageFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/** The number formats that factors are stored in. */
enum FactorFormat implements StorageFormat {
  F64(DType.F64, Double.MAX_VALUE, Double.MIN_NORMAL, 0x1p-53),
  F32(DType.F32, Float.MAX_VALUE, Float.MIN_NORMAL, 0x1p-24),
  F16(DType.F16, 65504, 0x1p-14, 0x1p-11),
  BF16(DType.BF16, 0x1.fep127, Float.MIN_NORMAL, 0x1p-8);

  private final DType dtype;
  private final double largest;
  private final double smallestNormal;
  private final double unitRoundoff;

  FactorFormat(DType dtype, double largest, double smallestNormal, double unitRoundoff) {
    this.dtype = dtype;
    this.largest = largest;
    this.smallestNormal = smallestNormal;
    this.unitRoundoff = unitRoundoff;
  }

  /** The format of tensors of a type, if it is one. */
  static Optional<FactorFormat> of(DType dtype) {
    return Arrays.stream(values()).filter(each -> each.dtype == dtype).findFirst();
  }

  /**
   * The format for a cluster: what the user chose, or else what its members have, and where they
   * differ the smallest format that holds the values of all of them.
   */
  static FactorFormat of(StoreDtype choice, Collection<DType> sources) {
    return switch (choice) {
      case F64 -> F64;
      case F32 -> F32;
      case F16 -> F16;
      case BF16 -> BF16;
      case SOURCE -> {
        Set<DType> distinct = Set.copyOf(sources);
        if (distinct.contains(DType.F64)) {
          yield F64;
        }
        yield distinct.equals(Set.of(DType.F16))
            ? F16
            : distinct.equals(Set.of(DType.BF16)) ? BF16 : F32;
      }
    };
  }

  /** The format for a cluster of a run. */
  static FactorFormat of(CompressSettings settings, Collection<MemberTask> members) {
    return of(
        settings.method().storeDtype(),
        members.stream().map(each -> each.block().tensor().dtype()).toList());
  }

  DType dtype() {
    return dtype;
  }

  @Override
  public int sizeBytes() {
    return dtype.sizeBytes();
  }

  @Override
  public byte[] encode(double[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, dtype.sizeBytes()))
            .order(ByteOrder.LITTLE_ENDIAN);
    FloatCodec.encode(dtype, values, 0, values.length, bytes);
    return bytes.array();
  }

  @Override
  public double[] decode(byte[] bytes) {
    double[] values = new double[bytes.length / dtype.sizeBytes()];
    FloatCodec.decode(
        dtype, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), values, 0, values.length);
    return values;
  }

  @Override
  public double largest() {
    return largest;
  }

  @Override
  public double smallestNormal() {
    return smallestNormal;
  }

  @Override
  public double unitRoundoff() {
    return unitRoundoff;
  }
}
