/**
 * What a run will do and need, from headers alone. Open {@link
 * io.github.colonnade.jobs.plan.RunPlan} first.
 */
@NullMarked
package io.github.colonnade.jobs.plan;

import org.jspecify.annotations.NullMarked;
