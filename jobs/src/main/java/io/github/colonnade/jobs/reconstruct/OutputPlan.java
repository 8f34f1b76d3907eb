package io.github.colonnade.jobs.reconstruct;

import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.write.TensorHeader;
import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.Layout;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.View;
import io.github.colonnade.jobs.reconstruct.FilePlan.Copy;
import io.github.colonnade.jobs.reconstruct.FilePlan.Piece;
import io.github.colonnade.jobs.reconstruct.FilePlan.Product;
import io.github.colonnade.jobs.reconstruct.FilePlan.Tensor;
import io.github.colonnade.jobs.reconstruct.FilePlan.Use;
import io.github.colonnade.jobs.stored.MemberNumbers;
import io.github.colonnade.jobs.stored.OriginalTensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The files to be written. Their tensors are in the order of the manifest, which is that of the
 * input; those of other formats than safetensors are sorted so that each lies aligned.
 *
 * @param files those that have a tensor
 * @param indexes of files that belong together
 */
record OutputPlan(List<FilePlan> files, List<IndexFile> indexes) {

  /**
   * @param only the names of the tensors to write; none means all
   * @throws UsageException if a tensor is not in the manifest once, a name is unknown or not fit
   */
  static OutputPlan of(Manifest manifest, List<String> only) {
    List<OriginalTensor> all = OriginalTensor.all(manifest);
    checkNames(all, only);
    Map<String, List<OriginalTensor>> bySource = new LinkedHashMap<>();
    for (OriginalTensor tensor : all) {
      Optional<String> fault = tensor.fault();
      if (fault.isPresent()) {
        throw new UsageException(Manifest.FILE_NAME + ": " + fault.get());
      }
      bySource.computeIfAbsent(tensor.key().source(), key -> new ArrayList<>()).add(tensor);
    }
    MemberNumbers numbers = new MemberNumbers(manifest);
    Map<String, ClusterEntry> clusters = new HashMap<>();
    manifest.clusters().forEach(cluster -> clusters.put(cluster.id(), cluster));
    Set<String> wanted = new HashSet<>(only);
    List<FilePlan> files = new ArrayList<>();
    OutputNames.of(bySource.keySet())
        .forEach(
            (source, path) -> {
              List<Tensor> tensors = new ArrayList<>();
              for (OriginalTensor tensor : bySource.getOrDefault(source, List.of())) {
                if (wanted.isEmpty() || wanted.contains(tensor.key().name())) {
                  tensors.add(tensor(tensor, clusters, numbers));
                }
              }
              if (!source.endsWith(".safetensors")) {
                tensors.sort(Comparator.comparing(Tensor::header, TensorHeader.REFERENCE_ORDER));
              }
              if (!tensors.isEmpty()) {
                files.add(new FilePlan(path, tensors));
              }
            });
    return new OutputPlan(files, IndexFile.of(files, manifest.settings().inputs()));
  }

  long sizeBytes() {
    return files.stream().mapToLong(FilePlan::sizeBytes).sum();
  }

  long tensors() {
    return files.stream().mapToLong(file -> file.tensors().size()).sum();
  }

  private static void checkNames(List<OriginalTensor> all, List<String> only) {
    if (only.isEmpty()) {
      return;
    }
    Set<String> known = new HashSet<>();
    all.forEach(tensor -> known.add(tensor.key().name()));
    for (String name : only) {
      if (!known.contains(name)) {
        List<String> close = CloseNames.to(name, known);
        throw new UsageException(
            "--only: there is no tensor "
                + name
                + (close.isEmpty() ? "" : "; did you mean " + String.join(" or ", close) + "?"));
      }
    }
  }

  private static Tensor tensor(
      OriginalTensor tensor, Map<String, ClusterEntry> clusters, MemberNumbers numbers) {
    List<Piece> pieces = new ArrayList<>(tensor.blocks().size());
    for (BlockEntry block : tensor.blocks()) {
      pieces.add(piece(block, clusters, numbers));
    }
    DType dtype = tensor.dtype();
    Shape shape = tensor.shape();
    try {
      new TensorHeader(tensor.key().name(), dtype, shape);
    } catch (IllegalArgumentException e) {
      throw new UsageException(tensor.key() + ": " + e.getMessage(), e);
    }
    return new Tensor(
        tensor.key().source(), tensor.key().name(), dtype, shape, pieces, widths(tensor));
  }

  private static List<Long> widths(OriginalTensor tensor) {
    List<View> views = tensor.blocks().stream().flatMap(block -> block.view().stream()).toList();
    boolean sideBySide = views.size() > 1 && views.get(0).layout() == Layout.ROW_MAJOR;
    return sideBySide ? views.stream().map(View::columns).toList() : List.of();
  }

  private static Piece piece(
      BlockEntry block, Map<String, ClusterEntry> clusters, MemberNumbers numbers) {
    ClusterEntry cluster = block.cluster().map(clusters::get).orElse(null);
    if (cluster == null) {
      return new Copy(block.data().orElseThrow());
    }
    View view = block.view().orElseThrow();
    return new Product(
        view.rows(),
        view.columns(),
        cluster.rank(),
        view.layout(),
        cluster.basis(),
        block.coefficients(),
        cluster.mask().map(mask -> new Use(mask, cluster.blocks(), numbers.of(block))),
        block.scale(),
        block.sparse());
  }
}
