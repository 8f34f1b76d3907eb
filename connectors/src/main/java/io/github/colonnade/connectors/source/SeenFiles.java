package io.github.colonnade.connectors.source;

import io.github.colonnade.connectors.source.InvertibleTable.Difference;
import io.github.colonnade.connectors.source.InvertibleTable.Element;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which files have been taken, in memory that does not grow with their number.
 *
 * <p>The <b>watermark</b> is the time of the newest file taken, less the lateness. Files that are
 * newer than it are remembered one by one: 128 bits of the path's SHA-256, time, size. All others
 * are in an {@link InvertibleTable} of constant size. Its difference to the table of what is listed
 * tells which files at or below the watermark are new, gone, or there in another version, as long
 * as these are not more than about eleven thousand at a time.
 *
 * <p>If they are more, a quarter of the table or all of it cannot be decoded. If more files are
 * listed than were taken there, at least that many are not known by name: they are counted as
 * untold. If fewer, files were deleted. Either way that part of the table is set to what is listed,
 * so that the next difference is small again. In such a listing a file that was written again
 * cannot be told from a new one.
 *
 * <p>A path is taken for another if 128 bits of SHA-256 are equal, or, to tell whether a file that
 * is gone is there in another version, 64 bits. For d that are gone and n that are not known, the
 * latter happens with a probability below d·n/2⁶⁴, 6·10⁻¹⁰ for d = 11,000 and n = 10⁶.
 *
 * <p>Invariants: (1) a path is either among the files that are remembered one by one or in the
 * table, and in one version; (2) the former are newer than the watermark; (3) the watermark never
 * falls.
 */
final class SeenFiles {

  private static final int VERSION = 1;

  /** When so many are remembered one by one, it is worth a look which are below the watermark. */
  private static final int MANY = 4096;

  /**
   * @param given whether its tensors were given. If not, it was refused, and another version may be
   *     taken
   */
  private record Version(long modifiedMillis, long sizeBytes, boolean given) {
    boolean isOf(WatchedFile file) {
      return modifiedMillis == file.modifiedMillis() && sizeBytes == file.sizeBytes();
    }
  }

  /**
   * What a listing has that was not taken, and the other way round.
   *
   * @param fresh files to take that are newer than the watermark, in their order
   * @param late files to take that are not, in their order
   * @param rewritten files whose earlier version was given
   * @param deleted how many files are gone
   * @param untold at least so many files at or below the watermark are new and cannot be told
   */
  record Changes(
      List<WatchedFile> fresh,
      List<WatchedFile> late,
      List<WatchedFile> rewritten,
      long deleted,
      long untold) {}

  private final long latenessMillis;
  private final Map<FileKey, Version> single = new HashMap<>();
  private final InvertibleTable table;
  private long newestMillis;
  private long watermarkMillis;

  /** How many were remembered one by one after the last look. */
  private int singleAfterSpill;

  /** Nothing has been taken yet. */
  SeenFiles(long latenessMillis) {
    this(latenessMillis, new InvertibleTable(), Long.MIN_VALUE, Long.MIN_VALUE);
  }

  private SeenFiles(
      long latenessMillis, InvertibleTable table, long newestMillis, long watermarkMillis) {
    this.latenessMillis = latenessMillis;
    this.table = table;
    this.newestMillis = newestMillis;
    this.watermarkMillis = watermarkMillis;
  }

  /**
   * Remembers a file that was taken.
   *
   * @param given whether its tensors were given; false if it was refused
   * @param nowMillis a file's time counts as no later than this, so that one with a time in the
   *     future does not make all others late
   */
  void add(WatchedFile file, boolean given, long nowMillis) {
    put(file, given, nowMillis);
    if (single.size() > 2 * singleAfterSpill + MANY) {
      spill();
    }
  }

  private void put(WatchedFile file, boolean given, long nowMillis) {
    single.remove(file.key());
    newestMillis = Math.max(newestMillis, Math.min(file.modifiedMillis(), nowMillis));
    if (file.modifiedMillis() > watermarkMillis) {
      single.put(file.key(), new Version(file.modifiedMillis(), file.sizeBytes(), given));
    } else {
      table.add(element(file.key(), file.modifiedMillis(), file.sizeBytes()));
    }
  }

