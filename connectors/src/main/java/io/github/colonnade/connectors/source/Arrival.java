package io.github.colonnade.connectors.source;

import io.github.colonnade.connectors.tensor.TensorInfo;

/**
 * What a watching source gives: tensors as they are found, each for a batch, and word of batches
 * that get no more.
 *
 * <p>Which tensors are a batch is decided where they are listed, in one place and in one order, so
 * it does not depend on how many subtasks read them or how fast these are.
 */
public sealed interface Arrival {

  /**
   * A tensor. All its blocks are in one batch.
   *
   * @param ordinal its number among all arrivals of tensors, from 0
   * @param tensor where it is
   * @param batch the batch it is in
   * @param fileBytes the bytes of the input files that are counted with this tensor: those of its
   *     file if it is the first of that, else 0
   * @param listedMillis when it was found, in milliseconds since 1970
   */
  record Tensor(long ordinal, TensorInfo tensor, Batch batch, long fileBytes, long listedMillis)
      implements Arrival {}

  /**
   * A batch is complete.
   *
   * @param tensors how many were given for it
   */
  record Seal(Batch batch, long tensors) implements Arrival {}

  /**
   * A file that gives no tensors.
   *
   * @param ordinal its number among all refusals, from 0
   * @param source the URI of the file, or of an input if it is not known which of its files
   * @param reason what is wrong and what to do, in words
   */
  record Refusal(long ordinal, String source, Cause cause, String reason) implements Arrival {}

  /** Why a file gives no tensors. */
  enum Cause {
    /** It is of no known format, or not sound. */
    UNREADABLE,
    /** It appeared with an earlier time than files that were read before, and cannot be told. */
    LATE,
    /** Its tensors were read before it was written again. */
    REWRITTEN
  }

  /**
   * Tensors that are planned together.
   *
   * @param rows of their blocks, or 0 for tensors that pass through
   * @param number among the batches of these rows, from 0
   */
  record Batch(int rows, long number) {}
}
