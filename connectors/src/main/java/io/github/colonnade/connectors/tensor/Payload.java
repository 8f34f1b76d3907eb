package io.github.colonnade.connectors.tensor;

import java.io.Serializable;

/**
 * Where the bytes of a tensor lie. Only text, numbers and enums, so that it ships cheaply; {@link
 * TensorReader} reads it.
 */
public sealed interface Payload extends Serializable {
  /** URI of the file that holds the bytes. */
  String path();

  /** How the elements lie there. */
  Arrangement arrangement();

  /** Whether a part of the canonical payload can be read without what lies before it. */
  default boolean isDirect() {
    return false;
  }

  /**
   * A plain range of a file.
   *
   * @param path URI of the file
   * @param offset first byte
   * @param length bytes
   * @param arrangement how the elements lie
   */
  record ByteRange(String path, long offset, long length, Arrangement arrangement)
      implements Payload {
    @Override
    public boolean isDirect() {
      return arrangement == Arrangement.CANONICAL;
    }
  }

  /**
   * Part of a member of a zip archive. The member is found by its offset: the archive's directory
   * is not read again.
   *
   * @param path URI of the archive
   * @param entry the member's name, for messages
   * @param method how the member is compressed
   * @param offset first byte of the member's compressed data in the archive
   * @param compressedLength bytes of the compressed data
   * @param skip bytes of the inflated member before the tensor's first
   * @param length bytes of the tensor; the member ends with them
   * @param crc32 checksum of the inflated member, verified when the whole tensor is read
   * @param arrangement how the elements lie
   */
  record ZipEntryRange(
      String path,
      String entry,
      ZipMethod method,
      long offset,
      long compressedLength,
      long skip,
      long length,
      long crc32,
      Arrangement arrangement)
      implements Payload {
    @Override
    public boolean isDirect() {
      return method == ZipMethod.STORED && arrangement == Arrangement.CANONICAL;
    }
  }

  /** Compression of a zip member. */
  enum ZipMethod {
    /** Not compressed. */
    STORED,
    /** Deflate. */
    DEFLATED
  }

  /**
   * The elements of a repeated field of a protobuf message: varints, or numbers of fixed width that
   * do not lie in one piece.
   *
   * @param path URI of the file
   * @param offset first byte of the message that has the field
   * @param length bytes of the message
   * @param field the field's number
   * @param encoding how one element is written
   */
  record ProtobufField(String path, long offset, int length, int field, FieldEncoding encoding)
      implements Payload {
    @Override
    public Arrangement arrangement() {
      return Arrangement.CANONICAL;
    }
  }

  /**
   * Numbers of fewer bits, a range of a GGUF file. They are read as F32.
   *
   * @param path URI of the file
   * @param offset first byte
   * @param length bytes in the file
   * @param quantization how the numbers are kept
   */
  record Quantized(String path, long offset, long length, Quantization quantization)
      implements Payload {

    /**
     * @throws IllegalArgumentException if the bytes are not whole blocks
     */
    public Quantized {
      if (length % quantization.blockBytes() != 0) {
        throw new IllegalArgumentException(
            length + " bytes are not whole blocks of " + quantization);
      }
    }

    /** Numbers in these bytes. */
    public long elements() {
      return length / quantization.blockBytes() * quantization.blockElements();
    }

    @Override
    public Arrangement arrangement() {
      return Arrangement.CANONICAL;
    }

    @Override
    public boolean isDirect() {
      return true;
    }
  }

  /**
   * Numbers that the reader of a kind of file finds and decodes.
   *
   * @param path URI of the file
   * @param container kind of the file
   * @param offset where in the file it begins to read
   * @param plane which of the planes of numbers that are there is the first of the tensor
   * @param planes how many planes the tensor has. Each has all its dimensions but a part of the
   *     first; they lie one after another in the canonical payload
   * @param arrangement how the elements of a plane lie once they are decoded
   */
  record Decoded(
      String path, Container container, long offset, int plane, int planes, Arrangement arrangement)
      implements Payload {}

  /** Kinds of files whose numbers are decoded. */
  enum Container {
    /** MAT-file of level 5; a plane is the real or the imaginary parts of a variable. */
    MATLAB,
    /** HDF5, by the address of a data set's header; a plane is the real or the imaginary parts. */
    HDF5,
    /** TIFF, by the offset of an image's directory; a plane is a band. */
    TIFF,
    /** Matrix Market; a plane is the real or the imaginary parts. */
    MATRIX_MARKET
  }

  /** How a protobuf field writes one number. */
  enum FieldEncoding {
    /** One to ten bytes of seven bits. */
    VARINT,
    /** Four bytes, little-endian. */
    FIXED32,
    /** Eight bytes, little-endian. */
    FIXED64
  }
}
