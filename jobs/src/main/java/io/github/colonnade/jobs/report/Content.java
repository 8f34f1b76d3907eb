package io.github.colonnade.jobs.report;

import io.github.colonnade.jobs.manifest.Manifest;
import java.util.List;
import java.util.Optional;

/**
 * What the page of a collection shows.
 *
 * @param name of the collection
 * @param state of a collection in segments, as {@code , 3 segments, complete}; empty for others
 * @param manifest what it is about
 * @param notes what could not be found out, and why
 * @param sources the input files
 * @param stored the numbers stored, if the files could be read
 * @param savings in the order to choose from
 * @param errors of blocks
 * @param bounds of clusters
 * @param spectra of the largest clusters
 */
record Content(
    String name,
    String state,
    Manifest manifest,
    List<String> notes,
    Sources sources,
    Optional<StoredNumbers> stored,
    List<Savings> savings,
    BlockErrors errors,
    BoundComparison bounds,
    List<ClusterSpectrum> spectra) {}
