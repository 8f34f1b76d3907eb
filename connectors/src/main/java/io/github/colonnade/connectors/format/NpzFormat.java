package io.github.colonnade.connectors.format;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.connectors.io.RootCause;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.TensorInfo;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.apache.flink.core.fs.Path;

/**
 * Several arrays in a zip archive, as numpy saves them, stored or deflated. Tensors have the
 * members' names without {@code .npy}.
 *
 * <p>Against archives made to do harm: members must not overlap, no member may claim more than
 * deflate can hold, only headers are inflated here, and the reader inflates no more than the
 * array's shape says, which must agree with the member's size.
 */
public final class NpzFormat implements TensorFormat {
  /** Deflate cannot shrink anything further than this. */
  private static final long MAX_DEFLATE_RATIO = 1032;

  @Override
  public String name() {
    return "npz";
  }

  @Override
  public boolean acceptsName(String fileName) {
    return fileName.endsWith(".npz");
  }

  @Override
  public boolean acceptsContent(byte[] head) {
    return head.length >= 4
        && head[0] == 'P'
        && head[1] == 'K'
        && ((head[2] == 3 && head[3] == 4) || (head[2] == 5 && head[3] == 6));
  }

  @Override
  public List<TensorInfo> list(Path file) throws IOException {
    long fileBytes = InputFiles.length(file);
    try (FileChannelView channel = new FileChannelView(file, fileBytes);
        ZipFile zip = ZipFile.builder().setSeekableByteChannel(channel).get()) {
      return list(file, fileBytes, zip);
    } catch (FormatException | FileChannelView.StorageException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // The zip library reports unsound bytes with exceptions of many kinds.
      throw FormatException.of(
              file.toString(),
              "it is not a sound zip archive ("
                  + RootCause.of(e).getMessage()
                  + "); get the file again")
          .causedBy(e);
    }
  }

  private static List<TensorInfo> list(Path file, long fileBytes, ZipFile zip) throws IOException {
    String source = file.toString();
    List<TensorInfo> tensors = new ArrayList<>();
    Set<String> names = new HashSet<>();
    long free = 0;
    for (ZipArchiveEntry entry : Collections.list(zip.getEntriesInPhysicalOrder())) {
      String member = entry.getName();
      if (entry.isDirectory()) {
        continue;
      }
      if (member.endsWith("data.pkl")) {
        throw FormatException.of(source, PickleRefusal.REASON);
      }
      if (!member.endsWith(NpyFormat.ENDING)) {
        throw FormatException.of(
            source, member, "this member of the archive is no npy array; take it out");
      }
      String name = NpyFormat.baseName(member);
      if (!names.add(name)) {
        throw FormatException.of(source, name, "it is in the archive twice; take one out");
      }
      long start = dataOffset(source, name, zip, entry);
      long end = checkedEnd(source, name, entry, start, fileBytes);
      if (start < free) {
        throw FormatException.of(
            source, name, "its data overlaps that of another member; the file is corrupt");
      }
      free = end;
      tensors.add(tensor(file, name, entry, start));
    }
    return tensors;
  }

  private static long dataOffset(String source, String name, ZipFile zip, ZipArchiveEntry entry)
      throws IOException {
    // Opening a member is what makes the library find where its data begins.
    try (InputStream raw = zip.getRawInputStream(entry)) {
      if (raw == null) {
        throw FormatException.of(
            source, name, "its data is not in the archive; get the file again");
      }
    }
    return entry.getDataOffset();
  }

  private static long checkedEnd(
      String source, String name, ZipArchiveEntry entry, long start, long fileBytes) {
    if (entry.getGeneralPurposeBit().usesEncryption()) {
      throw FormatException.of(source, name, "it is encrypted; save it without a password");
    }
    if (entry.getMethod() != ZipArchiveEntry.STORED
        && entry.getMethod() != ZipArchiveEntry.DEFLATED) {
      throw FormatException.of(
          source,
          name,
          "its compression method "
              + entry.getMethod()
              + " is not supported; save it with numpy.savez or numpy.savez_compressed");
    }
    long compressed = entry.getCompressedSize();
    long size = entry.getSize();
    boolean stored = entry.getMethod() == ZipArchiveEntry.STORED;
    if (start < 0 || compressed < 0 || size < 0 || compressed > fileBytes - start) {
      throw FormatException.of(
          source,
          name,
          "its data of "
              + compressed
              + " bytes reaches beyond the end of the file; it is truncated, get it again");
    }
    if (stored ? size != compressed : size / MAX_DEFLATE_RATIO > compressed) {
      throw FormatException.of(
          source,
          name,
          "it claims to hold "
              + size
              + " bytes in "
              + compressed
              + ", which cannot be; the file is corrupt");
    }
    return start + compressed;
  }

  private static TensorInfo tensor(Path file, String name, ZipArchiveEntry entry, long start)
      throws IOException {
    String source = file.toString();
    boolean deflated = entry.getMethod() == ZipArchiveEntry.DEFLATED;
    Inflater inflater = new Inflater(true);
    NpyHeader header;
    try (InputStream raw = InputFiles.range(file, start, entry.getCompressedSize());
        InputStream in = deflated ? new InflaterInputStream(raw, inflater) : raw) {
      header = NpyHeader.read(source, name, in);
    } finally {
      inflater.end();
    }
    Payload payload =
        new Payload.ZipEntryRange(
            source,
            entry.getName(),
            deflated ? Payload.ZipMethod.DEFLATED : Payload.ZipMethod.STORED,
            start,
            entry.getCompressedSize(),
            header.bytes(),
            entry.getSize() - header.bytes(),
            entry.getCrc(),
            header.arrangement());
    return header.tensor(source, name, payload);
  }
}
