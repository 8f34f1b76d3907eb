"""Writes 24 smooth fields of 1024×1024 float32 to a safetensors file: sums of rotated bells, and noise of 0.1 %.

    fields.py FILE
"""

import json
import sys

import numpy as np

SIDE = 1024
FIELDS = 24
BELLS = 12
NOISE = 1e-3


def field(random):
    x = np.linspace(0, 1, SIDE)
    total = np.zeros((SIDE, SIDE))
    for _ in range(BELLS):
        center_x, center_y = random.random(2)
        width = 0.05 + 0.2 * random.random()
        angle = 6 * random.random()
        along = (x[:, None] - center_x) * np.cos(angle) + (x[None, :] - center_y) * np.sin(angle)
        across = -(x[:, None] - center_x) * np.sin(angle) + (x[None, :] - center_y) * np.cos(angle)
        total += random.standard_normal() * np.exp(-((along / width) ** 2) - (across / (width / 2)) ** 2)
    total += NOISE * np.std(total) * random.standard_normal((SIDE, SIDE))
    return total.astype("<f4")


def main():
    random = np.random.default_rng(1)
    size = 4 * SIDE * SIDE
    header = {
        f"f{i:02d}": {"dtype": "F32", "shape": [SIDE, SIDE], "data_offsets": [i * size, (i + 1) * size]}
        for i in range(FIELDS)
    }
    text = json.dumps(header).encode()
    with open(sys.argv[1], "wb") as out:
        out.write(len(text).to_bytes(8, "little") + text)
        for _ in range(FIELDS):
            out.write(field(random).tobytes())


if __name__ == "__main__":
    main()
