package io.github.colonnade.connectors.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * How GGUF files keep several numbers in a block of few bytes. Numbers follow as in ggml's {@code
 * dequantize_row}, computed in single precision in the same order, so that they are the same.
 */
public enum Quantization {
  /** 4 bits and a scale for 32 numbers: d·(q − 8). */
  Q4_0(32, 18) {
    @Override
    void decode(ByteBuffer block, float[] target) {
      float d = half(block, 0);
      for (int i = 0; i < 16; i++) {
        int pair = block.get(2 + i);
        target[i] = d * ((pair & 0xf) - 8);
        target[i + 16] = d * ((pair >> 4 & 0xf) - 8);
      }
    }
  },
  /** 4 bits, a scale and a minimum for 32 numbers: d·q + m. */
  Q4_1(32, 20) {
    @Override
    void decode(ByteBuffer block, float[] target) {
      float d = half(block, 0);
      float m = half(block, 2);
      for (int i = 0; i < 16; i++) {
        int pair = block.get(4 + i);
        target[i] = d * (pair & 0xf) + m;
        target[i + 16] = d * (pair >> 4 & 0xf) + m;
      }
    }
  },
  /** 5 bits and a scale for 32 numbers: d·(q − 16). */
  Q5_0(32, 22) {
    @Override
    void decode(ByteBuffer block, float[] target) {
      float d = half(block, 0);
      int high = block.getInt(2);
      for (int i = 0; i < 16; i++) {
        int pair = block.get(6 + i);
        target[i] = d * (((pair & 0xf) | (high >> i & 1) << 4) - 16);
        target[i + 16] = d * (((pair >> 4 & 0xf) | (high >> (i + 16) & 1) << 4) - 16);
      }
    }
  },
  /** 5 bits, a scale and a minimum for 32 numbers: d·q + m. */
  Q5_1(32, 24) {
    @Override
    void decode(ByteBuffer block, float[] target) {
      float d = half(block, 0);
      float m = half(block, 2);
      int high = block.getInt(4);
      for (int i = 0; i < 16; i++) {
        int pair = block.get(8 + i);
        target[i] = d * ((pair & 0xf) | (high >> i & 1) << 4) + m;
        target[i + 16] = d * ((pair >> 4 & 0xf) | (high >> (i + 16) & 1) << 4) + m;
      }
    }
  },
  /** 8 bits and a scale for 32 numbers: d·q. */
  Q8_0(32, 34) {
    @Override
    void decode(ByteBuffer block, float[] target) {
      float d = half(block, 0);
      for (int i = 0; i < 32; i++) {
        target[i] = d * block.get(2 + i);
      }
    }
  },
  /** 4 bits for 256 numbers, of which each 32 have a scale and a minimum of 6 bits. */
  Q4_K(256, 144) {
    @Override
    void decode(ByteBuffer block, float[] target) {
      float d = half(block, 0);
      float min = half(block, 2);
      for (int part = 0; part < 8; part++) {
        float scale = d * scale(block, 4, part);
        float least = min * minimum(block, 4, part);
        int from = 16 + part / 2 * 32;
        int shift = part % 2 * 4;
        for (int i = 0; i < 32; i++) {
          target[part * 32 + i] = scale * (block.get(from + i) >> shift & 0xf) - least;
        }
      }
    }
  },
  /** 5 bits for 256 numbers, of which each 32 have a scale and a minimum of 6 bits. */
  Q5_K(256, 176) {
    @Override
    void decode(ByteBuffer block, float[] target) {
      float d = half(block, 0);
      float min = half(block, 2);
      for (int part = 0; part < 8; part++) {
        float scale = d * scale(block, 4, part);
        float least = min * minimum(block, 4, part);
        int from = 48 + part / 2 * 32;
        int shift = part % 2 * 4;
        for (int i = 0; i < 32; i++) {
          int high = (block.get(16 + i) >> part & 1) << 4;
          target[part * 32 + i] = scale * ((block.get(from + i) >> shift & 0xf) | high) - least;
        }
      }
    }
  },
  /** 6 bits for 256 numbers, of which each 16 have a scale of 8 bits. */
  Q6_K(256, 210) {
    @Override
    void decode(ByteBuffer block, float[] target) {
      float d = half(block, 208);
      for (int i = 0; i < 256; i++) {
        // Four runs of 32 in each half: low bits in two nibbles of 64 bytes, high bits in 32.
        int run = i / 32 % 4;
        int half = i / 128;
        int low = block.get(half * 64 + run % 2 * 32 + i % 32) >> (run / 2 * 4) & 0xf;
        int high = block.get(128 + half * 32 + i % 32) >> (run * 2) & 3;
        target[i] = d * block.get(192 + i / 16) * ((low | high << 4) - 32);
      }
    }
  };

  private final int blockElements;
  private final int blockBytes;

  Quantization(int blockElements, int blockBytes) {
    this.blockElements = blockElements;
    this.blockBytes = blockBytes;
  }

  /** Numbers in a block. */
  public int blockElements() {
    return blockElements;
  }

  /** Bytes of a block. */
  public int blockBytes() {
    return blockBytes;
  }

  /**
   * Decodes one block.
   *
   * @param block {@link #blockBytes()} bytes from {@code offset}, not modified
   * @param target receives {@link #blockElements()} numbers from its start
   */
  public final void decode(byte[] block, int offset, float[] target) {
    decode(
        ByteBuffer.wrap(block, offset, blockBytes).slice().order(ByteOrder.LITTLE_ENDIAN), target);
  }

  abstract void decode(ByteBuffer block, float[] target);

  private static float half(ByteBuffer block, int at) {
    return HalfPrecision.f16ToFloat(block.getShort(at));
  }

  /** The scale of one of eight parts: each has 6 bits, and so has its minimum, in 12 bytes. */
  private static int scale(ByteBuffer block, int at, int part) {
    return part < 4
        ? block.get(at + part) & 0x3f
        : (block.get(at + part + 4) & 0xf) | (block.get(at + part - 4) >> 6 & 3) << 4;
  }

  private static int minimum(ByteBuffer block, int at, int part) {
    return part < 4
        ? block.get(at + part + 4) & 0x3f
        : (block.get(at + part + 4) >> 4 & 0xf) | (block.get(at + part) >> 6 & 3) << 4;
  }
}
