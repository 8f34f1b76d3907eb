/**
 * The page that shows a compressed collection: what is in its manifest, the numbers that its files
 * hold, and the spectra of its largest clusters. Open {@link
 * io.github.colonnade.jobs.report.Report} first; the script and the style of the page are in {@code
 * jobs/report}.
 */
@NullMarked
package io.github.colonnade.jobs.report;

import org.jspecify.annotations.NullMarked;
