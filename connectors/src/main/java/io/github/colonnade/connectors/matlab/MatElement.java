package io.github.colonnade.connectors.matlab;

import io.github.colonnade.connectors.io.InputFiles;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/** The data element of one variable, inflated if it is compressed; closes what it opened. */
final class MatElement implements Closeable {
  private static final int TAG_BYTES = 8;
  private static final int BUFFER_BYTES = 1 << 13;

  /** Deflate cannot shrink anything further than this. */
  private static final long MAX_DEFLATE_RATIO = 1032;

  private final MatInput matrix;
  private final InputStream in;
  private final @Nullable Inflater inflater;
  private final long end;

  private MatElement(MatInput matrix, InputStream in, @Nullable Inflater inflater, long end) {
    this.matrix = matrix;
    this.in = in;
    this.inflater = inflater;
    this.end = end;
  }

  /** Opens the element at a position of a file. */
  static MatElement open(Path file, ByteOrder order, long position, long fileBytes)
      throws IOException {
    String source = file.toString();
    FSDataInputStream opened = InputFiles.open(file);
    InputStream in = opened;
    Inflater inflater = null;
    try {
      opened.seek(position);
      MatInput outer = new MatInput(opened, order, source, fileBytes - position);
      MatInput.Tag tag = outer.tag();
      long end = position + TAG_BYTES + tag.bytes();
      // From here to the end of the element, so that nothing is fetched of what follows.
      in = new BufferedInputStream(InputFiles.nextAhead(opened, file, tag.bytes()), BUFFER_BYTES);
      if (tag.type() == MatInput.COMPRESSED && !tag.small()) {
        inflater = new Inflater();
        in = new InflaterInputStream(in, inflater, BUFFER_BYTES);
        outer = new MatInput(in, order, source, TAG_BYTES + tag.bytes() * MAX_DEFLATE_RATIO);
        tag = outer.tag();
      }
      if (tag.type() != MatInput.MATRIX || tag.small()) {
        throw outer.corrupt("it has a data element of type " + tag.type() + " and no variable");
      }
      return new MatElement(new MatInput(in, order, source, tag.bytes()), in, inflater, end);
    } catch (IOException | RuntimeException e) {
      if (inflater != null) {
        inflater.end();
      }
      in.close();
      throw e;
    }
  }

  /** The contents of the variable. */
  MatInput matrix() {
    return matrix;
  }

  boolean isCompressed() {
    return inflater != null;
  }

  /** First byte after the element in the file. */
  long end() {
    return end;
  }

  @Override
  public void close() throws IOException {
    if (inflater != null) {
      inflater.end();
    }
    in.close();
  }
}
