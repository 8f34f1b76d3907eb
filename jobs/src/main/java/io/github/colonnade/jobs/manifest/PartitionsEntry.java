package io.github.colonnade.jobs.manifest;

import java.util.List;
import java.util.OptionalInt;

/**
 * How families of many blocks were divided.
 *
 * @param asked the number that was asked for; none if it followed from the size of each family
 * @param families those that were divided, by ascending rows
 */
public record PartitionsEntry(OptionalInt asked, List<Family> families) {

  public PartitionsEntry {
    asked.ifPresent(value -> Checks.atLeast("asked", 1, value));
    families = List.copyOf(families);
  }

  /**
   * A family that was divided.
   *
   * @param rows m of its blocks
   * @param partitions how many it was divided into
   */
  public record Family(long rows, int partitions) {

    public Family {
      Checks.atLeast("rows", 1, rows);
      Checks.atLeast("partitions", 2, partitions);
    }
  }
}
