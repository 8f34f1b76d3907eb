package io.github.colonnade.jobs.compress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.jobs.compress.FamilyPart.FamilyPartCodec;
import io.github.colonnade.jobs.compress.FamilyPart.Found;
import io.github.colonnade.jobs.compress.FamilyPart.Inside;
import io.github.colonnade.jobs.compress.FamilyPart.Lone;
import io.github.colonnade.jobs.compress.FamilyPart.Numbers;
import io.github.colonnade.jobs.compress.FamilyPart.Sample;
import io.github.colonnade.jobs.compress.SketchedBlock.Factor;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;
import org.roaringbitmap.RoaringBitmap;

class FamilyPartCodecTest {

  private static Numbers numbers(Factor factor) {
    return new Numbers(factor, Spectrum.ofKept(new double[] {3, 1}, 0.5), 7);
  }

  private static FamilyPart part(Factor factor) {
    return new FamilyPart(
        2,
        5,
        -3,
        4,
        List.of(),
        List.of(),
        List.of(
            new Found(
                RoaringBitmap.bitmapOf(0, 2, 70_000),
                OptionalInt.of(2),
                Spectrum.ofKept(new double[] {9, 4}, 1),
                21,
                Optional.of(new Inside(factor, List.of(new Sample(numbers(factor), 1.5))))),
            new Found(
                RoaringBitmap.bitmapOf(1, 3),
                OptionalInt.empty(),
                Spectrum.ofKept(new double[0], 2),
                0,
                Optional.empty())),
        List.of(
            new Lone(4, Spectrum.ofKept(new double[] {1}, 0), Optional.of(numbers(factor))),
            new Lone(5, Spectrum.ofKept(new double[] {2}, 0), Optional.empty())),
        StageTimes.none());
  }

  private static byte[] bytes(FamilyPart part) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(16);
    new FamilyPartCodec().write(part, out);
    return out.getCopyOfBuffer();
  }

  @Test
  void whatIsReadWritesTheSameBytes() throws IOException {
    for (Factor factor :
        List.of(
            new Factor.Floats(new float[] {1, 2, 3, 4}),
            new Factor.Doubles(new double[] {1e300, 2, 3, 4}))) {
      byte[] written = bytes(part(factor));
      DataInputDeserializer in = new DataInputDeserializer(written);
      FamilyPart read = new FamilyPartCodec().read(1, in);
      assertEquals(0, in.available());
      assertArrayEquals(written, bytes(read));
      assertEquals(RoaringBitmap.bitmapOf(0, 2, 70_000), read.clusters().get(0).members());
      assertEquals(1.5, read.clusters().get(0).inside().orElseThrow().samples().get(0).weight());
      assertEquals(5, read.lone().get(1).position());
    }
  }
}