  /** Moves the watermark, and files that are not above it any more into the table. */
  private void spill() {
    if (newestMillis == Long.MIN_VALUE) {
      return;
    }
    watermarkMillis = Math.max(watermarkMillis, newestMillis - latenessMillis);
    Iterator<Map.Entry<FileKey, Version>> entries = single.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<FileKey, Version> entry = entries.next();
      Version version = entry.getValue();
      if (version.modifiedMillis() <= watermarkMillis) {
        table.add(element(entry.getKey(), version.modifiedMillis(), version.sizeBytes()));
        entries.remove();
      }
    }
    singleAfterSpill = single.size();
  }

  private static Element element(FileKey key, long modifiedMillis, long sizeBytes) {
    long version = InvertibleTable.mix(modifiedMillis + InvertibleTable.mix(sizeBytes));
    return new Element(key.high(), InvertibleTable.mix(key.low() ^ version));
  }

  private static Element element(WatchedFile file) {
    return element(file.key(), file.modifiedMillis(), file.sizeBytes());
  }

  /**
   * Compares a listing with what was taken. Forgets files that are gone, and remembers rewritten
   * files in their new version; files to take are not remembered before {@link #add}.
   *
   * @param listed all files, each once
   * @param settled whether a file is not being written any more; others are neither taken nor
   *     rewritten yet
   * @param complete whether a file that is not listed is gone. If not, nothing is forgotten
   * @param nowMillis as for {@link #add}
   */
  Changes compare(
      Collection<WatchedFile> listed,
      Predicate<WatchedFile> settled,
      boolean complete,
      long nowMillis) {
    return new Comparison(settled, complete, nowMillis).of(listed);
  }

  /** One listing against what was taken. */
  private final class Comparison {
    private final Predicate<WatchedFile> settled;
    private final boolean complete;
    private final long nowMillis;
    private final Map<FileKey, WatchedFile> fresh = new HashMap<>();
    private final Map<FileKey, WatchedFile> late = new HashMap<>();
    private final List<WatchedFile> rewritten = new ArrayList<>();
    private long deleted;
    private long untold;

    Comparison(Predicate<WatchedFile> settled, boolean complete, long nowMillis) {
      this.settled = settled;
      this.complete = complete;
      this.nowMillis = nowMillis;
    }

    Changes of(Collection<WatchedFile> listed) {
      spill();
      compareTable(compareSingle(listed));
      fresh.values().removeIf(settled.negate());
      late.values().removeIf(settled.negate());
      rewritten.sort(WatchedFile.ORDER);
      return new Changes(
          fresh.values().stream().sorted(WatchedFile.ORDER).toList(),
          late.values().stream().sorted(WatchedFile.ORDER).toList(),
          rewritten,
          deleted,
          untold);
    }

    /** Deals with the files that are remembered one by one; returns those for the table. */
    private List<WatchedFile> compareSingle(Collection<WatchedFile> listed) {
      List<WatchedFile> old = new ArrayList<>();
      Set<FileKey> present = new HashSet<>();
      for (WatchedFile file : listed) {
        Version version = single.get(file.key());
        if (version == null) {
          if (file.modifiedMillis() > watermarkMillis) {
            fresh.put(file.key(), file);
          } else {
            old.add(file);
          }
          continue;
        }
        present.add(file.key());
        if (version.isOf(file) || !settled.test(file)) {
          continue;
        }
        if (!version.given()) {
          (file.modifiedMillis() > watermarkMillis ? fresh : late).put(file.key(), file);
          continue;
        }
        rewritten.add(file);
        put(file, true, nowMillis);
        if (file.modifiedMillis() <= watermarkMillis) {
          old.add(file);
        }
      }
      if (complete) {
        int before = single.size();
        single.keySet().retainAll(present);
        deleted += before - single.size();
      }
      return old;
    }

    private void compareTable(List<WatchedFile> old) {
      InvertibleTable now = new InvertibleTable();
      for (WatchedFile file : old) {
        now.add(element(file));
      }
      Difference difference = now.minus(table);
      findLate(old, new HashSet<>(difference.more()));
      findGone(difference.fewer());
      if (complete) {
        for (int part : difference.undecoded()) {
          untold += Math.max(0, now.size(part) - table.size(part));
          table.copyPart(part, now);
        }
      }
    }

    private void findLate(List<WatchedFile> old, Set<Element> more) {
      if (!more.isEmpty()) {
        for (WatchedFile file : old) {
          if (more.contains(element(file))) {
            late.put(file.key(), file);
          }
        }
      }
    }

    private void findGone(List<Element> gone) {
      if (gone.isEmpty()) {
        return;
      }
      Map<Long, WatchedFile> others = new HashMap<>();
      fresh.values().forEach(file -> others.put(file.key().high(), file));
      late.values().forEach(file -> others.put(file.key().high(), file));
      for (Element element : gone) {
        WatchedFile file = others.get(element.key());
        if (file == null) {
          if (complete) {
            table.remove(element);
            deleted++;
          }
        } else if (settled.test(file)) {
          others.remove(element.key());
          fresh.remove(file.key());
          late.remove(file.key());
          table.remove(element);
          put(file, true, nowMillis);
          rewritten.add(file);
        }
      }
    }
  }

  /** An independent copy. */
  SeenFiles copy() {
    SeenFiles copy = new SeenFiles(latenessMillis, table.copy(), newestMillis, watermarkMillis);
    copy.single.putAll(single);
    copy.singleAfterSpill = singleAfterSpill;
    return copy;
  }

  void write(DataOutput out) throws IOException {
    out.writeByte(VERSION);
    out.writeLong(newestMillis);
    out.writeLong(watermarkMillis);
    out.writeInt(singleAfterSpill);
    out.writeInt(single.size());
    for (Map.Entry<FileKey, Version> entry : single.entrySet()) {
      out.writeLong(entry.getKey().high());
      out.writeLong(entry.getKey().low());
      out.writeLong(entry.getValue().modifiedMillis());
      out.writeLong(entry.getValue().sizeBytes());
      out.writeBoolean(entry.getValue().given());
    }
    table.write(out);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param latenessMillis of this run; it may be another than before, which moves the watermark
   *     only forward
   */
  static SeenFiles read(long latenessMillis, DataInput in) throws IOException {
    int version = in.readByte();
    if (version != VERSION) {
      throw new IOException("seen files of version " + version + "; this program reads " + VERSION);
    }
    long newest = in.readLong();
    long watermark = in.readLong();
    int singleAfterSpill = in.readInt();
    Map<FileKey, Version> single = new HashMap<>();
    for (int left = in.readInt(); left > 0; left--) {
      single.put(
          new FileKey(in.readLong(), in.readLong()),
          new Version(in.readLong(), in.readLong(), in.readBoolean()));
    }
    SeenFiles seen = new SeenFiles(latenessMillis, InvertibleTable.read(in), newest, watermark);
    seen.single.putAll(single);
    seen.singleAfterSpill = singleAfterSpill;
    return seen;
  }
}
