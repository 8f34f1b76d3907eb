/** All commands on a real object store, which runs in a process of its own. */
@NullMarked
package io.github.colonnade.tests.store;

import org.jspecify.annotations.NullMarked;
