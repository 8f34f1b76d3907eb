package io.github.colonnade.jobs.compress;

import io.github.colonnade.bounds.Spectrum;
import io.github.colonnade.jobs.compress.EncodeTask.MemberTask;
import io.github.colonnade.jobs.compress.SketchedBlock.Factor;
import io.github.colonnade.jobs.flink.Codec;
import io.github.colonnade.svd.auto.Part;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.MatrixScope;
import io.github.colonnade.svd.partition.BlockSketch;
import io.github.colonnade.svd.sketch.Sketch;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.roaringbitmap.RoaringBitmap;

/**
 * A run of the blocks of a family after it was partitioned by itself, on its way up the tree.
 *
 * @param rows of the family
 * @param number of its partition, or of its node at a level of the tree
 * @param exponent e: where blocks keep their proportions, energies and matrices are of 2⁻ᵉ times
 *     the blocks
 * @param rank at which strategies try clusters
 * @param members the blocks that are not zero, in the order of the listing
 * @param zero blocks
 * @param clusters of at least two members, as in {@link Part}
 * @param lone the other members, as in {@link Part}
 */
record FamilyPart(
    int rows,
    int number,
    int exponent,
    int rank,
    List<MemberTask> members,
    List<MemberTask> zero,
    List<Found> clusters,
    List<Lone> lone,
    StageTimes times) {

  /** As {@link Part.Cluster}. */
  record Found(
      RoaringBitmap members,
      OptionalInt sharedDirections,
      Spectrum spectrum,
      long columns,
      Optional<Inside> inside) {}

  /** As {@link Part.Inside}; the basis belongs to the spectrum of the cluster. */
  record Inside(Factor basis, List<Sample> samples) {}

  /** As {@link Part.Sample}. */
  record Sample(Numbers block, double weight) {}

  /** As {@link Part.Lone}. */
  record Lone(int position, Spectrum spectrum, Optional<Numbers> block) {}

  /** As {@link BlockSketch}. */
  record Numbers(Factor factor, Spectrum spectrum, long columns) {

    static Numbers of(BlockSketch block) {
      return new Numbers(Factor.of(block.factor()), block.spectrum(), block.columns());
    }

    BlockSketch sketch(LinearAlgebra la, int rows, double factor, MatrixScope scope) {
      Matrix matrix = scope.own(this.factor.times(factor).matrix(la, rows, spectrum.size()));
      return new BlockSketch(matrix, spectrum.scaledBy(factor * factor), columns);
    }
  }

  /** This part, with the times of the work on it. */
  FamilyPart at(StageTimes done) {
    return new FamilyPart(rows, number, exponent, rank, members, zero, clusters, lone, done);
  }

  static List<Found> clusters(Part part) {
    List<Found> found = new ArrayList<>();
    for (Part.Cluster each : part.clusters()) {
      Optional<Inside> inside =
          each.inside()
              .map(
                  open ->
                      new Inside(
                          Factor.of(open.sketch().basis()),
                          open.samples().stream()
                              .map(one -> new Sample(Numbers.of(one.block()), one.weight()))
                              .toList()));
      long columns = each.inside().map(open -> open.sketch().columns()).orElse(0L);
      found.add(
          new Found(each.members(), each.sharedDirections(), each.spectrum(), columns, inside));
    }
    return found;
  }

  static List<Lone> lone(Part part) {
    return part.lone().stream()
        .map(each -> new Lone(each.position(), each.spectrum(), each.block().map(Numbers::of)))
        .toList();
  }

  /**
   * The part with its matrices.
   *
   * @param factor by which they are multiplied
   */
  Part part(LinearAlgebra la, double factor, MatrixScope scope) {
    List<Part.Cluster> built = new ArrayList<>();
    for (Found each : clusters) {
      Spectrum spectrum = each.spectrum.scaledBy(factor * factor);
      Optional<Part.Inside> inside = Optional.empty();
      if (each.inside.isPresent()) {
        Matrix basis = scope.own(each.inside.get().basis.matrix(la, rows, spectrum.size()));
        List<Part.Sample> samples = new ArrayList<>();
        for (Sample one : each.inside.get().samples) {
          samples.add(new Part.Sample(one.block.sketch(la, rows, factor, scope), one.weight));
        }
        inside = Optional.of(new Part.Inside(Sketch.of(basis, spectrum, each.columns), samples));
      }
      built.add(new Part.Cluster(each.members, each.sharedDirections, spectrum, inside));
    }
    List<Part.Lone> alone = new ArrayList<>();
    for (Lone each : lone) {
      alone.add(
          new Part.Lone(
              each.position,
              each.spectrum.scaledBy(factor * factor),
              each.block.map(block -> block.sketch(la, rows, factor, scope))));
    }
    return new Part(members.size(), built, alone);
  }

  /** The bytes between the levels of the tree. */
  static final class FamilyPartCodec implements Codec<FamilyPart> {

    @Override
    public Class<FamilyPart> type() {
      return FamilyPart.class;
    }

    @Override
    public int version() {
      return 1;
    }

    @Override
    public void write(FamilyPart record, DataOutputView out) throws IOException {
      out.writeInt(record.rows);
      out.writeInt(record.number);
      out.writeInt(record.exponent);
      out.writeInt(record.rank);
      RecordBytes.TensorTable tensors = new RecordBytes.TensorTable();
      for (List<MemberTask> tasks : List.of(record.members, record.zero)) {
        out.writeInt(tasks.size());
        for (MemberTask task : tasks) {
          task.write(tensors, out);
        }
      }
      out.writeInt(record.clusters.size());
      for (Found each : record.clusters) {
        each.members.serialize(out);
        RecordBytes.writeOptional(each.sharedDirections, out);
        write(each.spectrum, out);
        out.writeLong(each.columns);
        out.writeBoolean(each.inside.isPresent());
        if (each.inside.isPresent()) {
          each.inside.get().basis.write(out);
          out.writeInt(each.inside.get().samples.size());
          for (Sample sample : each.inside.get().samples) {
            write(sample.block, out);
            out.writeDouble(sample.weight);
          }
        }
      }
      out.writeInt(record.lone.size());
      for (Lone each : record.lone) {
        out.writeInt(each.position);
        write(each.spectrum, out);
        out.writeBoolean(each.block.isPresent());
        if (each.block.isPresent()) {
          write(each.block.get(), out);
        }
      }
      record.times.write(out);
    }

    private static void write(Numbers block, DataOutputView out) throws IOException {
      block.factor.write(out);
      write(block.spectrum, out);
      out.writeLong(block.columns);
    }

    private static void write(Spectrum spectrum, DataOutputView out) throws IOException {
      RecordBytes.writeDoubles(Prospect.squares(spectrum), out);
      out.writeDouble(spectrum.droppedEnergy());
    }

    @Override
    public FamilyPart read(int version, DataInputView in) throws IOException {
      int rows = in.readInt();
      int number = in.readInt();
      int exponent = in.readInt();
      int rank = in.readInt();
      RecordBytes.TensorTableReader tensors = new RecordBytes.TensorTableReader();
      List<MemberTask> members = readMembers(tensors, in);
      List<MemberTask> zero = readMembers(tensors, in);
      List<Found> clusters = new ArrayList<>();
      for (int remaining = in.readInt(); remaining > 0; remaining--) {
        RoaringBitmap bitmap = new RoaringBitmap();
        bitmap.deserialize(in);
        clusters.add(
            new Found(
                bitmap,
                RecordBytes.readOptionalInt(in),
                readSpectrum(in),
                in.readLong(),
                in.readBoolean() ? Optional.of(readInside(in)) : Optional.empty()));
      }
      List<Lone> lone = new ArrayList<>();
      for (int remaining = in.readInt(); remaining > 0; remaining--) {
        lone.add(
            new Lone(
                in.readInt(),
                readSpectrum(in),
                in.readBoolean() ? Optional.of(readNumbers(in)) : Optional.empty()));
      }
      return new FamilyPart(
          rows, number, exponent, rank, members, zero, clusters, lone, StageTimes.read(in));
    }

    private static List<MemberTask> readMembers(
        RecordBytes.TensorTableReader tensors, DataInputView in) throws IOException {
      List<MemberTask> members = new ArrayList<>();
      for (int remaining = in.readInt(); remaining > 0; remaining--) {
        members.add(MemberTask.read(tensors, in));
      }
      return members;
    }

    private static Inside readInside(DataInputView in) throws IOException {
      Factor basis = Factor.read(in);
      List<Sample> samples = new ArrayList<>();
      for (int remaining = in.readInt(); remaining > 0; remaining--) {
        samples.add(new Sample(readNumbers(in), in.readDouble()));
      }
      return new Inside(basis, samples);
    }

    private static Numbers readNumbers(DataInputView in) throws IOException {
      return new Numbers(Factor.read(in), readSpectrum(in), in.readLong());
    }

    private static Spectrum readSpectrum(DataInputView in) throws IOException {
      return Spectrum.ofKept(RecordBytes.readDoubles(in), in.readDouble());
    }
  }
}
