package io.github.colonnade.connectors.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.source.InvertibleTable.Difference;
import io.github.colonnade.connectors.source.InvertibleTable.Element;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InvertibleTableTest {

  private final Random random = new Random(7);

  private List<Element> elements(int count) {
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      elements.add(new Element(random.nextLong(), random.nextLong()));
    }
    return elements;
  }

  private static InvertibleTable table(List<Element> elements) {
    InvertibleTable table = new InvertibleTable();
    elements.forEach(table::add);
    return table;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100, 6_000, 11_000})
  void aSmallDifferenceOfLargeSetsIsRead(int differences) {
    List<Element> common = elements(200_000);
    List<Element> more = elements(differences / 3);
    List<Element> fewer = elements(differences - more.size());
    InvertibleTable first = table(common);
    more.forEach(first::add);
    InvertibleTable second = table(common);
    fewer.forEach(second::add);
    Difference difference = first.minus(second);
    assertEquals(List.of(), difference.undecoded());
    assertEquals(Set.copyOf(more), new HashSet<>(difference.more()));
    assertEquals(Set.copyOf(fewer), new HashSet<>(difference.fewer()));
    assertEquals(differences, difference.more().size() + difference.fewer().size());
  }

  @Test
  void aLargeDifferenceIsSaidToBeUnknownAndSizesAreKnownStill() {
    InvertibleTable table = table(elements(50_000));
    Difference difference = table.minus(new InvertibleTable());
    assertEquals(List.of(0, 1, 2, 3), difference.undecoded());
    assertEquals(List.of(), difference.more());
    long sum = 0;
    for (int part = 0; part < InvertibleTable.PARTS; part++) {
      assertTrue(Math.abs(table.size(part) - 12_500) < 600, "part " + table.size(part));
      sum += table.size(part);
    }
    assertEquals(50_000, sum);
  }

  @Test
  void onePartTooFullLeavesTheOthersReadable() {
    List<Element> few = elements(300);
    InvertibleTable table = table(few);
    for (Element element : elements(10_000)) {
      table.add(new Element(element.key() >>> 2, element.stamp()));
    }
    Difference difference = table.minus(new InvertibleTable());
    assertEquals(List.of(0), difference.undecoded());
    Set<Element> others = new HashSet<>(few);
    others.removeIf(element -> element.part() == 0);
    assertEquals(others, new HashSet<>(difference.more()));
  }
}
