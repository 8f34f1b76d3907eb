/**
 * The dashboards and alerts of docs/dashboards, against the real Prometheus ({@link
 * io.github.colonnade.tests.dashboards.Prometheus}) and the program at work.
 */
@NullMarked
package io.github.colonnade.tests.dashboards;

import org.jspecify.annotations.NullMarked;
