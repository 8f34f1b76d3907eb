package io.github.colonnade.jobs.verify;

import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.view.BlockRef;
import io.github.colonnade.connectors.view.Layout;
import io.github.colonnade.jobs.manifest.BlockEntry;
import io.github.colonnade.jobs.manifest.ClusterEntry;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.Part;
import io.github.colonnade.jobs.manifest.View;
import io.github.colonnade.jobs.stored.MemberNumbers;
import io.github.colonnade.jobs.verify.CheckItem.ClusterPiece;
import io.github.colonnade.jobs.verify.CheckItem.Copy;
import io.github.colonnade.jobs.verify.CheckItem.Member;
import io.github.colonnade.jobs.verify.CheckItem.TensorBlocks;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Cuts the work into items. Small clusters and copies come together in one; a large cluster is cut
 * into several, each of which reads its basis again.
 */
final class WorkPlanner {
  /** An item is full at this many bytes of originals, or blocks. */
  private static final long FULL_BYTES = 16L << 20;

  private static final int FULL_BLOCKS = 4096;

  /**
   * A piece is at least this many times its basis, so that bases are a small part of the reading.
   */
  private static final long TIMES_BASIS = 4;

  private final List<CheckItem> items = new ArrayList<>();
  private List<ClusterPiece> pieces = new ArrayList<>();
  private List<Copy> copies = new ArrayList<>();
  private long bytes;
  private long blocks;

  private final MemberNumbers numbers;

  private WorkPlanner(MemberNumbers numbers) {
    this.numbers = numbers;
  }

  /**
   * @param tensors those whose blocks are to be checked
   */
  static List<CheckItem> plan(Manifest manifest, List<Coverage.Matched> tensors) {
    List<ClusterEntry> clusters = manifest.clusters();
    WorkPlanner planner = new WorkPlanner(new MemberNumbers(manifest));
    Map<String, List<TensorBlocks>> byCluster = new LinkedHashMap<>();
    clusters.forEach(cluster -> byCluster.put(cluster.id(), new ArrayList<>()));
    List<Copy> toCompare = new ArrayList<>();
    for (Coverage.Matched tensor : tensors) {
      planner.sort(tensor, byCluster, toCompare);
    }
    for (ClusterEntry cluster : clusters) {
      planner.add(cluster, byCluster.getOrDefault(cluster.id(), List.of()));
    }
    toCompare.forEach(planner::add);
    planner.emit();
    return planner.items;
  }

  private void sort(
      Coverage.Matched tensor, Map<String, List<TensorBlocks>> byCluster, List<Copy> copies) {
    Map<String, List<Member>> members = new LinkedHashMap<>();
    for (BlockEntry block : tensor.entry().blocks()) {
      if (block.cluster().isPresent()) {
        members
            .computeIfAbsent(block.cluster().get(), id -> new ArrayList<>(1))
            .add(member(block, tensor.original()));
      } else {
        copies.add(copy(block, tensor.original()));
      }
    }
    members.forEach(
        (id, blocks) ->
            byCluster
                .computeIfAbsent(id, unused -> new ArrayList<>())
                .add(new TensorBlocks(tensor.original(), blocks)));
  }

  private Member member(BlockEntry block, TensorInfo original) {
    return new Member(
        block.id(),
        numbers.of(block),
        ref(block, original),
        block.coefficients(),
        block.scale(),
        block.error(),
        block.weightedError(),
        block.sha256(),
        block.sparse());
  }

  private static Copy copy(BlockEntry block, TensorInfo original) {
    return new Copy(
        block.id(),
        original,
        block.view().map(view -> ref(block, original)),
        block.data().orElseThrow(),
        block.sha256());
  }

  private static BlockRef ref(BlockEntry block, TensorInfo original) {
    View view = block.view().orElseThrow();
    Layout layout =
        switch (view.layout()) {
          case ROW_MAJOR -> Layout.ROW_MAJOR;
          case COLUMN_MAJOR -> Layout.COLUMN_MAJOR;
        };
    long from = block.part().map(Part::from).orElse(0L);
    return new BlockRef(original, view.rows(), view.columns(), from, layout);
  }

  private void add(ClusterEntry cluster, List<TensorBlocks> tensors) {
    long full = Math.max(FULL_BYTES, TIMES_BASIS * Double.BYTES * cluster.rows() * cluster.rank());
    List<TensorBlocks> piece = new ArrayList<>();
    long pieceBytes = 0;
    for (TensorBlocks tensor : tensors) {
      List<Member> members = new ArrayList<>();
      for (Member member : tensor.members()) {
        members.add(member);
        pieceBytes += member.block().sizeBytes();
        blocks++;
        if (pieceBytes >= full || blocks >= FULL_BLOCKS) {
          piece.add(new TensorBlocks(tensor.tensor(), members));
          addPiece(cluster, piece, pieceBytes);
          emit();
          members = new ArrayList<>();
          piece = new ArrayList<>();
          pieceBytes = 0;
        }
      }
      if (!members.isEmpty()) {
        piece.add(new TensorBlocks(tensor.tensor(), members));
      }
    }
    if (!piece.isEmpty()) {
      addPiece(cluster, piece, pieceBytes);
      emitIfFull();
    }
  }

  private void addPiece(ClusterEntry cluster, List<TensorBlocks> piece, long pieceBytes) {
    pieces.add(
        new ClusterPiece(
            cluster.id(),
            cluster.rows(),
            cluster.rank(),
            cluster.basis(),
            cluster.mask(),
            cluster.error(),
            cluster.weightedError(),
            cluster.blocks(),
            piece));
    bytes += pieceBytes;
  }

  private void add(Copy copy) {
    copies.add(copy);
    bytes += copy.sizeBytes();
    blocks++;
    emitIfFull();
  }

  private void emitIfFull() {
    if (bytes >= FULL_BYTES || blocks >= FULL_BLOCKS) {
      emit();
    }
  }

  private void emit() {
    if (pieces.isEmpty() && copies.isEmpty()) {
      return;
    }
    items.add(new CheckItem(items.size(), pieces, copies));
    pieces = new ArrayList<>();
    copies = new ArrayList<>();
    bytes = 0;
    blocks = 0;
  }
}
