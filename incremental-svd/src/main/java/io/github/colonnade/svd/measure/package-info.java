/** What is counted while others work, so that somebody may look on. */
@NullMarked
package io.github.colonnade.svd.measure;

import org.jspecify.annotations.NullMarked;
