package io.github.colonnade.jobs.compress;

import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.connectors.tensor.TensorInfoBytes;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.jobs.flink.Codec;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Precision;
import java.io.IOException;
import java.util.OptionalInt;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * A block that was read once: its fingerprint and its sketch, without its numbers.
 *
 * @param ordinal the number of its tensor in the listing
 * @param index its number among the blocks of the tensor
 * @param block where it is
 * @param exponent e: the sketch is of 2⁻ᵉ times the block, whose entries are at most 1
 * @param weightExponent w if the block has a weight: the sketch then is of 2⁻ᵉ⁻ʷ times the block
 *     multiplied by its weight; none also if the weight leaves nothing of the block
 * @param sha256 of the payload
 * @param squares σ², largest first
 * @param droppedEnergy what the sketch left out
 * @param factor F = Q·diag(σ): m×k, column after column; float32 or float64
 */
public record SketchedBlock(
    long ordinal,
    int index,
    BlockRef block,
    int exponent,
    OptionalInt weightExponent,
    String sha256,
    double[] squares,
    double droppedEnergy,
    Factor factor,
    StageTimes times) {

  /** The numbers of F in the run's precision. */
  public sealed interface Factor {

    Matrix matrix(LinearAlgebra la, int rows, int columns);

    /** Every number multiplied by a factor. */
    Factor times(double factor);

    /** No columns, in the same precision. */
    Factor empty();

    record Floats(float[] values) implements Factor {
      @Override
      public Matrix matrix(LinearAlgebra la, int rows, int columns) {
        return la.fromColumns(values, rows, columns);
      }

      @Override
      public Factor times(double factor) {
        float[] products = new float[values.length];
        for (int i = 0; i < products.length; i++) {
          products[i] = (float) (values[i] * factor);
        }
        return new Floats(products);
      }

      @Override
      public Factor empty() {
        return new Floats(new float[0]);
      }
    }

    record Doubles(double[] values) implements Factor {
      @Override
      public Matrix matrix(LinearAlgebra la, int rows, int columns) {
        return la.fromColumns(values, rows, columns);
      }

      @Override
      public Factor times(double factor) {
        double[] products = new double[values.length];
        for (int i = 0; i < products.length; i++) {
          products[i] = values[i] * factor;
        }
        return new Doubles(products);
      }

      @Override
      public Factor empty() {
        return new Doubles(new double[0]);
      }
    }

    default void write(DataOutputView out) throws IOException {
      if (this instanceof Floats floats) {
        out.writeByte(Precision.FLOAT32.sizeBytes());
        RecordBytes.writeFloats(floats.values, out);
      } else if (this instanceof Doubles doubles) {
        out.writeByte(Precision.FLOAT64.sizeBytes());
        RecordBytes.writeDoubles(doubles.values, out);
      }
    }

    static Factor read(DataInputView in) throws IOException {
      return in.readByte() == Precision.FLOAT32.sizeBytes()
          ? new Floats(RecordBytes.readFloats(in))
          : new Doubles(RecordBytes.readDoubles(in));
    }

    static Factor of(Matrix matrix) {
      return matrix.precision() == Precision.FLOAT32
          ? new Floats(matrix.toFloats())
          : new Doubles(matrix.toDoubles());
    }
  }

  /** This block with other times. */
  SketchedBlock withTimes(StageTimes other) {
    return new SketchedBlock(
        ordinal,
        index,
        block,
        exponent,
        weightExponent,
        sha256,
        squares,
        droppedEnergy,
        factor,
        other);
  }

  Spectrum spectrum() {
    return Spectrum.ofKept(squares, droppedEnergy);
  }

  /** e with which the sketch is of 2⁻ᵉ times the block, with its weight if it has one. */
  int sketchExponent() {
    return exponent + weightExponent.orElse(0);
  }

  int rows() {
    return Math.toIntExact(block.rows());
  }

  /** The bytes between sketch and partition. */
  public static final class SketchedBlockCodec implements Codec<SketchedBlock> {

    @Override
    public Class<SketchedBlock> type() {
      return SketchedBlock.class;
    }

    @Override
    public int version() {
      return 2;
    }

    @Override
    public void write(SketchedBlock record, DataOutputView out) throws IOException {
      out.writeLong(record.ordinal);
      out.writeInt(record.index);
      RecordBytes.writeBlock(record.block, out);
      out.writeInt(record.exponent);
      RecordBytes.writeOptional(record.weightExponent, out);
      TensorInfoBytes.writeText(record.sha256, out);
      RecordBytes.writeDoubles(record.squares, out);
      out.writeDouble(record.droppedEnergy);
      record.factor.write(out);
      record.times.write(out);
    }

    @Override
    public SketchedBlock read(int version, DataInputView in) throws IOException {
      return new SketchedBlock(
          in.readLong(),
          in.readInt(),
          RecordBytes.readBlock(in),
          in.readInt(),
          version < 2 ? OptionalInt.empty() : RecordBytes.readOptionalInt(in),
          TensorInfoBytes.readText(in),
          RecordBytes.readDoubles(in),
          in.readDouble(),
          Factor.read(in),
          StageTimes.read(in));
    }
  }
}
