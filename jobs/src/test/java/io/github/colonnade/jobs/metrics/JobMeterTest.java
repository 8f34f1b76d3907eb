package io.github.colonnade.jobs.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.colonnade.jobs.metrics.MetricsTable.Row;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobMeterTest {

  @Test
  void theTableHasARowForEach() throws IOException {
    List<Row> rows = MetricsTable.read().rows();
    assertEquals(
        Arrays.stream(JobMeter.values()).map(JobMeter::id).toList(),
        rows.stream().map(Row::id).toList());
    Iterator<Row> next = rows.iterator();
    for (JobMeter meter : JobMeter.values()) {
      Row row = next.next();
      assertEquals(meter.kind().toString(), row.kind(), row.id());
      assertEquals(meter.tags(), row.tags(), row.id());
      assertEquals(
          meter.exported(),
          row.exported().stream().map(each -> each.substring(2)).toList(),
          row.id());
    }
  }
}
