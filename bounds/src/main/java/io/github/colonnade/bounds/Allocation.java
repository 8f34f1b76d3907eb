package io.github.colonnade.bounds;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Divides a joint budget of lost energy among parts so that few numbers are stored in all.
 *
 * <p>Minimise Σ numbers_i subject to Σ lost_i ≤ B. With a price θ for a unit of energy (Lagrange
 * multiplier) the parts are independent of each other: each takes the way of least numbers +
 * θ·lost, which is where its numbers per energy come to θ. What they lose together falls with θ,
 * and the least θ at which it is within B is found by bisection. For the budget that is used up
 * then, no other choice stores fewer numbers (Everett, 1963). What remains of B is less than a
 * single step of some part takes; it is spent on the steps that save most numbers for their energy,
 * while they fit.
 *
 * <p>A part may be stored in alternative ways as a whole: a cluster by one basis, or its members
 * each by itself. The price decides that too.
 */
public final class Allocation {

  /** Steps of the bisection of log θ: the price is found to within its last few digits. */
  private static final int BISECTIONS = 100;

  /** How fast the price rises where alternatives differ by very little energy. */
  private static final double PRICE_STEP = 0x1p32;

  /**
   * One way to divide a part into pieces that are chosen independently.
   *
   * @param pieces at least one
   */
  public record Alternative(List<TradeOff> pieces) {
    public Alternative {
      if (pieces.isEmpty()) {
        throw new IllegalArgumentException("an alternative has at least one piece");
      }
      pieces = List.copyOf(pieces);
    }
  }

  /**
   * What a part was given.
   *
   * @param alternative the number of the alternative
   * @param lost the energy that each of its pieces may lose
   * @param numbers what they store together
   */
  public record Share(int alternative, double[] lost, long numbers) {}

  private Allocation() {}

  /**
   * The shares of all parts.
   *
   * @param parts the alternatives of each part, at least one
   * @param budget B ≥ 0
   * @return one share for each part, which together lose at most B; if even the ways that lose
   *     least lose more, these
   */
  public static List<Share> divide(List<List<Alternative>> parts, double budget) {
    Energies.require("budget", budget);
    double price = price(parts, budget);
    List<int[]> places = new ArrayList<>(parts.size());
    int[] alternatives = new int[parts.size()];
    double left = budget;
    for (int i = 0; i < alternatives.length; i++) {
      alternatives[i] = cheapest(parts.get(i), price);
      List<TradeOff> pieces = parts.get(i).get(alternatives[i]).pieces();
      int[] place = pieces.stream().mapToInt(each -> each.cheapestAt(price)).toArray();
      places.add(place);
      for (int p = 0; p < place.length; p++) {
        left -= pieces.get(p).lost(pieces.get(p).onHull(place[p]));
      }
    }
    spend(parts, alternatives, places, left);
    List<Share> shares = new ArrayList<>(parts.size());
    for (int i = 0; i < alternatives.length; i++) {
      List<TradeOff> pieces = parts.get(i).get(alternatives[i]).pieces();
      double[] lost = new double[pieces.size()];
      long numbers = 0;
      for (int p = 0; p < lost.length; p++) {
        int way = pieces.get(p).onHull(places.get(i)[p]);
        lost[p] = pieces.get(p).lost(way);
        numbers += pieces.get(p).numbers(way);
      }
      shares.add(new Share(alternatives[i], lost, numbers));
    }
    return shares;
  }

  /** The least price at which the budget holds; infinite if nothing may be lost. */
  private static double price(List<List<Alternative>> parts, double budget) {
    double high = Double.MIN_NORMAL;
    double most = Double.MIN_NORMAL;
    for (List<Alternative> alternatives : parts) {
      for (Alternative alternative : alternatives) {
        double lost = 0;
        for (TradeOff piece : alternative.pieces()) {
          for (int place = 0; place + 1 < piece.hullSize(); place++) {
            high = Math.max(high, piece.saved(place) / piece.energy(place));
          }
          lost += piece.lost(piece.size() - 1);
        }
        most = Math.max(most, lost);
      }
    }
    // Numbers are whole, so no step, and no change of alternatives, pays at less than 1 / most.
    double low = Math.max(Double.MIN_NORMAL, 0.5 / most);
    high = Math.min(high * 2, Double.MAX_VALUE);
    while (lostAt(parts, high) > budget && high < Double.MAX_VALUE) {
      high = Math.min(high * PRICE_STEP, Double.MAX_VALUE);
    }
    if (lostAt(parts, low) <= budget) {
      return low;
    }
    if (lostAt(parts, high) > budget) {
      return Double.POSITIVE_INFINITY;
    }
    for (int step = 0; step < BISECTIONS && low < high; step++) {
      double middle = Math.sqrt(low) * Math.sqrt(high);
      if (lostAt(parts, middle) <= budget) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high;
  }

  private static double lostAt(List<List<Alternative>> parts, double price) {
    double lost = 0;
    for (List<Alternative> alternatives : parts) {
      for (TradeOff piece : alternatives.get(cheapest(alternatives, price)).pieces()) {
        lost += piece.lost(piece.onHull(piece.cheapestAt(price)));
      }
    }
    return lost;
  }

  /** The alternative of least numbers + θ·lost; of equal ones the first. */
  private static int cheapest(List<Alternative> alternatives, double price) {
    int best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int a = 0; a < alternatives.size() && alternatives.size() > 1; a++) {
      double cost = 0;
      for (TradeOff piece : alternatives.get(a).pieces()) {
        int way = piece.onHull(piece.cheapestAt(price));
        double lost = piece.lost(way);
        cost += piece.numbers(way) + (lost == 0 ? 0 : price * lost);
      }
      if (cost < least) {
        least = cost;
        best = a;
      }
    }
    return best;
  }

  private record Step(int part, int piece, double energyPerNumber) {}

  /** Takes the next steps on the hulls, those of most numbers for their energy first. */
  private static void spend(
      List<List<Alternative>> parts, int[] alternatives, List<int[]> places, double budget) {
    PriorityQueue<Step> steps =
        new PriorityQueue<>(
            Comparator.comparingDouble(Step::energyPerNumber)
                .thenComparingInt(Step::part)
                .thenComparingInt(Step::piece));
    for (int i = 0; i < alternatives.length; i++) {
      for (int p = 0; p < places.get(i).length; p++) {
        offer(steps, parts, alternatives, places, i, p);
      }
    }
    double left = budget;
    while (!steps.isEmpty()) {
      Step step = steps.remove();
      int[] place = places.get(step.part);
      TradeOff piece = parts.get(step.part).get(alternatives[step.part]).pieces().get(step.piece);
      double energy = piece.energy(place[step.piece]);
      if (energy <= left) {
        left -= energy;
        place[step.piece]++;
        offer(steps, parts, alternatives, places, step.part, step.piece);
      }
    }
  }

  private static void offer(
      PriorityQueue<Step> steps,
      List<List<Alternative>> parts,
      int[] alternatives,
      List<int[]> places,
      int part,
      int number) {
    TradeOff piece = parts.get(part).get(alternatives[part]).pieces().get(number);
    int place = places.get(part)[number];
    if (place + 1 < piece.hullSize()) {
      steps.add(new Step(part, number, piece.energy(place) / piece.saved(place)));
    }
  }
}
