package io.github.colonnade.jobs.manifest;

/** The kind of reason for which a tensor, or a whole file, is not in the output. */
public enum RejectionCause implements Keyed {
  /** A number of the tensor is NaN or infinite. */
  NOT_FINITE("not-finite"),
  /** The file, or this tensor in it, could not be read or is no matrix that a run could take. */
  UNREADABLE("unreadable"),
  /** The file came so late that it cannot be told from one that was seen before. */
  LATE("late"),
  /** The file was written again after its tensors had been taken; those are in the output. */
  REWRITTEN("rewritten"),
  /** The file was no longer as it was listed when the tensor was to be read. */
  CHANGED("changed"),
  /** To work on the tensor takes more memory than a stream has. */
  TOO_LARGE("too-large");

  private final String key;

  RejectionCause(String key) {
    this.key = key;
  }

  @Override
  public String key() {
    return key;
  }

  /** The key, so that error messages show it. */
  @Override
  public String toString() {
    return key;
  }
}
