package io.github.colonnade.jobs.layout;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.MatrixForm;
import io.github.colonnade.connectors.view.MatrixView;
import io.github.colonnade.connectors.view.Orientation;
import io.github.colonnade.connectors.view.TensorPlan;
import io.github.colonnade.jobs.compress.CompressSettings;
import io.github.colonnade.jobs.layout.SampleCosts.Families;
import io.github.colonnade.jobs.manifest.Transpose;
import io.github.colonnade.jobs.plan.Undecided;
import io.github.colonnade.jobs.weights.WeightsFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Chooses for each shape whether its matrices are taken transposed, and whether wide ones are cut
 * into ranges of columns.
 *
 * <p>Which blocks may share a basis depends on their rows, so the shapes are not independent: m×n
 * and n×m can be one family. The search starts from all matrices as stored and whole, and changes
 * the form of one group of shapes at a time where the families that change are expected to take
 * less, by the {@link SampleCosts costs of a sample}, half of which tells first whether a change is
 * worth looking at. Wide matrices are cut when the orientations are found. The result depends on
 * the collection and the settings alone.
 *
 * <p>Tensors that have weights are taken as their weights need them, are never cut and are not part
 * of the samples.
 */
public final class FormChooser {

  /** A change of orientation saves at least this share of the families that change. */
  private static final double LEAST_TURNING_SAVES = 0.01;

  /** Cutting does, which makes many more blocks to search among. */
  private static final double LEAST_CUTTING_SAVES = 0.05;

  /** The forms of so many groups are chosen, those of most bytes. */
  private static final int MOST_GROUPS = 8;

  private static final int ROUNDS = 2;

  private final Undecided undecided;
  private final SampleCosts costs;
  private final List<ShapeGroup> groups;
  private final List<Form> forms;
  private final double[] shares;

  private FormChooser(Undecided undecided, SampleCosts costs, List<ShapeGroup> groups, Form asked) {
    this.undecided = undecided;
    this.costs = costs;
    this.groups = groups;
    this.forms = new ArrayList<>(Collections.nCopies(groups.size(), asked));
    this.shares = new double[groups.size()];
  }

  /**
   * Reads a sample and chooses.
   *
   * @param tensors those of the inputs
   * @param parallelism how many matrices are sketched at a time
   * @throws FormatException if a file of the sample is not sound
   * @throws IOException if the storage fails
   */
  public static Choices choose(
      CompressSettings settings,
      List<TensorInfo> tensors,
      Optional<WeightsFile> weights,
      int parallelism)
      throws IOException {
    Undecided undecided = settings.undecided();
    MatrixView view = settings.view();
    List<TensorInfo> matrices =
        tensors.stream().filter(each -> view.plan(each) instanceof TensorPlan.Blocks).toList();
    Form asked = asked(settings);
    Map<Shape, MatrixForm> chosen = new HashMap<>();
    weights.ifPresent(file -> chosen.putAll(forWeights(file, matrices, undecided, asked)));
    List<TensorInfo> free =
        matrices.stream().filter(each -> !chosen.containsKey(each.shape())).toList();
    List<ShapeGroup> groups =
        ShapeGroup.of(free).stream()
            .filter(group -> hasChoice(group, free, undecided, asked))
            .filter(group -> !SampleCosts.sample(group).isEmpty())
            .limit(MOST_GROUPS)
            .toList();
    List<String> lines = new ArrayList<>();
    try (SampleCosts costs = new SampleCosts(settings, groups, parallelism)) {
      FormChooser chooser = new FormChooser(undecided, costs, groups, asked);
      chooser.turn(free);
      chooser.cut();
      for (int i = 0; i < groups.size(); i++) {
        Form form = chooser.forms.get(i);
        if (!form.equals(asked)) {
          groups.get(i).shapes().forEach(shape -> chosen.put(shape, form.of(shape)));
          lines.add(chooser.line(i));
        }
      }
    }
    return new Choices(chosen, lines);
  }

  private static Form asked(CompressSettings settings) {
    Orientation orientation =
        settings.input().transpose() == Transpose.ALWAYS
            ? Orientation.TRANSPOSED
            : Orientation.AS_STORED;
    return settings.input().columns() == 0
        ? Form.whole(orientation)
        : new Form(orientation, settings.input().columns(), true);
  }

