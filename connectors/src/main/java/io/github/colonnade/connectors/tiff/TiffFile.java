package io.github.colonnade.connectors.tiff;

import io.github.colonnade.connectors.io.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.core.fs.Path;

/** The images of a TIFF file. Smaller copies of others, and masks, are passed over. */
public final class TiffFile {
  /** Bytes of parts that were never written, beyond the length of the file. */
  static final long MAX_UNWRITTEN_BYTES = 1 << 20;

  private TiffFile() {}

  /** Whether a file that begins so is TIFF. */
  public static boolean hasMagic(byte[] head) {
    return TiffInput.hasMagic(head);
  }

  /**
   * The images in the order of their directories.
   *
   * @throws FormatException if the file is not sound, or has an image that is not read
   * @throws IOException if the storage fails
   */
  public static List<TiffImage> list(Path file) throws IOException {
    try (TiffInput input = TiffInput.open(file)) {
      try {
        return list(input);
      } catch (FormatException e) {
        throw e;
      } catch (RuntimeException e) {
        throw input.unsound(e);
      }
    }
  }

  private static List<TiffImage> list(TiffInput input) throws IOException {
    List<TiffImage> images = new ArrayList<>();
    Set<Long> seen = new HashSet<>();
    long unwritten = 0;
    long bands = 0;
    long offset = input.firstDirectory();
    while (offset != 0) {
      if (!seen.add(offset)) {
        throw input.corrupt("its directories follow each other in a circle");
      }
      TiffImage.Directory directory = TiffImage.directory(input, offset);
      if (!TiffImage.isExtra(directory)) {
        TiffImage image = TiffImage.of(input, offset, directory);
        unwritten += image.check(input);
        bands += image.bands();
        if (unwritten > input.fileBytes() + MAX_UNWRITTEN_BYTES || bands > TiffImage.MAX_BANDS) {
          throw input.corrupt("its images claim more than it can hold");
        }
        images.add(image.withoutChunks(input));
      }
      offset = directory.next();
    }
    return images;
  }

  /**
   * The numbers of one band, row after row, little-endian; integers as floats.
   *
   * @param offset of the image
   * @throws FormatException if the file is not sound
   * @throws IOException if the storage fails
   */
  public static InputStream open(Path file, long offset, int band) throws IOException {
    TiffInput input = TiffInput.open(file);
    try {
      TiffImage image = TiffImage.of(input, offset, TiffImage.directory(input, offset));
      image.check(input);
      if (band >= image.bands()) {
        throw input.corrupt("an image has lost its band " + band);
      }
      return new BandInputStream(input, image, band);
    } catch (FormatException | IOException e) {
      input.close();
      throw e;
    } catch (RuntimeException e) {
      input.close();
      throw input.unsound(e);
    }
  }
}
