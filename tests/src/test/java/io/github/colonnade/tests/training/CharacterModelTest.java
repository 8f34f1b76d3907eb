package io.github.colonnade.tests.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.DataSet;

class CharacterModelTest {

  private static final CharacterText TEXT =
      CharacterText.of("There is nothing like a text that says the same again. ".repeat(40));

  private static double trained(TrainingComparison.Entry entry, int steps) {
    CharacterModel model = new CharacterModel(entry.kind(), entry.width(), 0.002, 5);
    Random random = new Random(5);
    for (int i = 0; i < steps; i++) {
      model.train(TEXT.training(random, 32, CharacterModel.CONTEXT));
    }
    DataSet validation = TEXT.validation(new Random(6), 100, CharacterModel.CONTEXT);
    return model.loss(validation);
  }

  @Test
  void shouldLearnWithEveryKindAndTheSameBitsAgain() {
    for (TrainingComparison.Entry each : TrainingComparison.entries()) {
      double before = trained(each, 0);
      double after = trained(each, 40);

      assertTrue(after < 0.7 * before, each.name() + ": " + before + ", then " + after);
      assertEquals(after, trained(each, 40), each.name());
    }
  }

  @Test
  void shouldHaveNoMoreNumbersThanLowRank() {
    long lowRank = parameters("low rank");
    assertEquals(lowRank, parameters("low rank, SiLU"));
    for (TrainingComparison.Entry each : TrainingComparison.entries()) {
      if (each.name().startsWith("LOST")) {
        assertTrue(parameters(each.name()) <= lowRank, each.name());
        assertTrue(parameters(each.name()) > 0.9 * lowRank, each.name());
      }
    }
  }

  private static long parameters(String name) {
    TrainingComparison.Entry entry =
        TrainingComparison.entries().stream()
            .filter(each -> each.name().equals(name))
            .findFirst()
            .orElseThrow();
    return new CharacterModel(entry.kind(), entry.width(), 0.002, 1).parameters();
  }

  /** The figures in the docs are about this text. */
  @Test
  void shouldHaveTheTextOfTheFigures() throws IOException {
    assertEquals(1_055_957, CharacterText.speeches().length());
  }

  @Test
  void shouldNumberPrintableCharacters() {
    CharacterText text = CharacterText.of("b~ \t\u00e9".repeat(40));
    assertEquals(120, text.length());
    for (int seed = 0; seed < 10; seed++) {
      DataSet one = text.training(new Random(seed), 1, 1);
      int next = one.getLabels().getInt(0);
      assertEquals(
          switch (one.getFeatures().getInt(0)) {
            case 0 -> 'b' - ' ';
            case 'b' - ' ' -> 94;
            default -> 0;
          },
          next);
    }
  }
}
