package io.github.colonnade.connectors.format;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.Arrangement;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tiff.TiffFile;
import io.github.colonnade.connectors.tiff.TiffImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.flink.core.fs.Path;

/**
 * The bands of the images of a TIFF or GeoTIFF file, each a matrix of rows×columns. They have the
 * file's name without its ending, followed by the numbers of the image and of the band where there
 * are several. Integers of 8 and 16 bits are read as F32, those of 32 bits as F64, exactly.
 */
public final class TiffFormat implements TensorFormat {
  @Override
  public String name() {
    return "tiff";
  }

  @Override
  public boolean acceptsName(String fileName) {
    String lower = fileName.toLowerCase(Locale.ROOT);
    return lower.endsWith(".tif") || lower.endsWith(".tiff");
  }

  @Override
  public boolean acceptsContent(byte[] head) {
    return TiffFile.hasMagic(head);
  }

  @Override
  public List<TensorInfo> list(Path file) throws IOException {
    String source = file.toString();
    List<TiffImage> images = TiffFile.list(file);
    List<TensorInfo> tensors = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      TiffImage image = images.get(i);
      String name = baseName(file.getName()) + (images.size() > 1 ? "/" + (i + 1) : "");
      for (int band = 0; band < image.bands(); band++) {
        tensors.add(
            tensor(source, image.bands() > 1 ? name + "/" + (band + 1) : name, image, band));
      }
    }
    return tensors;
  }

  private String baseName(String fileName) {
    return acceptsName(fileName) ? fileName.substring(0, fileName.lastIndexOf('.')) : fileName;
  }

  private static TensorInfo tensor(String source, String name, TiffImage image, int band) {
    DType dtype =
        switch (image.decodedBytes()) {
          case 2 -> DType.F16;
          case 4 -> DType.F32;
          default -> DType.F64;
        };
    try {
      return new TensorInfo(
          source,
          name,
          dtype,
          Shape.of(image.height(), image.width()),
          payload(source, dtype, image, band));
    } catch (IllegalArgumentException e) {
      throw FormatException.of(source, name, e.getMessage() + "; the file is corrupt").causedBy(e);
    }
  }

  private static Payload payload(String source, DType dtype, TiffImage image, int band) {
    if (image.plain().isPresent()) {
      return new Payload.ByteRange(
          source,
          image.plain().getAsLong(),
          dtype.payloadBytes((long) image.height() * image.width()),
          Arrangement.CANONICAL);
    }
    return new Payload.Decoded(
        source, Payload.Container.TIFF, image.offset(), band, 1, Arrangement.CANONICAL);
  }
}
