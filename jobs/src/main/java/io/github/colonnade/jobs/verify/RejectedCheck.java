package io.github.colonnade.jobs.verify;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.FloatCodec;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorReader;
import io.github.colonnade.jobs.manifest.Manifest;
import io.github.colonnade.jobs.manifest.RejectedEntry;
import io.github.colonnade.jobs.manifest.RejectionCause;
import io.github.colonnade.jobs.stored.TensorKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * Reads the originals of the tensors that were rejected as not finite: each must have such a
 * number. Other causes lay in how a file was when it was read, which it need not be any more.
 */
final class RejectedCheck {
  /** A whole number of elements of every float type. */
  private static final int BUFFER_BYTES = 1 << 16;

  private RejectedCheck() {}

  static void check(
      Manifest manifest, FileRejections rejections, Originals originals, Findings findings)
      throws IOException {
    for (RejectedEntry rejected : manifest.rejected()) {
      if (rejected.cause() != RejectionCause.NOT_FINITE
          || rejections.changed().contains(rejected.source())) {
        continue;
      }
      TensorKey key = new TensorKey(rejected.source(), rejected.tensor());
      TensorInfo original = originals.tensors().get(key);
      if (original == null) {
        continue;
      }
      if (!original.dtype().isFloat()) {
        findings.add(key + " is listed as rejected, but it is of " + original.dtype());
        continue;
      }
      try {
        if (isFinite(original)) {
          findings.add(key + " is listed as rejected, but all its numbers are finite");
        }
      } catch (FormatException e) {
        findings.add("the original of " + key + " cannot be read: " + e.getMessage());
      }
    }
  }

  private static boolean isFinite(TensorInfo tensor) throws IOException {
    int size = tensor.dtype().sizeBytes();
    byte[] bytes = new byte[BUFFER_BYTES];
    double[] values = new double[BUFFER_BYTES / size];
    try (InputStream in = TensorReader.open(tensor)) {
      for (long left = tensor.sizeBytes(); left > 0; left -= BUFFER_BYTES) {
        int count = in.readNBytes(bytes, 0, (int) Math.min(BUFFER_BYTES, left)) / size;
        FloatCodec.decode(tensor.dtype(), ByteBuffer.wrap(bytes), values, 0, count);
        for (int i = 0; i < count; i++) {
          if (!Double.isFinite(values[i])) {
            return false;
          }
        }
      }
    }
    return true;
  }
}
