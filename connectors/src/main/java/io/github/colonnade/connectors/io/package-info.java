/**
 * Access to bytes through Flink's file systems, so that local files and object stores read alike,
 * and {@link io.github.colonnade.connectors.io.FormatException}, the one error for input that
 * cannot be used.
 */
@NullMarked
package io.github.colonnade.connectors.io;

import org.jspecify.annotations.NullMarked;
