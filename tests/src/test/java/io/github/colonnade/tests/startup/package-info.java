/** What the packaged program loads when it starts. */
@NullMarked
package io.github.colonnade.tests.startup;

import org.jspecify.annotations.NullMarked;
