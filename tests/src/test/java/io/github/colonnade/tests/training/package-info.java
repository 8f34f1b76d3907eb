/** Training from LOST factors. */
@NullMarked
package io.github.colonnade.tests.training;

import org.jspecify.annotations.NullMarked;
