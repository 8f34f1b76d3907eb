/**
 * Jobs on a real Flink cluster: a JobManager and TaskManagers in processes of their own, made from
 * the jars of Flink and of this project ({@link io.github.colonnade.tests.cluster.FlinkCluster}).
 */
@NullMarked
package io.github.colonnade.tests.cluster;

import org.jspecify.annotations.NullMarked;
