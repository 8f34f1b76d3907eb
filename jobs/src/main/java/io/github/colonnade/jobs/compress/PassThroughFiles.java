package io.github.colonnade.jobs.compress;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Divides tensors that pass through among output files. */
public final class PassThroughFiles {

  /** The payload bytes of one output file, unless one tensor is larger. */
  private static final long FILE_BYTES = 256L << 20;

  private PassThroughFiles() {}

  /** The files of these tensors, in the order of the listing. */
  public static List<EncodeTask> of(Collection<PassThrough> tensors) {
    List<EncodeTask> files = new ArrayList<>();
    List<PassThrough> batch = new ArrayList<>();
    long bytes = 0;
    for (PassThrough tensor :
        tensors.stream().sorted(Comparator.comparingLong(PassThrough::ordinal)).toList()) {
      if (!batch.isEmpty() && bytes + tensor.tensor().sizeBytes() > FILE_BYTES) {
        files.add(file(files.size(), batch));
        batch = new ArrayList<>();
        bytes = 0;
      }
      batch.add(tensor);
      bytes += tensor.tensor().sizeBytes();
    }
    if (!batch.isEmpty()) {
      files.add(file(files.size(), batch));
    }
    return files;
  }

  private static EncodeTask file(int number, List<PassThrough> batch) {
    StageTimes times =
        batch.stream().map(PassThrough::times).reduce(StageTimes.none(), StageTimes::join);
    String name = String.format(Locale.ROOT, "passthrough-%05d.safetensors", number);
    return new EncodeTask(name, List.of(), batch, times);
  }
}
