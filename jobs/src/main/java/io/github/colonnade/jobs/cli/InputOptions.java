package io.github.colonnade.jobs.cli;

import io.github.colonnade.jobs.UsageException;
import io.github.colonnade.jobs.manifest.Transpose;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which tensors of which files are the blocks of a run. */
final class InputOptions {
  @Parameters(
      arity = "1..*",
      paramLabel = "INPUT",
      description = {
        "Files or directories with safetensors (single files or model.safetensors.index.json"
            + " shards), .npy, .npz, ONNX, GGUF, HDF5, MATLAB .mat, TIFF or Matrix Market; paths or URIs."
      })
  private List<String> inputs = new ArrayList<>();

  @Option(
      names = "--rows",
      paramLabel = "M",
      description = {
        "Reshape each tensor to (-1, M) and take those rows as columns of height M."
            + " Without it, each 2-D tensor is a matrix as it is."
      })
  private @Nullable Integer rows;

  @Option(
      names = "--columns",
      paramLabel = "C",
      description = {
        "Cut each matrix into blocks of C columns. Default: very wide ones where that is expected"
            + " to take less, by a sample."
      })
  private @Nullable Integer columns;

  @Option(
      names = "--transpose",
      paramLabel = "WHEN",
      defaultValue = "auto",
      description = {
        "Take 2-D tensors transposed: auto (where that is expected to take less, by a sample of"
            + " each shape), never or always. Default: ${DEFAULT-VALUE}."
      })
  private Transpose transpose = Transpose.AUTO;

  @Option(
      names = "--include",
      paramLabel = "PATTERN",
      description = {
        "Compress only tensors whose name matches (* and ? as in file names). May be repeated."
      })
  private List<String> include = new ArrayList<>();

  @Option(
      names = "--exclude",
      paramLabel = "PATTERN",
      description = {
        "Leave tensors whose name matches as they are; wins over --include. May be repeated."
      })
  private List<String> exclude = new ArrayList<>();

  @Option(
      names = "--strict",
      description = {
        "End the run at the first tensor with NaN or infinity, instead of rejecting that tensor."
      })
  private boolean strict;

  List<String> inputs() {
    return List.copyOf(inputs);
  }

  OptionalInt rows() {
    return rows == null ? OptionalInt.empty() : OptionalInt.of(rows);
  }

  OptionalInt columns() {
    return columns == null ? OptionalInt.empty() : OptionalInt.of(columns);
  }

  Transpose transpose() {
    return transpose;
  }

  List<String> include() {
    return List.copyOf(include);
  }

  List<String> exclude() {
    return List.copyOf(exclude);
  }

  boolean strict() {
    return strict;
  }

  void check() {
    atLeastOne("--rows", rows());
    atLeastOne("--columns", columns());
    notEmpty("--include", include);
    notEmpty("--exclude", exclude);
    if (transpose == Transpose.ALWAYS && rows != null) {
      throw new UsageException(
          "--transpose always: it is for 2-D tensors as they are, not with --rows");
    }
  }

  private static void notEmpty(String option, List<String> patterns) {
    if (patterns.contains("")) {
      throw new UsageException(option + ": expected a pattern, got an empty one");
    }
  }

  static void atLeastOne(String option, OptionalInt value) {
    if (value.isPresent() && value.getAsInt() < 1) {
      throw new UsageException(option + ": expected at least 1, got " + value.getAsInt());
    }
  }
}
