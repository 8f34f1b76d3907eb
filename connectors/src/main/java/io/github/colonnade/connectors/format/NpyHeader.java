package io.github.colonnade.connectors.format;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.Arrangement;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * The header of an npy array, versions 1 to 3: magic, version, length, and a Python dictionary of
 * exactly {@code descr}, {@code fortran_order} and {@code shape}.
 *
 * @param bytes length of the header with all before the data
 * @param dtype element type
 * @param arrangement how the elements lie
 * @param shape dimensions
 */
record NpyHeader(int bytes, DType dtype, Arrangement arrangement, Shape shape) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_TEXT_BYTES = 1 << 16;

  static boolean hasMagic(byte[] head) {
    if (head.length < MAGIC.length) {
      return false;
    }
    for (int i = 0; i < MAGIC.length; i++) {
      if (head[i] != MAGIC[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Reads a header; {@code in} is left behind it.
   *
   * @throws FormatException if there is none, or the array is of a kind that is not read
   */
  static NpyHeader read(String source, String name, InputStream in) throws IOException {
    byte[] start = in.readNBytes(MAGIC.length + 2);
    if (start.length < MAGIC.length + 2 || !hasMagic(start)) {
      throw FormatException.of(
          source, name, "it does not begin as a numpy array does; get the file again");
    }
    int version = start[MAGIC.length];
    if (version < 1 || version > 3 || start[MAGIC.length + 1] != 0) {
      throw FormatException.of(
          source,
          name,
          "its npy version "
              + version
              + "."
              + start[MAGIC.length + 1]
              + " is not known; save it with version 1.0 to 3.0");
    }
    int lengthBytes = version == 1 ? Short.BYTES : Integer.BYTES;
    byte[] length = in.readNBytes(lengthBytes);
    long textBytes = 0;
    for (int i = length.length - 1; i >= 0; i--) {
      textBytes = textBytes << 8 | (length[i] & 0xff);
    }
    if (length.length < lengthBytes || textBytes > MAX_TEXT_BYTES) {
      throw FormatException.of(
          source,
          name,
          "its header of " + textBytes + " bytes is cut off or too long; get the file again");
    }
    byte[] text = in.readNBytes((int) textBytes);
    if (text.length < textBytes) {
      throw FormatException.of(source, name, "its header is cut off; get the file again");
    }
    Charset charset = version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
    NpyDictionary dictionary = NpyDictionary.parse(source, name, new String(text, charset));
    return new NpyHeader(
        start.length + lengthBytes + text.length,
        dtype(source, name, dictionary.descr()),
        arrangement(dictionary),
        shape(source, name, dictionary));
  }

  /** The tensor of this header with its data at {@code payload}. */
  TensorInfo tensor(String source, String name, Payload payload) {
    try {
      return new TensorInfo(source, name, dtype, shape, payload);
    } catch (IllegalArgumentException e) {
      throw FormatException.of(source, name, e.getMessage() + "; get the file again").causedBy(e);
    }
  }

  private static DType dtype(String source, String name, String descr) {
    char order = descr.isEmpty() ? ' ' : descr.charAt(0);
    String type = descr.isEmpty() ? "" : descr.substring(1);
    DType dtype =
        switch (type) {
          case "b1" -> DType.BOOL;
          case "i1" -> DType.I8;
          case "u1" -> DType.U8;
          case "i2" -> DType.I16;
          case "u2" -> DType.U16;
          case "i4" -> DType.I32;
          case "u4" -> DType.U32;
          case "i8" -> DType.I64;
          case "u8" -> DType.U64;
          case "f2" -> DType.F16;
          case "f4" -> DType.F32;
          case "f8" -> DType.F64;
          case "c8" -> DType.C64;
          case "O" -> throw FormatException.of(source, name, PickleRefusal.REASON);
          default -> throw unknown(source, name, descr);
        };
    boolean ordered = order == '<' || order == '>' || (order == '|' && dtype.sizeBytes() == 1);
    if (!ordered) {
      throw unknown(source, name, descr);
    }
    return dtype;
  }

  private static Arrangement arrangement(NpyDictionary dictionary) {
    boolean big = dictionary.descr().startsWith(">");
    if (dictionary.fortranOrder()) {
      return big ? Arrangement.COLUMN_MAJOR_BIG_ENDIAN : Arrangement.COLUMN_MAJOR;
    }
    return big ? Arrangement.BIG_ENDIAN : Arrangement.CANONICAL;
  }

  private static Shape shape(String source, String name, NpyDictionary dictionary) {
    try {
      return Shape.of(dictionary.shape());
    } catch (IllegalArgumentException e) {
      throw FormatException.of(source, name, e.getMessage() + "; get the file again").causedBy(e);
    }
  }

  private static FormatException unknown(String source, String name, String descr) {
    return FormatException.of(
        source,
        name,
        "its dtype "
            + FormatException.oneLine(descr)
            + " is not supported; save it as float16, float32, float64, complex64, bool or an"
            + " integer type");
  }
}
