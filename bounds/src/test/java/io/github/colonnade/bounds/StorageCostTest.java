package io.github.colonnade.bounds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StorageCostTest {

  @Test
  void counts() {
    assertEquals(5 * (100 + 40), StorageCost.lowRank(5, 100, 40));
    assertEquals(100 * 40, StorageCost.raw(100, 40));
    assertEquals(700, StorageCost.best(5, 100, 40));
    assertEquals(4000, StorageCost.best(30, 100, 40));
    assertEquals(0, StorageCost.lowRank(0, 100, 40));
    assertEquals(0, StorageCost.raw(100, 0));
  }

  @Test
  void equalCostDoesNotPay() {
    assertTrue(StorageCost.pays(2, 6, 6));
    assertFalse(StorageCost.pays(3, 6, 6));
    assertEquals(2, StorageCost.largestPayingRank(6, 6));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 0",
    "1, 1000, 0",
    "2, 2, 0",
    "3, 3, 1",
    "768, 128, 109",
    "100000, 100000, 49999"
  })
  void largestPayingRank(long rows, long columns, int expected) {
    assertEquals(expected, StorageCost.largestPayingRank(rows, columns));
    assertTrue(StorageCost.pays(expected, rows, columns));
    assertFalse(StorageCost.pays(expected + 1, rows, columns));
  }

  @Test
  void refusesOverflow() {
    long big = 1L << 32;
    assertThrows(ArithmeticException.class, () -> StorageCost.raw(big, big));
    assertThrows(ArithmeticException.class, () -> StorageCost.lowRank(big, big, 0));
    assertThrows(ArithmeticException.class, () -> StorageCost.lowRank(1, Long.MAX_VALUE, 1));
    assertThrows(ArithmeticException.class, () -> StorageCost.largestPayingRank(big, big - 1));
  }

  @Test
  void refusesNegativeCountsAndEmptyMatrices() {
    assertRefused("rank -1 is negative", () -> StorageCost.lowRank(-1, 2, 3));
    assertRefused("rows -2 is negative", () -> StorageCost.raw(-2, 3));
    assertRefused("columns -3 is negative", () -> StorageCost.pays(1, 2, -3));
    assertRefused(
        "no rank pays for an empty matrix of 5 rows and 0 columns",
        () -> StorageCost.largestPayingRank(5, 0));
  }

  private static void assertRefused(String message, Runnable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
  }
}
