package io.github.colonnade.tests.store;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** An S3 server in a process of its own, which keeps objects in memory. */
public final class S3Proxy {
  private static final Pattern KEY = Pattern.compile("<Key>([^<]*)</Key>");

  private final Process process;
  private final String endpoint;
  private final HttpClient client = HttpClient.newHttpClient();

  private S3Proxy(Process process, String endpoint) {
    this.process = process;
    this.endpoint = endpoint;
  }

  /** Starts a server on a free port and waits until it answers. */
  public static S3Proxy start(Path folder) throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    String endpoint = "http://127.0.0.1:" + port;
    Path properties = folder.resolve("s3proxy.conf");
    Files.write(
        properties,
        List.of(
            "s3proxy.authorization=none",
            "s3proxy.endpoint=" + endpoint,
            "jclouds.provider=transient",
            "jclouds.identity=any",
            "jclouds.credential=any"));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-jar",
                Objects.requireNonNull(System.getProperty("colonnade.s3proxy")),
                "--properties",
                properties.toString())
            .redirectErrorStream(true)
            .start();
    BufferedReader log = process.inputReader();
    String line = log.readLine();
    while (line != null && !line.contains("Started Server@")) {
      line = log.readLine();
    }
    if (line == null) {
      throw new IOException("the server ended with exit code " + process.onExit().join());
    }
    // Its log goes on, and would fill the pipe.
    Thread drain = new Thread(() -> log.lines().forEach(each -> {}), "s3proxy log");
    drain.setDaemon(true);
    drain.start();
    return new S3Proxy(process, endpoint);
  }

  public String endpoint() {
    return endpoint;
  }

  public void makeBucket(String name) throws IOException {
    send(HttpRequest.newBuilder(uri(name)).PUT(BodyPublishers.noBody()).build());
  }

  /** Puts an object. */
  public void put(String bucket, String key, byte[] bytes) throws IOException {
    send(
        HttpRequest.newBuilder(uri(bucket + "/" + key))
            .PUT(BodyPublishers.ofByteArray(bytes))
            .build());
  }

  public byte[] get(String bucket, String key) throws IOException {
    return send(HttpRequest.newBuilder(uri(bucket + "/" + key)).build());
  }

  /** Keys of at most a thousand objects, in their order. */
  public List<String> keys(String bucket, String prefix) throws IOException {
    URI uri = uri(bucket + "?list-type=2&prefix=" + prefix);
    String listing = new String(send(HttpRequest.newBuilder(uri).build()), StandardCharsets.UTF_8);
    return KEY.matcher(listing).results().map((MatchResult found) -> found.group(1)).toList();
  }

  private URI uri(String path) {
    return URI.create(endpoint + "/" + path);
  }

  private byte[] send(HttpRequest request) throws IOException {
    try {
      HttpResponse<byte[]> response = client.send(request, BodyHandlers.ofByteArray());
      if (response.statusCode() / 100 != 2) {
        throw new IOException(request.uri() + ": " + response.statusCode());
      }
      return response.body();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  /** Ends the process. */
  public void end() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }

  /** Kills the process. */
  public void kill() {
    process.destroyForcibly().onExit().join();
  }
}
