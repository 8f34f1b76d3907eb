package io.github.colonnade.connectors.format;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.TensorInfo;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.apache.flink.core.fs.Path;

/** Recognises Python pickles, such as PyTorch's own checkpoints, and refuses them. */
public final class PickleRefusal implements TensorFormat {
  static final String REASON =
      "this is a Python pickle, which can run code when it is loaded, so it is not opened;"
          + " convert it to safetensors (safetensors.torch.save_file) where you trust it";

  private static final List<String> ENDINGS = List.of(".pt", ".pth", ".bin", ".ckpt", ".pkl");

  @Override
  public String name() {
    return "pickle";
  }

  @Override
  public boolean acceptsName(String fileName) {
    String lower = fileName.toLowerCase(Locale.ROOT);
    return ENDINGS.stream().anyMatch(lower::endsWith);
  }

  @Override
  public boolean acceptsContent(byte[] head) {
    // PROTO opcode with a protocol number, then FRAME or an opcode that builds something.
    boolean pickle = head.length > 2 && (head[0] & 0xff) == 0x80 && head[1] >= 2 && head[1] <= 5;
    return pickle || isZipOfPickle(head);
  }

  private static boolean isZipOfPickle(byte[] head) {
    return head.length > 4
        && head[0] == 'P'
        && head[1] == 'K'
        && new String(head, StandardCharsets.ISO_8859_1).contains("data.pkl");
  }

  @Override
  public List<TensorInfo> list(Path file) {
    throw FormatException.of(file.toString(), REASON);
  }
}
