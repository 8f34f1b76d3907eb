package io.github.colonnade.jobs.stored;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.io.InputFiles;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.manifest.CollectionReader;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.ManifestException;
import io.github.colonnade.jobs.manifest.ManifestReader;
import io.github.colonnade.jobs.manifest.ManifestVisitor;
import io.github.colonnade.jobs.manifest.ManifestWriter;
import io.github.colonnade.jobs.manifest.Root;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.Settings;
import io.github.colonnade.jobs.manifest.SettingsOfSegments;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.flink.core.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * A collection that grows: manifests, the segments, are put into it one after another. Every file
 * that a segment names must be complete in the directory before the segment is.
 *
 * <p>Each step is a file that appears in one step, the root last, so a run that ends anywhere
 * leaves the collection as it was before the step or after it. There may be one writer at a time:
 * what another one has written in the meantime is found, but only when this one writes again.
 */
public final class Segments {
  /** The directory in a collection for the files that segments name. */
  public static final String DATA = "data";

  private final String shown;
  private final Path directory;
  private final CollectionReader.Files files;

  /** Where the segments will be, if there are none yet. */
  private final String newName = "segments-" + UUID.randomUUID().toString().substring(0, 8);

  private State state = State.NOTHING;
  private Optional<Root> root = Optional.empty();

  /** Of the first segment, or of the plain manifest. */
  private @Nullable Settings settings;

  private enum State {
    NOTHING,
    PLAIN,
    GROWING
  }

  private Segments(String shown, Path directory) {
    this.shown = shown;
    this.directory = directory;
    this.files = CompressedCollection.files(directory);
  }

  /**
   * Looks what is in a directory, which need not exist.
   *
   * @param directory a path or a URI
   * @throws UsageException if it cannot be read
   * @throws ManifestException if what is there is not sound
   */
  public static Segments open(String directory) throws IOException {
    try {
      Segments segments = new Segments(directory, InputFiles.qualify(directory));
      segments.look();
      segments.requireNoLinks();
      return segments;
    } catch (FormatException e) {
      throw new UsageException(directory + ": " + e.reason(), e);
    }
  }

  /** Checks that what is written here stays here. */
  private void requireNoLinks() {
    List<String> written = new ArrayList<>(List.of(DATA));
    root.ifPresent(each -> written.add(each.directory()));
    for (String name : written) {
      if (Links.isOnTheWay(directory, name)) {
        throw new UsageException(
            shown
                + ": "
                + name
                + " is a link, and nothing is written through links; put the"
                + " directory itself there");
      }
    }
  }

  /** Reads the root again, and the settings if they are not known. */
  private void look() throws IOException {
    SettingsOnly plain = new SettingsOnly();
    try {
      root = CollectionReader.readRoot(files, plain);
    } catch (FileNotFoundException e) {
      root = Optional.empty();
      state = State.NOTHING;
      settings = null;
      return;
    }
    state = root.isPresent() ? State.GROWING : State.PLAIN;
    if (root.isEmpty()) {
      settings = plain.found;
    } else if (settings == null) {
      settings = firstSettings(root.get());
    }
  }

  private @Nullable Settings firstSettings(Root root) throws IOException {
    String file = root.file(1);
    SettingsOnly first = new SettingsOnly();
    try (InputStream in = files.open(file)) {
      ManifestReader.read(in, file, first);
    } catch (FileNotFoundException e) {
      throw new UsageException(shown + ": there is no " + file + ", which the root counts", e);
    }
    return first.found;
  }

  /** The root as it was when this was opened, or written since; none if there is none. */
  public Optional<Root> root() {
    return root;
  }

  /** Whether there is a collection with one manifest, which must be adopted before it grows. */
  public boolean isPlain() {
    return state == State.PLAIN;
  }

  /**
   * The settings that every further segment must have, apart from its inputs; none if it is free.
   */
  public Optional<Settings> settings() {
    return Optional.ofNullable(settings);
  }

  /**
   * Checks, before any work, that files can be written in one step here.
   *
   * @throws UsageException if the file system cannot
   */
  public void requireSupport() throws IOException {
    AtomicFile.requireSupport(shown, directory);
  }

  /**
   * Puts the next segment into the collection. One that is there already, byte for byte, is left as
   * it is, so that a run that does not know how far it came may do this again.
   *
   * @param number of the segment, from 1
   * @param manifest its bytes
   * @param open whether tensors that were found are yet to come
   * @throws UsageException if another segment of this number is there, or those before it are not,
   *     or if it does not fit the first
   * @throws ManifestException if {@code manifest} is not sound
   */
  public void publish(long number, byte[] manifest, boolean open) throws IOException {
    if (number < 1) {
      throw new IllegalArgumentException("number: expected at least 1, got " + number);
    }
    look();
    if (isPlain()) {
      throw new UsageException(
          shown + ": another run has written a collection here; give a new output");
    }
    long count = root.map(Root::count).orElse(0L);
    if (number > count + 1) {
      throw new UsageException(
          shown
              + ": it has "
              + count
              + " segments, so that number "
              + number
              + " cannot be next: it was written again by another run, or this run began with"
              + " another output; restore from the newest checkpoint, or give a new output");
    }
    if (number <= count) {
      requireSame(root.orElseThrow().file(number), manifest);
      return;
    }
    Root next = root.map(old -> old.next(open)).orElseGet(() -> new Root(newName, 1, open));
    Settings own = requireFit(manifest, next.file(number));
    AtomicFile.write(new Path(directory, next.file(number)), out -> out.write(manifest));
    write(next);
    if (settings == null) {
      settings = own;
    }
  }

