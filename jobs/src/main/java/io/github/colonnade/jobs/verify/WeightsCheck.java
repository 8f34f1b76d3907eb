package io.github.colonnade.jobs.verify;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.WeightsEntry;
import io.github.colonnade.jobs.weights.WeightsFile;
import java.io.IOException;
import java.util.Optional;

/** Finds the file with the weights of the run, which must be as it was. */
final class WeightsCheck {
  private WeightsCheck() {}

  /**
   * The URI of the weights; empty if the run had none. If they are not there or have changed that
   * is a finding, and the result is empty too.
   *
   * @param location where the user says that they are
   * @throws UsageException if the user says so of a run without weights
   */
  static String find(Manifest manifest, Optional<String> location, Findings findings)
      throws IOException {
    if (manifest.settings().weights().isEmpty()) {
      location.ifPresent(
          given -> {
            throw new UsageException(
                "--weights " + given + ": this collection was compressed without weights");
          });
      return "";
    }
    WeightsEntry stated = manifest.settings().weights().get();
    WeightsEntry found;
    try {
      found = WeightsFile.fingerprint(location.orElse(stated.source()));
    } catch (FormatException e) {
      findings.add(
          "the weights cannot be read: "
              + e.getMessage()
              + "; tell where they are with --weights. Weighted errors are not measured");
      return "";
    }
    if (!found.sha256().equals(stated.sha256())) {
      findings.add(
          "the weights "
              + found.source()
              + " are not those of the run: the SHA-256 is "
              + found.sha256()
              + ", it was "
              + stated.sha256()
              + ". Weighted errors are not measured");
      return "";
    }
    return found.source();
  }
}
