package io.github.colonnade.jobs.stream;

import io.github.colonnade.jobs.flink.Ending;
import io.github.colonnade.jobs.stored.Segments;
import java.io.IOException;

/**
 * What a stream leaves to be done: when all is in the collection, what it kept to go on from is
 * removed.
 *
 * @param output the directory of the collection, a URI
 */
public record StreamEnding(String output) implements Ending {

  /** Whether nothing is yet to come. A stream that is stopped with a savepoint has more. */
  public boolean isComplete() throws IOException {
    return Segments.open(output).root().filter(root -> !root.open()).isPresent();
  }

  @Override
  public void finished() throws IOException {
    if (isComplete()) {
      new StreamPlace(output).remove();
      Segments.open(output).clean(Segments.Owner.ME);
    }
  }
}