  /**
   * Makes a collection with one manifest one that can grow: its manifest becomes the first segment.
   *
   * @throws UsageException if it cannot grow
   */
  public void adopt() throws IOException {
    look();
    if (!isPlain()) {
      throw new IllegalStateException(shown + " is no collection with one manifest");
    }
    if (settings != null && settings.scope() == Scope.COLLECTION) {
      throw new UsageException(
          shown
              + ": a collection whose limit is on the joint error of all blocks cannot grow;"
              + " compress everything again, or with another --scope");
    }
    Root first = new Root(newName, 1, false);
    try (InputStream in = files.open(Manifest.FILE_NAME)) {
      AtomicFile.write(new Path(directory, first.file(1)), in::transferTo);
    }
    write(first);
  }

  /**
   * Puts one segment in the place of all that are there. Readers see these or that.
   *
   * @param expected the root whose segments have the same tensors
   * @param manifest the bytes of the new segment
   * @throws UsageException if there is another root by now, or a stream adds to it
   */
  public void replace(Root expected, byte[] manifest) throws IOException {
    look();
    if (!root.equals(Optional.of(expected)) || expected.open()) {
      throw new UsageException(
          shown + ": another run has added to it in the meantime; compact it again");
    }
    Root next = new Root(newName, 1, false);
    requireFit(manifest, next.file(1));
    AtomicFile.write(new Path(directory, next.file(1)), out -> out.write(manifest));
    write(next);
  }

  /** Says that all that was found is here. */
  public void finish() throws IOException {
    look();
    Root now =
        root.orElseThrow(() -> new IllegalStateException(shown + " has no segments to finish"));
    if (now.open()) {
      write(now.closed());
    }
  }

  /**
   * Removes what earlier runs left unfinished or replaced: safetensors files that no manifest
   * names, files that were not completed, and segments that do not count. Nothing is removed while
   * there is no manifest that tells.
   *
   * @param owner who asks
   * @return what was removed
   * @throws UsageException if it is still written to, and not by this owner
   */
  public List<Path> clean(Owner owner) throws IOException {
    look();
    if (state == State.NOTHING) {
      return List.of();
    }
    if (owner == Owner.NOT_ME && root.isPresent() && root.get().open()) {
      throw new UsageException(
          shown + ": a run still adds to it, or was ended before it was complete; let it finish");
    }
    return new Leftovers(directory, root).remove(files);
  }

  /**
   * Whether a segment, or the plain manifest, names files whose names begin so.
   *
   * @param start of the name relative to the collection, as {@code data/000002/}
   */
  public boolean names(String start) throws IOException {
    Manifest manifest = CompressedCollection.open(shown).manifest();
    return Leftovers.files(manifest).stream().anyMatch(each -> each.startsWith(start));
  }

  /**
   * Removes the files and segments of a collection that was {@link #replace replaced}; none that
   * are named now.
   *
   * @param old the manifest of the replaced segments
   * @param oldRoot their root
   */
  public void removeReplaced(Manifest old, Root oldRoot) throws IOException {
    CollectionLock lock = CollectionLock.of(directory);
    try {
      look();
      Set<String> files = Leftovers.files(old);
      files.removeAll(Leftovers.files(CompressedCollection.open(shown).manifest()));
      for (String file : files) {
        if (!Links.isOnTheWay(directory, file)) {
          directory.getFileSystem().delete(new Path(directory, file), false);
        }
      }
      if (root.isPresent()
          && !root.get().directory().equals(oldRoot.directory())
          && !Links.isOnTheWay(directory, oldRoot.directory())) {
        directory.getFileSystem().delete(new Path(directory, oldRoot.directory()), true);
      }
    } finally {
      lock.close();
    }
  }

  /** Who may be writing to an open collection. */
  public enum Owner {
    /** The run that asks. */
    ME,
    /** Perhaps another run. */
    NOT_ME
  }

  private void write(Root next) throws IOException {
    AtomicFile.write(
        new Path(directory, Manifest.FILE_NAME), out -> ManifestWriter.write(next, out));
    root = Optional.of(next);
    state = State.GROWING;
  }

  private void requireSame(String file, byte[] manifest) throws IOException {
    boolean same;
    try (InputStream in = files.open(file)) {
      same = Arrays.equals(in.readNBytes(manifest.length + 1), manifest);
    } catch (FileNotFoundException e) {
      throw new UsageException(shown + ": there is no " + file + ", which the root counts", e);
    }
    if (!same) {
      throw new UsageException(
          shown
              + ": "
              + file
              + " is not what this run would write: another run wrote it, or this one was restored"
              + " from an older state than its newest; restore from the newest checkpoint, or give"
              + " a new output");
    }
  }

  private Settings requireFit(byte[] manifest, String file) throws IOException {
    Settings own = ManifestReader.read(new ByteArrayInputStream(manifest), file).settings();
    if (own.scope() == Scope.COLLECTION) {
      throw new UsageException(
          shown
              + ": a limit on the joint error of all blocks cannot be kept by a collection that"
              + " grows; choose another --scope");
    }
    Settings first = settings;
    if (first != null) {
      SettingsOfSegments.difference(first, own)
          .ifPresent(
              difference -> {
                throw new UsageException(
                    shown
                        + ": "
                        + difference
                        + " in what is there; give the same, or a new output");
              });
    }
    return own;
  }

  private static final class SettingsOnly implements ManifestVisitor {
    private @Nullable Settings found;

    @Override
    public void settings(Settings settings) {
      found = settings;
    }
  }
}
