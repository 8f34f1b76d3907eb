package io.github.colonnade.jobs.manifest;

/**
 * A tensor in a factor file.
 *
 * @param file the path of a safetensors file below the output directory, never out of it
 * @param tensor the name of the tensor in that file
 */
public record TensorLocation(String file, String tensor) {
  public TensorLocation {
    Checks.text("file", file);
    checkInside(file);
    Checks.length("tensor", tensor);
  }

  private static void checkInside(String file) {
    boolean plain = file.chars().noneMatch(c -> c == '\\' || c == ':' || Character.isISOControl(c));
    for (String name : file.split("/", -1)) {
      plain &= !name.isEmpty() && !name.equals(".") && !name.equals("..");
    }
    if (!plain) {
      throw new IllegalArgumentException(
          "file: expected a plain path below the directory of the manifest, got " + file);
    }
  }
}
