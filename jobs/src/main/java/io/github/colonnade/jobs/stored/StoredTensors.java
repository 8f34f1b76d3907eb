package io.github.colonnade.jobs.stored;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.FloatCodec;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorReader;
import io.github.colonnade.connectors.write.SafetensorsFile;
import io.github.colonnade.jobs.manifest.TensorLocation;
import io.github.colonnade.svd.factor.KeptRows;
import io.github.colonnade.svd.factor.SparseCoefficients;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.core.fs.Path;
import org.roaringbitmap.RoaringBitmap;

/**
 * The tensors in the factor files of a compressed collection. Files stay open between calls, the
 * last few that were used. Not safe for use by several threads.
 *
 * <p>A file or tensor that is not there or not as expected is a {@link FormatException}.
 */
public final class StoredTensors implements Closeable {
  private static final int MOST_OPEN_FILES = 32;
  private static final int READ_BYTES = 1 << 20;

  /** Some virtual machines cannot make an array of the very largest lengths. */
  private static final long MOST_NUMBERS = Integer.MAX_VALUE - 8;

  private final Path directory;
  private final Map<String, SafetensorsFile> files = new LinkedHashMap<>(16, 0.75f, true);

  public StoredTensors(Path directory) {
    this.directory = directory;
  }

  /** Shape, type and place of a tensor. */
  public TensorInfo info(TensorLocation location) throws IOException {
    return file(location)
        .tensor(location.tensor())
        .orElseThrow(
            () ->
                FormatException.of(
                    location.file(), location.tensor(), "the file has no such tensor"));
  }

  /** The bytes of a tensor; the caller closes the stream. */
  public InputStream open(TensorLocation location) throws IOException {
    return TensorReader.open(info(location));
  }

  /**
   * The numbers of a float tensor as they are stored, row after row.
   *
   * @throws FormatException if its shape is not [rows, columns], or it is too large for an array
   */
  public double[] rows(TensorLocation location, long rows, long columns) throws IOException {
    TensorInfo tensor = info(location);
    Shape expected = Shape.of(rows, columns);
    if (!tensor.shape().equals(expected) || !tensor.dtype().isFloat()) {
      throw FormatException.of(
          location.file(),
          location.tensor(),
          "expected floats of shape "
              + expected
              + ", found "
              + tensor.dtype()
              + " of shape "
              + tensor.shape());
    }
    if (tensor.elements() > MOST_NUMBERS) {
      throw FormatException.of(
          location.file(),
          location.tensor(),
          tensor.elements() + " numbers are too many for one array");
    }
    double[] values = new double[(int) tensor.elements()];
    read(location, 0, tensor.dtype(), values);
    return values;
  }

  /** Fills an array with the numbers of a type that begin at a byte of a tensor. */
  private void read(TensorLocation location, long from, DType dtype, double[] values)
      throws IOException {
    int size = dtype.sizeBytes();
    int step = READ_BYTES / size;
    int done = 0;
    while (done < values.length) {
      int count = Math.min(step, values.length - done);
      byte[] bytes =
          file(location).read(location.tensor(), from + (long) done * size, count * size);
      FloatCodec.decode(dtype, ByteBuffer.wrap(bytes), values, done, count);
      done += count;
    }
  }

  /**
   * Which directions each block of a cluster uses.
   *
   * @param location of a mask
   * @param blocks of the cluster
   * @param rank of the cluster
   * @throws FormatException if there is no mask of so many blocks and directions
   */
  public KeptRows keptRows(TensorLocation location, long blocks, int rank) throws IOException {
    TensorInfo tensor = info(location);
    long most = KeptRows.mostBytes(blocks, rank);
    if (tensor.dtype() != DType.U8 || tensor.shape().rank() != 1 || tensor.elements() > most) {
      throw FormatException.of(
          location.file(),
          location.tensor(),
          "expected at most "
              + most
              + " bytes in one row, found "
              + tensor.dtype()
              + " of shape "
              + tensor.shape());
    }
    byte[] bytes = file(location).read(location.tensor(), 0, (int) tensor.elements());
    try {
      return KeptRows.read(bytes, (int) blocks, rank);
    } catch (IllegalArgumentException e) {
      throw FormatException.of(location.file(), location.tensor(), String.valueOf(e.getMessage()));
    }
  }

