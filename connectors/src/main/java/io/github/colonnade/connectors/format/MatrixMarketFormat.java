package io.github.colonnade.connectors.format;

import io.github.colonnade.connectors.matrixmarket.MatrixMarketFile;
import io.github.colonnade.connectors.tensor.Arrangement;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.IOException;
import java.util.List;
import org.apache.flink.core.fs.Path;

/**
 * The matrix of a Matrix Market file, dense and as F64, under the file's name without {@code .mtx}.
 * A complex matrix is read as a real one with twice as many rows, the real parts above the
 * imaginary ones.
 */
public final class MatrixMarketFormat implements TensorFormat {
  private static final String ENDING = ".mtx";

  @Override
  public String name() {
    return "mtx";
  }

  @Override
  public boolean acceptsName(String fileName) {
    return fileName.endsWith(ENDING);
  }

  @Override
  public boolean acceptsContent(byte[] head) {
    return MatrixMarketFile.hasMagic(head);
  }

  @Override
  public List<TensorInfo> list(Path file) throws IOException {
    String source = file.toString();
    String name = file.getName();
    MatrixMarketFile.Header header = MatrixMarketFile.header(file);
    int planes = header.complex() ? 2 : 1;
    return List.of(
        new TensorInfo(
            source,
            acceptsName(name) ? name.substring(0, name.length() - ENDING.length()) : name,
            DType.F64,
            Shape.of(planes * header.rows(), header.columns()),
            new Payload.Decoded(
                source, Payload.Container.MATRIX_MARKET, 0, 0, planes, Arrangement.CANONICAL)));
  }
}
