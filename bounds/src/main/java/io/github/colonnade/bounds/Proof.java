package io.github.colonnade.bounds;

import java.util.Locale;

/** Which argument proved one side of an {@link ErrorInterval}. */
public enum Proof {
  /** Nothing was needed: an error is never below 0 or above 1. */
  TRIVIAL,
  /** Some of the blocks alone already capture this much energy: {@link ErrorBounds#weyl}. */
  WEYL,
  /** A given basis captures this much energy: {@link ErrorBounds#projection}. */
  PROJECTION,
  /** The pooled residual spectra capture this much energy: {@link ErrorBounds#residual}. */
  RESIDUAL,
  /** A truncated sketch encloses the spectrum: {@link ErrorBounds#incremental}. */
  INCREMENTAL,
  /** The singular values themselves are known: {@link ErrorBounds#exact}. */
  EXACT,
  /** The blocks cannot do better together than apart: {@link ErrorBounds#subadditive}. */
  SUBADDITIVE;

  /** The name as files and reports spell it: lower case, words joined by hyphens. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
