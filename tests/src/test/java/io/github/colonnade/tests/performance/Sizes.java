package io.github.colonnade.tests.performance;

import java.util.Arrays;

/** The m×r×n in the parameter of a benchmark. */
record Sizes(int m, int r, int n) {

  static Sizes of(String text) {
    int[] sizes = Arrays.stream(text.split("x", -1)).mapToInt(Integer::parseInt).toArray();
    return new Sizes(sizes[0], sizes[1], sizes[2]);
  }
}
