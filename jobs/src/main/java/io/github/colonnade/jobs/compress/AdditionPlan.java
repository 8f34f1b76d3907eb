package io.github.colonnade.jobs.compress;

import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.MatrixForm;
import io.github.colonnade.connectors.view.Orientation;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.Layout;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.manifest.Scope;
import io.github.colonnade.jobs.manifest.Settings;
import io.github.colonnade.jobs.manifest.View;
import io.github.colonnade.jobs.stored.TensorKey;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is known, before any payload is read, of tensors that are to come to a collection.
 *
 * @param settings those of the collection, with the new inputs
 * @param known the keys of listed tensors that the collection has
 * @param counted the files of the inputs whose bytes are counted in the collection
 */
public record AdditionPlan(CompressSettings settings, Set<TensorKey> known, Set<String> counted) {

  /**
   * Checks that tensors can be added to a collection.
   *
   * @param shown the collection as the user named it
   * @throws UsageException if its settings mean nothing for more tensors
   */
  public static void requireGrowing(String shown, Settings settings) {
    String reason = "";
    if (settings.lost().isPresent()) {
      reason = "was made by colonnade lost, where nothing is shared; run that for the new inputs";
    } else if (settings.rank().isPresent()) {
      reason = "was made with --rank, which gives all blocks of a family one basis";
    } else if (settings.targetRatio().isPresent() || settings.targetBytes().isPresent()) {
      reason = "was made to reach a target size, which is about all of its tensors together";
    } else if (settings.scope() == Scope.COLLECTION) {
      reason = "has its error limit on all blocks together (--scope collection)";
    } else if (settings.weights().isPresent()) {
      reason = "was made with --weights, and add takes none";
    }
    if (!reason.isEmpty()) {
      throw new UsageException(
          shown
              + ": it "
              + reason
              + (settings.lost().isPresent() ? "" : "; compress the old and the new inputs anew"));
    }
  }

  /**
   * Compares what was listed with what a collection has.
   *
   * @param tensors those of the new inputs
   * @param uris the new inputs, absolute
   * @param directory of the collection, a URI
   */
  public static AdditionPlan of(
      Manifest manifest,
      List<TensorInfo> tensors,
      List<String> uris,
      String directory,
      long startMillis) {
    Set<TensorKey> listed = new HashSet<>();
    Set<String> files = new HashSet<>();
    for (TensorInfo tensor : tensors) {
      listed.add(TensorKey.of(tensor));
      files.add(tensor.source());
      files.add(tensor.payload().path());
    }
    Set<TensorKey> known = new HashSet<>();
    Set<String> counted = new HashSet<>();
    Map<Shape, MatrixForm> forms = new HashMap<>();
    Settings settings = manifest.settings();
    for (BlockEntry block : manifest.blocks()) {
      note(block.source(), block.tensor(), listed, files, known, counted);
      if (settings.rows().isEmpty() && block.view().isPresent()) {
        forms.merge(
            Shape.of(block.shape()),
            form(block, block.view().get(), settings),
            AdditionPlan::wider);
      }
    }
    for (RejectedEntry rejected : manifest.rejected()) {
      note(rejected.source(), rejected.tensor(), listed, files, known, counted);
    }
    for (TensorInfo tensor : tensors) {
      if (known.contains(TensorKey.of(tensor))) {
        counted.add(tensor.payload().path());
      }
    }
    return new AdditionPlan(
        CompressSettings.forAddition(settings, uris, forms, directory, startMillis),
        known,
        counted);
  }

  private static void note(
      String source,
      String tensor,
      Set<TensorKey> listed,
      Set<String> files,
      Set<TensorKey> known,
      Set<String> counted) {
    TensorKey key = new TensorKey(source, tensor);
    if (listed.contains(key)) {
      known.add(key);
    }
    if (files.contains(source)) {
      counted.add(source);
    }
  }

  private static MatrixForm form(BlockEntry block, View view, Settings settings) {
    Orientation orientation =
        view.layout() == Layout.ROW_MAJOR ? Orientation.AS_STORED : Orientation.TRANSPOSED;
    if (settings.columns().isPresent()) {
      return new MatrixForm(orientation, settings.columns().getAsInt());
    }
    return block.part().isPresent()
        ? new MatrixForm(orientation, view.columns())
        : MatrixForm.whole(orientation);
  }

  /** The last block of a tensor may have fewer columns than the others. */
  private static MatrixForm wider(MatrixForm one, MatrixForm other) {
    return other.columns() > one.columns() ? other : one;
  }

  /** Whether the collection has a tensor. */
  public boolean has(TensorInfo tensor) {
    return known.contains(TensorKey.of(tensor));
  }
}
