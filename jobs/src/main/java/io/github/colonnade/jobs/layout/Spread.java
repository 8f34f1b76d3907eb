package io.github.colonnade.jobs.layout;

import java.util.ArrayList;
import java.util.List;

/** Samples of lists: runs of neighbours, which often belong together, evenly spread. */
final class Spread {
  /** So many neighbours are in a run. */
  static final int RUN = 8;

  private Spread() {}

  /** At most {@code most} of the elements, in their order; always the same ones. */
  static <T> List<T> of(List<T> all, int most) {
    if (all.size() <= most) {
      return all;
    }
    List<T> some = new ArrayList<>(most);
    int run = Math.min(RUN, most);
    int runs = most / run;
    for (int i = 0; i < runs; i++) {
      long room = (long) all.size() - run;
      int from = (int) (runs == 1 ? room / 2 : room * i / (runs - 1));
      some.addAll(all.subList(from, from + run));
    }
    return some;
  }
}
