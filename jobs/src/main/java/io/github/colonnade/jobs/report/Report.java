package io.github.colonnade.jobs.report;

import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.console.Formats;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.stored.CompressedCollection;
import io.github.colonnade.jobs.stored.StoredTensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The page that shows a compressed collection. */
public final class Report {
  private static final Logger LOG = LoggerFactory.getLogger(Report.class);
  private static final int MARK_WITHIN = 1000;

  private final Content content;

  private Report(Content content) {
    this.content = content;
  }

  /**
   * Reads a collection. Where its files cannot be read, as where only the manifest was copied, the
   * report is about the manifest, and has a note.
   *
   * @param directory a path or a URI
   * @throws UsageException if there is no directory with a manifest, or it cannot be read
   */
  public static Report of(String directory) throws IOException {
    CompressedCollection collection = CompressedCollection.open(directory);
    Manifest manifest = collection.manifest();
    List<String> notes = new ArrayList<>();
    Optional<StoredNumbers> stored = Optional.empty();
    List<ClusterSpectrum> spectra = List.of();
    try (StoredTensors tensors = new StoredTensors(collection.directory())) {
      stored = Optional.of(StoredNumbers.read(manifest, tensors));
      spectra = Spectra.read(manifest, tensors);
    } catch (IOException | RuntimeException | LinkageError e) {
      LOG.warn("The report of {} has not all", directory, e);
      notes.add(
          "The files beside the manifest could not be read: "
              + Formats.printable(String.valueOf(e.getMessage()))
              + ". "
              + (stored.isPresent()
                  ? "Spectra are left out."
                  : "What is stored for each part, and spectra, are left out."));
    }
    Sources sources = new Sources(manifest);
    List<Savings> savings = new ArrayList<>();
    savings.add(Savings.byKind(manifest, stored));
    savings.add(Savings.byFamily(manifest, stored));
    savings.add(Savings.byFile(manifest, stored, sources));
    stored.ifPresent(numbers -> savings.add(Savings.byPart(manifest, numbers)));
    return new Report(
        new Content(
            collection.directory().getName(),
            state(collection),
            manifest,
            notes,
            sources,
            stored,
            savings,
            BlockErrors.of(manifest),
            BoundComparison.of(manifest),
            spectra));
  }

  private static String state(CompressedCollection collection) {
    return collection
        .root()
        .map(
            root ->
                ", in "
                    + Formats.count(root.count())
                    + (root.count() == 1 ? " segment, " : " segments, ")
                    + (root.open() ? "open: more is to come" : "complete"))
        .orElse("");
  }

  /** The page, one HTML file. */
  public String html() {
    return Page.of(content);
  }

  /**
   * Checks that a file is not there, or is an older report.
   *
   * @throws UsageException if it is something else
   */
  public static void mustBeWritable(Path file) throws IOException {
    Path folder = folder(file);
    if (!Files.isDirectory(folder)) {
      throw new UsageException(folder + ": there is no such directory; give another --output");
    }
    mustNotBeOther(file, "give another --output");
  }

  /**
   * Checks that a file, whose folder may be yet to come, is not there or is an older report.
   *
   * @param remedy what the user may do, for a message
   * @throws UsageException if it is something else
   */
  public static void mustNotBeOther(Path file, String remedy) throws IOException {
    if (Files.isDirectory(file)) {
      throw new UsageException(file + ": this is a directory, and no report; " + remedy);
    }
    if (Files.exists(file)) {
      byte[] start;
      try (var in = Files.newInputStream(file)) {
        start = in.readNBytes(MARK_WITHIN);
      }
      if (!new String(start, StandardCharsets.UTF_8).contains(Page.MARK)) {
        throw new UsageException(
            file + ": this is there already, and no report; remove it or " + remedy);
      }
    }
  }

  /** Writes the page. The file is there when all of it is, and an older report until then. */
  public void write(Path file) throws IOException {
    mustBeWritable(file);
    Path temporary = folder(file).resolve(".colonnade-report-" + UUID.randomUUID() + ".html");
    try {
      Files.writeString(temporary, html());
      try {
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static Path folder(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new UsageException(file + ": this is a directory; give a file as --output");
    }
    return folder;
  }
}
