/**
 * {@code colonnade verify}: {@link io.github.colonnade.jobs.verify.Verification} measures a
 * compressed collection again, from the originals and the stored factors, and compares with the
 * manifest.
 *
 * <p>What needs only headers (every tensor once, nothing unreferenced, the totals) is checked
 * before the job; the job reads the numbers, piece by piece, and one operator at its end puts
 * together the joint errors of clusters that were measured in several pieces.
 */
@NullMarked
package io.github.colonnade.jobs.verify;

import org.jspecify.annotations.NullMarked;