  private static Map<Shape, MatrixForm> forWeights(
      WeightsFile weights, List<TensorInfo> matrices, Undecided undecided, Form asked) {
    Form needed =
        undecided.orientation()
            ? new Form(weights.orientation(), asked.width(), asked.exact())
            : asked;
    Map<Shape, MatrixForm> forms = new HashMap<>();
    for (TensorInfo matrix : matrices) {
      if (weights.weight(matrix.name()).isPresent()) {
        forms.put(matrix.shape(), needed.of(matrix.shape()));
      }
    }
    return forms;
  }

  private static boolean hasChoice(
      ShapeGroup group, List<TensorInfo> all, Undecided undecided, Form asked) {
    return (undecided.orientation() && hasCompany(group, all))
        || (undecided.columns()
            && (group.hasWide(asked.orientation())
                || (undecided.orientation() && group.hasWide(asked.turned().orientation()))));
  }

  /** By itself a matrix takes as much either way round. */
  private static boolean hasCompany(ShapeGroup group, List<TensorInfo> all) {
    Set<Long> sides = group.sides();
    return all.stream()
            .filter(
                each -> sides.contains(each.shape().dim(0)) || sides.contains(each.shape().dim(1)))
            .limit(2)
            .count()
        == 2;
  }

  /** Takes groups the other way round where that saves enough. */
  private void turn(List<TensorInfo> all) throws IOException {
    boolean changed = undecided.orientation();
    for (int round = 0; round < ROUNDS && changed; round++) {
      changed = false;
      for (int i = 0; i < groups.size(); i++) {
        if (hasCompany(groups.get(i), all)) {
          changed |= choose(i, List.of(forms.get(i).turned()), LEAST_TURNING_SAVES);
        }
      }
    }
  }

  /** Cuts wide matrices where that saves enough. */
  private void cut() throws IOException {
    if (!undecided.columns()) {
      return;
    }
    for (int i = 0; i < groups.size(); i++) {
      ShapeGroup group = groups.get(i);
      List<Form> cuts = new ArrayList<>();
      for (Orientation orientation : Orientation.values()) {
        if (group.hasWide(orientation)
            && (undecided.orientation() || orientation == forms.get(i).orientation())) {
          cuts.addAll(cuts(group, orientation));
        }
      }
      choose(i, cuts, LEAST_CUTTING_SAVES);
    }
  }

  /** Widths of twice and half the rows: of narrower parts, a sample has too few columns. */
  private static List<Form> cuts(ShapeGroup group, Orientation orientation) {
    List<Form> cuts = new ArrayList<>();
    for (Shape shape : group.shapes()) {
      if (Form.isWide(shape, orientation)) {
        long m = Form.rows(shape, orientation);
        for (long width : new long[] {2 * m, m / Undecided.ROWS_PER_COLUMN}) {
          if (width >= Undecided.leastColumns(m)) {
            cuts.add(new Form(orientation, width, false));
          }
        }
        break;
      }
    }
    return cuts;
  }

  /** Gives a group the cheapest of some forms if it saves enough over the one it has. */
  private boolean choose(int group, List<Form> others, double leastShare) throws IOException {
    Optional<Form> best = Optional.empty();
    double bestShare = leastShare;
    for (Form other : others) {
      List<Form> changed = new ArrayList<>(forms);
      changed.set(group, other);
      if (costs.mayPay(forms, changed, leastShare)) {
        Families now = costs.families(forms);
        Families then = costs.families(changed);
        double before = now.without(then);
        double share = (before - then.without(now)) / before;
        if (share >= bestShare) {
          best = Optional.of(other);
          bestShare = share;
        }
      }
      costs.keepOnly(forms);
    }
    best.ifPresent(form -> forms.set(group, form));
    if (best.isPresent()) {
      shares[group] = 1 - (1 - shares[group]) * (1 - bestShare);
      costs.keepOnly(forms);
    }
    return best.isPresent();
  }

  private String line(int group) {
    Form form = forms.get(group);
    Shape largest = groups.get(group).shapes().get(0);
    long columns = form.of(largest).columns();
    List<String> how = new ArrayList<>();
    if (form.orientation() == Orientation.TRANSPOSED && undecided.orientation()) {
      how.add("transposed");
    }
    if (columns != MatrixForm.WHOLE && undecided.columns()) {
      how.add("cut into ranges of at most " + columns + " columns");
    }
    return String.format(
        Locale.ROOT,
        "%s (%d): %s; by a sample %.1f %% less",
        groups.get(group).name(),
        groups.get(group).tensors().size(),
        String.join(", ", how),
        100 * shares[group]);
  }
}
