package io.github.colonnade.jobs.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.JavascriptExecutor;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** Chromium without a screen. Tests that need one are skipped where it is not installed. */
public final class Browser implements AutoCloseable {
  private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
  private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
  private static final Path AXE = Path.of("report/node_modules/axe-core/axe.min.js");

  private final ChromeDriver driver;

  private Browser(ChromeDriver driver) {
    this.driver = driver;
  }

  /**
   * Starts the browser.
   *
   * @param profile an empty directory for its files
   */
  public static Browser start(Path profile) {
    Assumptions.assumeTrue(
        Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER),
        "no Chromium (Debian: apt-get install chromium chromium-driver)");
    ChromeOptions options = new ChromeOptions();
    options.setBinary(CHROMIUM.toFile());
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--no-first-run",
        "--window-size=1280,900",
        "--user-data-dir=" + profile);
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(DRIVER.toFile())
            .usingAnyFreePort()
            .build();
    ChromeDriver driver = new ChromeDriver(service, options);
    driver.manage().timeouts().scriptTimeout(Duration.ofMinutes(3));
    return new Browser(driver);
  }

  /** Opens a page and waits for the script of a report. */
  public void open(Path page) {
    driver.get(page.toUri().toString());
    if (!Boolean.TRUE.equals(script("return document.documentElement.dataset.ready === 'true'"))) {
      throw new AssertionError("the page is not ready: " + messages());
    }
  }

  /** What the page wrote to the console since the last call, errors of its policy among it. */
  public List<String> messages() {
    List<String> messages = new ArrayList<>();
    for (LogEntry entry : driver.manage().logs().get(LogType.BROWSER)) {
      messages.add(entry.toString());
    }
    return messages;
  }

  /** The value of a script, as Selenium translates it. */
  public @Nullable Object script(String script, Object... arguments) {
    return ((JavascriptExecutor) driver).executeScript(script, arguments);
  }

  /** The same as a whole number. */
  public long number(String script, Object... arguments) {
    return ((Number) Objects.requireNonNull(script(script, arguments))).longValue();
  }

  /** Elements by a CSS selector. */
  public List<WebElement> all(String selector) {
    return driver.findElements(By.cssSelector(selector));
  }

  /** The text of the elements by a CSS selector. */
  public List<String> texts(String selector) {
    List<String> texts = new ArrayList<>();
    Object found =
        script(
            "return [...document.querySelectorAll(arguments[0])].map((e) => e.textContent)",
            selector);
    ((List<?>) Objects.requireNonNull(found)).forEach(each -> texts.add(String.valueOf(each)));
    return texts;
  }

  /** Types keys where the focus is. */
  public void type(CharSequence... keys) {
    driver.switchTo().activeElement().sendKeys(keys);
  }

  /** Shows pages as on a screen, or as printed, with a colour scheme. */
  public void media(String media, String scheme) {
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of(
            "media",
            media,
            "features",
            List.of(
                Map.of("name", "prefers-color-scheme", "value", scheme),
                Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
  }

  /** Sets the size of the window. */
  public void size(int width, int height, boolean phone) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", phone));
  }

  /** Writes a picture of the whole page. */
  public void picture(Path file) {
    Map<String, Object> picture =
        driver.executeCdpCommand(
            "Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true));
    write(file, String.valueOf(picture.get("data")));
  }

  /** Writes a picture of an element. */
  public void picture(WebElement element, Path file) {
    write(file, element.getScreenshotAs(OutputType.BASE64));
  }

  /** Prints the page. */
  public byte[] pdf() {
    Map<String, Object> pdf =
        driver.executeCdpCommand("Page.printToPDF", Map.of("printBackground", true));
    return Base64.getDecoder().decode(String.valueOf(pdf.get("data")));
  }

  /** What axe-core finds to be in the way of people, one line each. */
  public List<String> violations() throws IOException {
    script(Files.readString(AXE) + "; window.axe = axe;");
    Object found =
        driver.executeAsyncScript(
            "const done = arguments[arguments.length - 1];"
                + "window.axe.run().then((result) => done(result.violations.flatMap((v) =>"
                + " v.nodes.map((n) => `${v.id}: ${v.help}: ${n.target} ${n.failureSummary}`))),"
                + " (error) => done([String(error)]))");
    List<String> lines = new ArrayList<>();
    ((List<?>) Objects.requireNonNull(found)).forEach(line -> lines.add(String.valueOf(line)));
    return lines;
  }

  private static void write(Path file, String base64) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.write(file, Base64.getDecoder().decode(base64));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    driver.quit();
  }
}
