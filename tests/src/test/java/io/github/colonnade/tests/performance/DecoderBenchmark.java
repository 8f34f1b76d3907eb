package io.github.colonnade.tests.performance;

import io.github.colonnade.tests.performance.Done.Bytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.StringTokenizer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Files whose numbers are compressed or text, in the page cache. The limit is what Java has for
 * that, alone and in memory: Inflater on the same bytes, or splitting words and Double.parseDouble.
 * Megabytes are those of the payload.
 */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls setUp first.
public class DecoderBenchmark {

  @Param({"deflated-npz", "gzip-h5", "mtx"})
  public String format;

  @Param("1024")
  public int rows;

  private final byte[] bytes = new byte[1 << 20];
  private Path folder;
  private Path file;
  private org.apache.flink.core.fs.Path path;
  private byte[] packed;
  private String text;
  private double megabytes;

  @Setup
  public void setUp() throws IOException {
    folder = Files.createTempDirectory("decoders");
    SampleFiles samples = new SampleFiles(rows, rows);
    file = samples.write(folder, format);
    path = new org.apache.flink.core.fs.Path(file.toUri());
    packed = SampleFiles.zlib(samples.payload(), 0, samples.payload().length);
    text = format.equals("mtx") ? Files.readString(file, StandardCharsets.US_ASCII) : "";
    megabytes = 1e-6 * samples.payload().length;
  }

  @TearDown
  public void tearDown() throws IOException {
    Files.delete(file);
    Files.delete(folder);
  }

  @Benchmark
  @Limit("decoder")
  public long payload(Bytes done) throws IOException {
    done.megabytes += megabytes;
    return ReaderBenchmark.readPayloads(path, bytes);
  }

  @Benchmark
  public double decoder(Bytes done) throws DataFormatException {
    done.megabytes += megabytes;
    return text.isEmpty() ? inflate() : parse();
  }

  private double inflate() throws DataFormatException {
    Inflater inflater = new Inflater();
    inflater.setInput(packed);
    long sum = 0;
    while (!inflater.finished()) {
      sum += inflater.inflate(bytes);
    }
    inflater.end();
    return sum;
  }

  private double parse() {
    StringTokenizer words = new StringTokenizer(text.substring(text.indexOf('\n')));
    double sum = Integer.parseInt(words.nextToken()) + Integer.parseInt(words.nextToken());
    while (words.hasMoreTokens()) {
      sum += Double.parseDouble(words.nextToken());
    }
    return sum;
  }
}
