package io.github.colonnade.jobs.plan;

import io.github.colonnade.connectors.view.BlockReader;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.TensorPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The most that the families of a run can come to, whatever forms are chosen for its matrices. If
 * nothing is to be chosen, these are the families.
 *
 * @param families by row count, each with every block that may be in it
 * @param sketchNumbers the most numbers that all sketches together can have
 * @param blocks how many there can be
 * @param numberBytes the fewest bytes that a number takes in the input
 */
public record Reach(List<Family> families, long sketchNumbers, long blocks, int numberBytes) {

  public Reach {
    families = List.copyOf(families);
  }

  /**
   * Blocks that may meet in a family.
   *
   * @param rows m
   * @param blocks how many they can be
   * @param numbers of all
   * @param largestBlock the numbers of the largest block
   * @param readTogether the most numbers of a tensor that are read together
   * @param inPieces whether blocks may be ranges of columns that have a piece in each row
   * @param tensorBlocks the most blocks of a tensor
   * @param tensorSketchNumbers the most numbers that the sketches of a tensor can have
   * @param sketchNumbers the most that all sketches can have
   * @param largestSketch the most that one can have
   * @param largestSide the most rows that a common Gram matrix can have
   */
  public record Family(
      long rows,
      long blocks,
      long numbers,
      long largestBlock,
      long readTogether,
      boolean inPieces,
      long tensorBlocks,
      long tensorSketchNumbers,
      long sketchNumbers,
      long largestSketch,
      long largestSide) {

    private Family plus(Family other) {
      return new Family(
          rows,
          blocks + other.blocks,
          numbers + other.numbers,
          Math.max(largestBlock, other.largestBlock),
          Math.max(readTogether, other.readTogether),
          inPieces || other.inPieces,
          Math.max(tensorBlocks, other.tensorBlocks),
          Math.max(tensorSketchNumbers, other.tensorSketchNumbers),
          sketchNumbers + other.sketchNumbers,
          Math.max(largestSketch, other.largestSketch),
          Math.min(rows, largestSide + other.largestSide));
    }
  }

  /** Adds up matrices. */
  static final class Builder {
    private final boolean mayBeCut;
    private final Map<Long, Family> families = new TreeMap<>();
    private long sketchNumbers;
    private long blocks;
    private int numberBytes = Double.BYTES;

    /**
     * @param mayBeCut whether wide matrices may be cut into ranges of columns
     */
    Builder(boolean mayBeCut) {
      this.mayBeCut = mayBeCut;
    }

    /**
     * @param forms that one matrix may have
     */
    void add(List<TensorPlan.Blocks> forms) {
      long mostNumbers = 0;
      long mostBlocks = 0;
      for (TensorPlan.Blocks form : forms) {
        Family one = family(form.blocks());
        families.merge(one.rows, one, Family::plus);
        mostNumbers = Math.max(mostNumbers, one.sketchNumbers);
        mostBlocks = Math.max(mostBlocks, one.blocks);
      }
      numberBytes =
          Math.min(numberBytes, forms.get(0).blocks().get(0).tensor().dtype().sizeBytes());
      sketchNumbers += mostNumbers;
      blocks += mostBlocks;
    }

    private Family family(List<BlockRef> form) {
      BlockRef first = form.get(0);
      BlockRef last = form.get(form.size() - 1);
      long m = first.rows();
      long n = first.columns();
      long elements = first.elements() * (form.size() - 1) + last.elements();
      boolean cut = mayBeCut && n > Undecided.WIDE * m;
      long count = cut ? n / Undecided.leastColumns(m) + 1 : form.size();
      long each = RunPlan.sketchNumbers(m, n);
      // Ranges are counted as if the last were as wide as the others.
      long sketches = cut ? elements + m * count : each * count;
      return new Family(
          m,
          count,
          elements,
          first.elements(),
          BlockReader.numbersTogether(form),
          cut || !first.isContiguous(),
          count,
          sketches,
          sketches,
          each,
          Math.min(m, elements / m));
    }

    Reach build() {
      return new Reach(new ArrayList<>(families.values()), sketchNumbers, blocks, numberBytes);
    }
  }
}
