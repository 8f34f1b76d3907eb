package io.github.colonnade.tests.benchmark;

/**
 * What a method reached.
 *
 * @param numbers stored for all blocks
 * @param cpuSeconds of the whole process while it partitioned
 * @param wallSeconds while it partitioned
 * @param broken limits that what it stores breaks
 * @param note what else there is to say; may be empty
 */
record Result(long numbers, double cpuSeconds, double wallSeconds, int broken, String note) {

  double ratio(DataSet data) {
    return data.numbers() / (double) numbers;
  }
}
