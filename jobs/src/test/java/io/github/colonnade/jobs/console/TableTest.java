package io.github.colonnade.jobs.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class TableTest {
  @Test
  void columnsAreAligned() {
    Table table = new Table().left("name").right("count").left("remark");
    table.row("a", "1", "first").row("longer 🙂", "12,345", "").row("b\nc", "7", "x");
    StringWriter out = new StringWriter();
    table.print(new PrintWriter(out, true));
    assertEquals(
        """
          name       count  remark
          a              1  first
          longer 🙂  12,345
          b?c            7  x
        """,
        out.toString().replace(System.lineSeparator(), "\n"));
  }

  @Test
  void aRowHasACellForEachColumn() {
    Table table = new Table().left("a").left("b");
    assertEquals(
        "row of 1 cells in a table of 2 columns",
        assertThrows(IllegalArgumentException.class, () -> table.row("x")).getMessage());
  }
}
