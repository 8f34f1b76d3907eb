package io.github.colonnade.connectors.tiff;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.PieceInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The numbers of a band, row after row; one row of chunks is in memory at a time. */
final class BandInputStream extends PieceInputStream {
  private static final long MAX_CHUNK_BYTES = 1L << 30;

  private final TiffInput input;
  private final TiffImage image;
  private final int band;
  private int chunkRow;

  /**
   * @param input closed with this stream
   */
  BandInputStream(TiffInput input, TiffImage image, int band) {
    this.input = input;
    this.image = image;
    this.band = band;
  }

  @Override
  protected ByteBuffer next() throws IOException {
    if (chunkRow == image.down()) {
      return ByteBuffer.allocate(0);
    }
    try {
      return chunks();
    } catch (FormatException e) {
      throw e;
    } catch (RuntimeException e) {
      throw input.unsound(e);
    }
  }

  @Override
  public void close() throws IOException {
    input.close();
  }

  private ByteBuffer chunks() throws IOException {
    int height = Math.min(image.chunkHeight(), image.height() - chunkRow * image.chunkHeight());
    long size = (long) height * image.width() * image.decodedBytes();
    int chunkHeight = image.chunkHeight(chunkRow);
    int samples = image.samples();
    long chunkBytes = image.chunkBytes(chunkRow);
    if (size > MAX_CHUNK_BYTES || chunkBytes > MAX_CHUNK_BYTES) {
      throw input.error(
          "an image has parts of "
              + Math.max(size, chunkBytes)
              + " bytes, more than the "
              + MAX_CHUNK_BYTES
              + " that are read into memory; write it with tiles, or strips of fewer rows");
    }
    ByteBuffer target = ByteBuffer.allocate((int) size).order(ByteOrder.LITTLE_ENDIAN);
    for (int column = 0; column < image.across(); column++) {
      int number = chunkRow * image.across() + column;
      if (image.separate()) {
        number += band * image.across() * image.down();
      }
      long stored = image.byteCounts()[number];
      if (stored == 0) {
        // Never written, as GDAL leaves out what has no data.
        continue;
      }
      byte[] chunk = new byte[(int) chunkBytes];
      new Decompressor(input)
          .decompress(
              image.compression(), input.at(image.offsets()[number], stored).array(), chunk);
      place(chunk, unpredicted(chunk, chunkHeight, samples), column, height, samples, target);
    }
    chunkRow++;
    return target;
  }

  /** Undoes the predictor in place and returns the byte order of what is there then. */
  private ByteOrder unpredicted(byte[] chunk, int chunkHeight, int samples) {
    int width = image.chunkWidth();
    int bytes = image.bytes();
    int rowBytes = width * samples * bytes;
    if (image.predictor() == TiffImage.DIFFERENCES) {
      ByteBuffer numbers = ByteBuffer.wrap(chunk).order(input.order());
      for (int row = 0; row < chunkHeight; row++) {
        for (int i = samples; i < width * samples; i++) {
          int at = row * rowBytes + i * bytes;
          int before = at - samples * bytes;
          switch (bytes) {
            case 1 -> chunk[at] += chunk[before];
            case 2 ->
                numbers.putShort(at, (short) (numbers.getShort(at) + numbers.getShort(before)));
            case 4 -> numbers.putInt(at, numbers.getInt(at) + numbers.getInt(before));
            default -> numbers.putLong(at, numbers.getLong(at) + numbers.getLong(before));
          }
        }
      }
    } else if (image.predictor() == TiffImage.FLOAT_DIFFERENCES) {
      byte[] planes = new byte[rowBytes];
      for (int row = 0; row < chunkHeight; row++) {
        int start = row * rowBytes;
        for (int i = samples; i < rowBytes; i++) {
          chunk[start + i] += chunk[start + i - samples];
        }
        // First the highest bytes of all numbers of the row, then the next, and so on.
        System.arraycopy(chunk, start, planes, 0, rowBytes);
        for (int i = 0; i < width * samples; i++) {
          for (int b = 0; b < bytes; b++) {
            chunk[start + i * bytes + b] = planes[b * width * samples + i];
          }
        }
      }
      return ByteOrder.BIG_ENDIAN;
    } else if (image.predictor() != 1) {
      throw input.error(
          "an image has the predictor " + image.predictor() + ", which is not read; write it anew");
    }
    return input.order();
  }

  private void place(
      byte[] chunk, ByteOrder order, int column, int height, int samples, ByteBuffer target) {
    ByteBuffer numbers = ByteBuffer.wrap(chunk).order(order);
    int left = column * image.chunkWidth();
    int width = Math.min(image.chunkWidth(), image.width() - left);
    int sample = image.separate() ? 0 : band;
    boolean asTheyAre =
        image.kind() == TiffImage.Kind.FLOAT && samples == 1 && order == ByteOrder.LITTLE_ENDIAN;
    for (int row = 0; row < height; row++) {
      int to = (row * image.width() + left) * image.decodedBytes();
      int from = (row * image.chunkWidth() * samples + sample) * image.bytes();
      if (asTheyAre) {
        target.put(to, chunk, from, width * image.bytes());
        continue;
      }
      for (int i = 0; i < width; i++) {
        copy(numbers, from, target, to);
        from += samples * image.bytes();
        to += image.decodedBytes();
      }
    }
  }

  private void copy(ByteBuffer numbers, int from, ByteBuffer target, int to) {
    boolean signed = image.kind() == TiffImage.Kind.SIGNED;
    if (image.kind() == TiffImage.Kind.FLOAT) {
      switch (image.bytes()) {
        case 2 -> target.putShort(to, numbers.getShort(from));
        case 4 -> target.putInt(to, numbers.getInt(from));
        default -> target.putLong(to, numbers.getLong(from));
      }
    } else {
      switch (image.bytes()) {
        case 1 -> target.putFloat(to, signed ? numbers.get(from) : numbers.get(from) & 0xff);
        case 2 ->
            target.putFloat(to, signed ? numbers.getShort(from) : numbers.getShort(from) & 0xffff);
        default ->
            target.putDouble(
                to, signed ? numbers.getInt(from) : (double) (numbers.getInt(from) & 0xffffffffL));
      }
    }
  }
}
