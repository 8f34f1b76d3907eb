/** What the tests of several packages share: tensors in files, and a check of a whole output. */
@NullMarked
package io.github.colonnade.jobs.testing;

import org.jspecify.annotations.NullMarked;
