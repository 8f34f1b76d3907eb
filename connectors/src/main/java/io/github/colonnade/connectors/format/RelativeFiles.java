package io.github.colonnade.connectors.format;

import io.github.colonnade.connectors.io.FormatException;
import java.util.Arrays;
import org.apache.flink.core.fs.Path;

/** Files that another file names: only such as lie in its folder or below. */
final class RelativeFiles {
  private RelativeFiles() {}

  /**
   * The file that {@code file} calls {@code location}.
   *
   * @throws FormatException if the location is empty, absolute, a URI, or leads out of the folder
   */
  static Path resolve(Path file, String location) {
    boolean safe =
        !location.isEmpty()
            && location.chars().noneMatch(c -> c == '\\' || c == ':' || Character.isISOControl(c))
            && Arrays.stream(location.split("/", -1))
                .noneMatch(part -> part.isEmpty() || part.equals(".."));
    Path folder = file.getParent();
    if (!safe || folder == null) {
      throw FormatException.of(
          file.toString(),
          "it names the data file \""
              + FormatException.oneLine(location)
              + "\", which is not a plain path below its own folder; put the file there and name"
              + " it so");
    }
    return new Path(folder, location);
  }
}
