/**
 * Writing safetensors, in one pass where the sizes are known ({@link
 * io.github.colonnade.connectors.write.SafetensorsWriter}) or through a local file where they are
 * not ({@link io.github.colonnade.connectors.write.SafetensorsSpool}), and reading parts of what
 * was written ({@link io.github.colonnade.connectors.write.SafetensorsFile}).
 */
@NullMarked
package io.github.colonnade.connectors.write;

import org.jspecify.annotations.NullMarked;
