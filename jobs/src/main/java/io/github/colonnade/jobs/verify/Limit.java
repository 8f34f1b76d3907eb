package io.github.colonnade.jobs.verify;

import io.github.colonnade.jobs.manifest.Scope;
import java.io.Serializable;

/** The error limit and what it holds for. */
record Limit(double maxError, Scope scope) implements Serializable {}
