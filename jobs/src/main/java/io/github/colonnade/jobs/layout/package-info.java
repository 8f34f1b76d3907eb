/**
 * Which way round the matrices of a run are taken and whether wide ones are cut, chosen by what a
 * sample of them is expected to take. Open {@link io.github.colonnade.jobs.layout.FormChooser}
 * first.
 */
@NullMarked
package io.github.colonnade.jobs.layout;

import org.jspecify.annotations.NullMarked;
