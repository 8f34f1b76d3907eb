package io.github.colonnade.bounds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalDouble;
import java.util.function.DoubleUnaryOperator;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;

class LimitSearchPropertyTest {

  private record Found(OptionalDouble limit, int tries) {}

  private static Found search(DoubleUnaryOperator size, double most) {
    LimitSearch search = new LimitSearch(most);
    int tries = 0;
    for (OptionalDouble next = search.next(); next.isPresent(); next = search.next()) {
      double limit = next.getAsDouble();
      assertTrue(limit >= 0 && limit < 1, limit + " is no limit");
      double measured = size.applyAsDouble(limit);
      search.add(limit, measured, measured <= most);
      tries++;
      assertTrue(tries <= 20);
    }
    return new Found(search.found(), tries);
  }

  @Property(tries = 500)
  void findsTheLimitOfAPowerLaw(
      @ForAll @DoubleRange(min = 0.1, max = 4) double power,
      @ForAll @DoubleRange(min = -7, max = -0.1) double exponent) {
    double wanted = Math.pow(10, exponent);
    DoubleUnaryOperator size = e -> 1e6 * Math.pow(Math.max(e, 1e-12), -power);
    Found found = search(size, size.applyAsDouble(wanted));
    double limit = found.limit().orElseThrow();
    assertTrue(limit >= wanted * (1 - 1e-9) && limit <= wanted * 1.0101, limit + " " + wanted);
    assertTrue(found.tries <= 12, found.tries + " tries");
  }

  @Property(tries = 500)
  void findsTheLimitOfStairsThatLevelOut(
      @ForAll @DoubleRange(min = 0, max = 0.97) double wanted,
      @ForAll @DoubleRange(min = 0, max = 3) double steepness,
      @ForAll @DoubleRange(min = 1, max = 500) double stairs) {
    DoubleUnaryOperator size =
        e -> Math.ceil(stairs * (1 + 5 * Math.exp(-steepness * Math.max(0, Math.log(e * 1e4)))));
    double most = size.applyAsDouble(wanted);
    Found found = search(size, most);
    double limit = found.limit().orElseThrow();
    assertTrue(size.applyAsDouble(limit) <= most);
    double below = limit / 1.0101;
    assertTrue(
        limit <= 1.01e-9
            || found.tries >= 20
            || size.applyAsDouble(below * 0.98) > most
            || size.applyAsDouble(below) > most,
        limit + " is not the least");
  }

  @Example
  void nothingIsEverSmallEnough() {
    assertTrue(search(e -> 10, 9).limit().isEmpty());
    assertTrue(search(e -> 10, 9).tries <= 4);
  }

  @Example
  void everythingIsSmallEnough() {
    assertEquals(0, search(e -> 10, 11).limit().orElseThrow());
  }

  @Example
  void onlyALossIsSmallEnough() {
    assertTrue(search(e -> e > 0 ? 1 : 10, 9).limit().orElseThrow() <= 1e-9);
  }
}
