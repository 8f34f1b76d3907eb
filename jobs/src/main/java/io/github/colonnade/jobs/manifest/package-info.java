/**
 * {@link io.github.colonnade.jobs.manifest.Manifest}, the description of a compressed collection,
 * and its reading and writing as {@code manifest.json}. The keys are published in {@code
 * docs/manifest.schema.json}; a change of their meaning needs a new {@link
 * io.github.colonnade.jobs.manifest.Manifest#SCHEMA_VERSION}.
 */
@NullMarked
package io.github.colonnade.jobs.manifest;

import org.jspecify.annotations.NullMarked;
