/**
 * The file formats: {@link io.github.colonnade.connectors.format.TensorLister} finds the tensors of
 * files and directories, one {@link io.github.colonnade.connectors.format.TensorFormat} for each
 * kind of file.
 *
 * <p>Listing reads headers only. Nothing in a file is trusted: sizes are compared with the file's
 * length before anything is allocated, and whatever the bytes are, the outcome is a list or a
 * {@link io.github.colonnade.connectors.io.FormatException}.
 */
@NullMarked
package io.github.colonnade.connectors.format;

import org.jspecify.annotations.NullMarked;
