package io.github.colonnade.jobs.layout;

import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.view.MatrixForm;
import java.util.List;
import java.util.Map;

/**
 * What was chosen.
 *
 * @param forms of the shapes that are not taken as the options say
 * @param lines what to tell the user, one for each group of shapes
 */
public record Choices(Map<Shape, MatrixForm> forms, List<String> lines) {

  public Choices {
    forms = Map.copyOf(forms);
    lines = List.copyOf(lines);
  }
}
