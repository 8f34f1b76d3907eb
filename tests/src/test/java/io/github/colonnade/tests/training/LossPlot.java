package io.github.colonnade.tests.training;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.ChartTheme;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A picture of loss curves: the mean of each kind, from the first measured step on. */
final class LossPlot {

  private LossPlot() {}

  static void write(List<LossCurve> curves, Path png) throws IOException {
    XYChart chart =
        new XYChartBuilder()
            .width(900)
            .height(520)
            .theme(ChartTheme.XChart)
            .xAxisTitle("steps")
            .yAxisTitle("validation loss, nats per character")
            .build();
    chart.getStyler().setPlotContentSize(1).setChartBackgroundColor(Color.WHITE);
    for (LossCurve curve : curves) {
      double[] steps = new double[curve.points() - 1];
      double[] means = new double[curve.points() - 1];
      for (int i = 1; i < curve.points(); i++) {
        steps[i - 1] = i * curve.every();
        means[i - 1] = curve.mean(i);
      }
      XYSeries series = chart.addSeries(curve.name(), steps, means);
      series.setMarker(SeriesMarkers.NONE);
      series.setLineStyle(new BasicStroke(2));
    }
    try (OutputStream out = Files.newOutputStream(png)) {
      BitmapEncoder.saveBitmap(chart, out, BitmapFormat.PNG);
    }
  }
}
