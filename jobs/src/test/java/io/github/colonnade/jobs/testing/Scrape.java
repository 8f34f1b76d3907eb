package io.github.colonnade.jobs.testing;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a port gives to Prometheus at a time. */
public record Scrape(List<Sample> samples) {

  private static final Pattern LINE = Pattern.compile("([\\w:]+)(?:\\{(.*)})? (\\S+)");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

  /** A value. */
  public record Sample(String name, Map<String, String> labels, double value) {

    /** The value of a label, empty if there is none. */
    public String label(String key) {
      return labels.getOrDefault(key, "");
    }
  }

  /** Asks a port of this machine. */
  public static Scrape of(int port) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection)
            URI.create("http://localhost:" + port + "/metrics").toURL().openConnection();
    List<Sample> samples = new ArrayList<>();
    String text = new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    for (String line : text.lines().filter(each -> !each.startsWith("#")).toList()) {
      Matcher matcher = LINE.matcher(line);
      if (!matcher.matches()) {
        throw new IOException("no sample: " + line);
      }
      Map<String, String> labels = new HashMap<>();
      if (matcher.group(2) != null) {
        Matcher label = LABEL.matcher(matcher.group(2));
        while (label.find()) {
          labels.put(label.group(1), label.group(2));
        }
      }
      samples.add(new Sample(matcher.group(1), labels, Double.parseDouble(matcher.group(3))));
    }
    return new Scrape(samples);
  }

  /** Whether anybody answers on a port. */
  public static boolean answers(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  /** The sum of all samples of a name that have these labels, of what is counted. */
  public long total(String name, Map<String, String> labels) {
    return Math.round(
        samples.stream()
            .filter(each -> each.name.equals(name))
            .filter(each -> each.labels.entrySet().containsAll(labels.entrySet()))
            .mapToDouble(Sample::value)
            .sum());
  }
}
