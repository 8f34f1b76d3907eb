package io.github.colonnade.tests.performance;

import io.github.colonnade.bounds.ErrorLimit;
import io.github.colonnade.bounds.Scope;
import io.github.colonnade.bounds.StorageCost;
import io.github.colonnade.svd.factor.BlockLoader;
import io.github.colonnade.svd.factor.ClusterEncoder;
import io.github.colonnade.svd.factor.EncoderSettings;
import io.github.colonnade.svd.factor.Encoding;
import io.github.colonnade.svd.factor.GivenBasis;
import io.github.colonnade.svd.factor.GivenBasisEncoder;
import io.github.colonnade.svd.factor.Member;
import io.github.colonnade.svd.factor.StorageFormat;
import io.github.colonnade.svd.linalg.LinearAlgebra;
import io.github.colonnade.svd.linalg.Matrix;
import io.github.colonnade.svd.linalg.Nd4jLinearAlgebra;
import io.github.colonnade.svd.linalg.Precision;
import io.github.colonnade.tests.benchmark.DataSet;
import io.github.colonnade.tests.benchmark.Float32;
import io.github.colonnade.tests.benchmark.SubspaceData;
import io.github.colonnade.tests.performance.Done.Operations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Encoding one cluster: blocks near one subspace, each to be within 10 %, with a basis that is yet
 * to be found ({@code encode}) or that others have stored already ({@code join}, as {@code
 * colonnade add} does). Whoever has a basis U: m×r must project and measure each block A: m×n, UᵀA
 * and A − U·(UᵀA), which takes 4·m·r·n operations in double. The limit is OpenBLAS at these, block
 * by block. Finding the basis is not among them, nor are the choice of ranks and rounding to what
 * is stored.
 */
@State(org.openjdk.jmh.annotations.Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls setUp first.
public class EncodeBenchmark {

  /** m×r×n, r the dimension of the subspace. */
  @Param({"256x12x32", "256x32x64", "384x64x384"})
  public String shape;

  @Param("32")
  public int blocks;

  private final LinearAlgebra la = new Nd4jLinearAlgebra();
  private final List<Member> members = new ArrayList<>();
  private final List<NativeArray> nativeBlocks = new ArrayList<>();
  private int rows;
  private ClusterEncoder encoder;
  private GivenBasisEncoder joiner;
  private GivenBasis given;
  private BlockLoader loader;
  private NativeArray basis;
  private NativeArray coefficients;
  private double gflop;

  @Setup
  public void setUp() {
    Sizes sizes = Sizes.of(shape);
    rows = sizes.m();
    int r = sizes.r();
    int n = sizes.n();
    DataSet data = SubspaceData.of(new SubspaceData.Shape(rows, n, 1, blocks, r, 0, 0, 0.05), 1);
    List<Matrix> blocksInMemory = new ArrayList<>();
    for (int j = 0; j < blocks; j++) {
      float[] block = data.blocks().get(j);
      double[] wide = new double[block.length];
      for (int i = 0; i < wide.length; i++) {
        wide[i] = block[i];
      }
      blocksInMemory.add(la.fromColumns(wide, rows, n));
      members.add(new Member(j, n, 0, StorageCost.best(r, rows, n)));
      nativeBlocks.add(NativeArray.of(Precision.FLOAT64, wide, rows, n));
    }
    loader = new Kept(la, blocksInMemory);
    EncoderSettings settings =
        new EncoderSettings(new ErrorLimit(0.1, Scope.BLOCK), rows, new Float32());
    encoder = new ClusterEncoder(la, settings);
    joiner = new GivenBasisEncoder(la, settings);
    given = stored(settings.format());
    basis = NativeArray.of(Precision.FLOAT64, new double[rows * r], rows, r);
    coefficients = NativeArray.random(Precision.FLOAT64, r, n);
    gflop = 4e-9 * rows * r * n * blocks;
  }

  /** Blocks that are in memory, as {@code compress} keeps those of a cluster. */
  private record Kept(LinearAlgebra la, List<Matrix> blocks) implements BlockLoader {

    @Override
    public Matrix load(int position) {
      return la.cast(blocks.get(position), Precision.FLOAT64);
    }

    @Override
    public Matrix load(LinearAlgebra algebra, int[] positions) {
      return algebra.concatenate(Arrays.stream(positions).mapToObj(blocks::get).toList());
    }
  }

  /** The basis of these blocks as it is stored. */
  private GivenBasis stored(StorageFormat format) {
    Encoding.LowRank shared =
        encoder.encode(rows, members, OptionalInt.empty(), loader).stream()
            .filter(Encoding.LowRank.class::isInstance)
            .map(Encoding.LowRank.class::cast)
            .findFirst()
            .orElseThrow();
    double[] byRows = format.decode(shared.basis());
    double[] byColumns = new double[byRows.length];
    for (int i = 0; i < rows; i++) {
      for (int k = 0; k < shared.rank(); k++) {
        byColumns[i + k * rows] = byRows[i * shared.rank() + k];
      }
    }
    return GivenBasis.of(la, la.fromColumns(byColumns, rows, shared.rank()), format);
  }

  @Benchmark
  @Limit("encodeProducts")
  public List<Encoding> encode(Operations done) {
    done.gflop += gflop;
    return encoder.encode(rows, members, OptionalInt.empty(), loader);
  }

  @Benchmark
  @Limit("encodeProducts")
  public GivenBasisEncoder.Result join(Operations done) {
    done.gflop += gflop;
    return joiner.encode(rows, members, given, loader);
  }

  @Benchmark
  public void encodeProducts(Operations done) {
    for (NativeArray block : nativeBlocks) {
      coefficients.gemm(1, basis, true, block, 0);
      block.gemm(-1, basis, false, coefficients, 1);
    }
    done.gflop += gflop;
  }
}