  /** The channels of a block as they are stored. */
  public static byte[] bitmap(int[] channels) {
    RoaringBitmap bitmap = RoaringBitmap.bitmapOf(channels);
    ByteBuffer bytes =
        ByteBuffer.allocate(bitmap.serializedSizeInBytes()).order(ByteOrder.LITTLE_ENDIAN);
    bitmap.serialize(bytes);
    return bytes.array();
  }

  /**
   * The channels of a block.
   *
   * @param location of what {@link #bitmap} gave
   * @param columns of the block
   * @throws FormatException if there is no set of numbers below that
   */
  public int[] channels(TensorLocation location, long columns) throws IOException {
    return keptRows(location, 1, Math.toIntExact(columns)).rows(0);
  }

  /** The numbers that bytes count as, beside numbers of this type. */
  public static long numbers(long bytes, DType basis) {
    return (bytes + basis.sizeBytes() - 1) / basis.sizeBytes();
  }

  /**
   * The coefficients of a block, row after row, those that are not stored as 0.
   *
   * @param location of a float tensor, or of {@link SparseCoefficients} in bytes
   * @param basis of the block's cluster: its type is that of the values
   */
  public double[] coefficients(
      TensorLocation location, TensorLocation basis, long rows, long columns) throws IOException {
    TensorInfo tensor = info(location);
    if (tensor.dtype() != DType.U8) {
      return rows(location, rows, columns);
    }
    DType dtype = info(basis).dtype();
    if (rows > 0 && columns > MOST_NUMBERS / rows) {
      throw FormatException.of(
          location.file(),
          location.tensor(),
          rows + "×" + columns + " coefficients are too many for one array");
    }
    long count = rows * columns;
    long bitBytes = (count + 7) / 8;
    long valueBytes = tensor.elements() - bitBytes;
    if (tensor.shape().rank() != 1
        || !dtype.isFloat()
        || valueBytes < 0
        || valueBytes > count * dtype.sizeBytes()
        || valueBytes % dtype.sizeBytes() != 0) {
      throw FormatException.of(
          location.file(),
          location.tensor(),
          "expected "
              + bitBytes
              + " bytes of bits and then numbers of "
              + dtype
              + ", found "
              + tensor.dtype()
              + " of shape "
              + tensor.shape());
    }
    byte[] bits = file(location).read(location.tensor(), 0, (int) bitBytes);
    double[] values = new double[(int) (valueBytes / dtype.sizeBytes())];
    read(location, bitBytes, dtype, values);
    try {
      return SparseCoefficients.spread(bits, values, (int) count);
    } catch (IllegalArgumentException e) {
      throw FormatException.of(location.file(), location.tensor(), String.valueOf(e.getMessage()));
    }
  }

  /** Column after column of a matrix that lies row after row. */
  public static double[] byColumns(double[] a, int m, int n) {
    if (m == 1 || n == 1) {
      return a;
    }
    double[] t = new double[a.length];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        t[i + j * m] = a[i * n + j];
      }
    }
    return t;
  }

  /** As {@link #rows}, but column after column. */
  public double[] columns(TensorLocation location, long rows, long columns) throws IOException {
    return byColumns(rows(location, rows, columns), (int) rows, (int) columns);
  }

  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (SafetensorsFile file : files.values()) {
      try {
        file.close();
      } catch (IOException e) {
        failure = e;
      }
    }
    files.clear();
    if (failure != null) {
      throw failure;
    }
  }

  private SafetensorsFile file(TensorLocation location) throws IOException {
    SafetensorsFile open = files.get(location.file());
    if (open != null) {
      return open;
    }
    if (files.size() == MOST_OPEN_FILES) {
      Iterator<SafetensorsFile> leastRecent = files.values().iterator();
      leastRecent.next().close();
      leastRecent.remove();
    }
    SafetensorsFile opened = SafetensorsFile.open(new Path(directory, location.file()));
    files.put(location.file(), opened);
    return opened;
  }
}
