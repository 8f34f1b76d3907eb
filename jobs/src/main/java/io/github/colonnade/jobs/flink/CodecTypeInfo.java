package io.github.colonnade.jobs.flink;

import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;

/** The Flink type of records that a {@link Codec} writes. */
public final class CodecTypeInfo<T> extends TypeInformation<T> {

  private final Codec<T> codec;

  private CodecTypeInfo(Codec<T> codec) {
    this.codec = codec;
  }

  public static <T> CodecTypeInfo<T> of(Codec<T> codec) {
    return new CodecTypeInfo<>(codec);
  }

  @Override
  public TypeSerializer<T> createSerializer(SerializerConfig config) {
    return new CodecSerializer<>(codec);
  }

  @Override
  public Class<T> getTypeClass() {
    return codec.type();
  }

  @Override
  public boolean isBasicType() {
    return false;
  }

  @Override
  public boolean isTupleType() {
    return false;
  }

  @Override
  public int getArity() {
    return 1;
  }

  @Override
  public int getTotalFields() {
    return 1;
  }

  @Override
  public boolean isKeyType() {
    return false;
  }

  @Override
  public boolean canEqual(Object other) {
    return other instanceof CodecTypeInfo;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof CodecTypeInfo<?> info && info.codec.getClass().equals(codec.getClass());
  }

  @Override
  public int hashCode() {
    return codec.getClass().hashCode();
  }

  @Override
  public String toString() {
    return codec.type().getSimpleName();
  }
}
