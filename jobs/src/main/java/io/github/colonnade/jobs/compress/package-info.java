/**
 * The compress job. Open {@link io.github.colonnade.jobs.compress.CompressJob} first: it connects
 * the operators of the other classes into the pipeline list → sketch → partition → encode → commit.
 */
@NullMarked
package io.github.colonnade.jobs.compress;

import org.jspecify.annotations.NullMarked;
