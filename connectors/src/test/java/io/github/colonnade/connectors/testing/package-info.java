/** Small files and tensors for tests. */
@NullMarked
package io.github.colonnade.connectors.testing;

import org.jspecify.annotations.NullMarked;
