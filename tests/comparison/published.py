"""The five published greedy strategies (arXiv 2601.11626) in numpy, as one would write them without a library.

    published.py FILE STRATEGY --rank R --limit EPS [--precision float32|float64] [--patience N] [--oversampling P]

FILE is a safetensors file whose tensors are blocks with the same number of rows. The program partitions them once for
every line of its standard input, and prints a line of JSON for each: the seconds of preparation and of the pass, and
the clusters in the order in which they were found, as positions in the order of the tensors' names.

Products are in the precision of the data, energies in double. Faults of the published code are mended: a seed wider
than the rank counts with its first singular values only, directions that are zero up to rounding are none, and a seed
of several blocks that attracts nobody stays a cluster.
"""

import argparse
import json
import time

import numpy as np

# Below this share of a block's energy its residual is formed; above it a difference of energies tells it.
FORMED_BELOW = 1e-2

# So many of the blocks with the smallest residuals are sorted at first.
SORTED_FIRST = 512


class Blocks:
    """Blocks side by side: row i of `columns` is column i of all blocks together, contiguous in memory."""

    def __init__(self, columns, widths):
        self.columns = columns
        self.rows = columns.shape[1]
        self.widths = np.asarray(widths)
        self.starts = np.concatenate(([0], np.cumsum(self.widths)))
        self.energies = self.sums(column_energies(columns))

    def __len__(self):
        return len(self.widths)

    def sums(self, of_columns):
        """Sums over the columns of each block."""
        return of_columns if len(of_columns) == len(self) else np.add.reduceat(of_columns, self.starts[:-1])

    def block(self, position):
        """A: m×n, a view."""
        return self.columns[self.starts[position] : self.starts[position + 1]].T

    def side_by_side(self, positions):
        """[A_1 … A_K]: m×Σn, copied."""
        return self.columns[self.column_indices(positions)].T

    def column_indices(self, positions):
        if len(self.columns) == len(self):
            return positions
        return np.concatenate([np.arange(self.starts[i], self.starts[i + 1]) for i in positions])

    def selected(self, positions):
        return Blocks(self.columns[self.column_indices(positions)], self.widths[positions])


def column_energies(columns):
    """The squared norm of every row of an array, in double."""
    return np.einsum("ij,ij->i", columns, columns, dtype=np.float64)


def energy(a):
    return float(np.einsum("ij,ij->", a, a, dtype=np.float64))


def residual(q, a):
    """(I − QQᵀ)A, orthogonalised twice."""
    r = a - q @ (q.T @ a)
    r -= q @ (q.T @ r)
    return r


def left_svd(a):
    """Left singular vectors and squared singular values in double, largest first."""
    u, s, _ = np.linalg.svd(a, full_matrices=False)
    return u, s.astype(np.float64) ** 2


def rounding(dtype, roundoffs):
    """The square of so many unit roundoffs: the share of an energy below which a direction is rounding."""
    return (roundoffs * np.finfo(dtype).eps / 2) ** 2


# Of the singular values of what was given, and of what was made by products.
SVD_ROUNDOFFS = 8
PRODUCT_ROUNDOFFS = 64


class MaxNorm:
    """The first r squared singular values of the seed are captured, whatever is added (Weyl)."""

    def __init__(self, rank, oversampling):
        self.rank = rank

    def start(self, seed, energy_of_seed):
        self.energy = energy_of_seed
        if seed.shape[1] <= self.rank:
            self.captured = energy_of_seed
        else:
            values = np.linalg.svd(seed, compute_uv=False).astype(np.float64)
            self.captured = float(np.sum(values[: self.rank] ** 2))

    def extend(self, block, energy_of_block):
        self.energy += energy_of_block
        return self.squared_error()

    def squared_error(self):
        return max(0.0, self.energy - self.captured) / self.energy


class Residual:
    """The largest r of the singular values that each block adds outside the span of all earlier ones are captured."""

    def __init__(self, rank, oversampling):
        self.rank = rank

    def start(self, seed, energy_of_seed):
        m = seed.shape[0]
        u, squares = left_svd(seed)
        k = int(np.count_nonzero(squares > rounding(seed.dtype, SVD_ROUNDOFFS) * energy_of_seed))
        self.energy = energy_of_seed
        self.pool = squares[: min(k, self.rank)]
        self.captured = float(np.sum(self.pool))
        self.span = np.empty((m, m), seed.dtype, order="F")
        self.span[:, :k] = u[:, :k]
        self.size = k
        self.tolerance = rounding(seed.dtype, PRODUCT_ROUNDOFFS) * m

    def seed_basis(self):
        return self.span[:, : self.size]

    def extend(self, block, energy_of_block):
        self.energy += energy_of_block
        # There are no more than m directions; another would be rounding inside the span.
        most = self.span.shape[0] - self.size
        if most > 0:
            self.join(block, self.tolerance * energy_of_block, most)
        return self.squared_error()

    def join(self, block, floor, most):
        q = self.span[:, : self.size]
        r = residual(q, block)
        if block.shape[1] == 1:
            squares = np.array([energy(r)])
            if squares[0] <= floor:
                return
            directions = r / np.sqrt(squares[0]).astype(r.dtype)
        else:
            u, squares = left_svd(r)
            squares = squares[:most]
            squares = squares[squares > floor]
            if len(squares) == 0:
                return
            directions, _ = np.linalg.qr(residual(q, u[:, : len(squares)]))
        self.span[:, self.size : self.size + len(squares)] = directions
        self.size += len(squares)
        if len(self.pool) < self.rank or squares[0] > self.pool[-1]:
            self.pool = np.sort(np.concatenate((self.pool, squares)))[::-1][: self.rank]
            self.captured = float(np.sum(self.pool))

    def squared_error(self):
        return max(0.0, self.energy - self.captured) / self.energy


class Incremental:
    """A truncated singular value decomposition of rank r + p that every block is appended to (Brand 2006)."""

    def __init__(self, rank, oversampling):
        self.rank = rank
        self.kept = rank + oversampling

    def start(self, seed, energy_of_seed):
        self.energy = energy_of_seed
        self.dropped = 0.0
        self.keep(*left_svd(seed))
        self.seed = self.q

    def seed_basis(self):
        return self.seed

    def keep(self, u, squares):
        k = min(self.kept, int(np.count_nonzero(squares > rounding(u.dtype, SVD_ROUNDOFFS) * np.sum(squares))))
        self.dropped += float(np.sum(squares[k:]))
        self.q = u[:, :k]
        self.squares = squares[:k]

    def extend(self, block, energy_of_block):
        self.energy += energy_of_block
        if block.shape[1] == 1:
            self.append_column(block, energy_of_block)
        else:
            sigmas = np.sqrt(self.squares).astype(block.dtype)
            self.keep(*left_svd(np.concatenate((self.q * sigmas, block), axis=1)))
        return self.squared_error()

    def append_column(self, a, energy_of_column):
        q = self.q
        k = q.shape[1]
        y = q.T @ a
        r = a - q @ y
        correction = q.T @ r
        r -= q @ correction
        y += correction
        outside = energy(r)
        is_new = outside > rounding(a.dtype, PRODUCT_ROUNDOFFS) * energy_of_column and k < a.shape[0]
        core = np.zeros((k + is_new, k + 1), a.dtype)
        core[np.arange(k), np.arange(k)] = np.sqrt(self.squares)
        core[:k, k:] = y
        if is_new:
            norm = np.sqrt(outside).astype(a.dtype)
            core[k, k] = norm
            q = np.concatenate((q, r / norm), axis=1)
        else:
            self.dropped += outside
        rotation, squares = left_svd(core)
        self.keep(rotation, squares)
        self.q = q @ self.q

    def squared_error(self):
        return (self.dropped + float(np.sum(self.squares[self.rank :]))) / self.energy


class ResidualOrder:
    """The blocks that have no cluster yet by their residual outside the span of a seed, smallest first."""

    def __init__(self, blocks):
        self.positions = np.arange(len(blocks))
        self.blocks = blocks
        self.all = blocks

    def order(self, q, others):
        if len(others) == 0:
            return iter(())
        available = np.zeros(len(self.all), bool)
        available[others] = True
        kept = available[self.positions]
        if 2 * np.count_nonzero(kept) <= len(kept):
            self.positions = self.positions[kept]
            self.blocks = self.all.selected(self.positions)
            kept = np.ones(len(self.positions), bool)
        energies = self.blocks.energies
        outside = energies - self.blocks.sums(column_energies(self.blocks.columns @ q))
        formed = np.flatnonzero(kept & (outside < FORMED_BELOW * energies))
        if len(formed):
            few = self.blocks.selected(formed)
            outside[formed] = few.sums(column_energies(residual(q, few.columns.T).T))
        return smallest_first(outside[kept], self.positions[kept])


def smallest_first(keys, values):
    """The values by ascending key, then by position; sorted in two parts, since mostly the first few are asked for."""
    if len(keys) > 2 * SORTED_FIRST:
        first = keys <= np.partition(keys, SORTED_FIRST)[SORTED_FIRST]
        yield from values[first][np.argsort(keys[first], kind="stable")].tolist()
        keys, values = keys[~first], values[~first]
    yield from values[np.argsort(keys, kind="stable")].tolist()


STRATEGIES = {
    "max-norm": (MaxNorm, None),
    "residual-norm": (Residual, None),
    "residual-residual": (Residual, ResidualOrder),
    "incremental-norm": (Incremental, None),
    "incremental-residual": (Incremental, ResidualOrder),
}


def partition(blocks, strategy, rank, limit, patience, oversampling):
    """The clusters, in the order in which they are found."""
    make_estimator, make_order = STRATEGIES[strategy]
    order = make_order(blocks) if make_order else None
    energies = blocks.energies.tolist()
    widths = blocks.widths.tolist()
    available = np.argsort(-blocks.energies, kind="stable")
    clusters = []
    idle = 0
    while len(available):
        size = seed_size(available, widths, rank)
        seed, others = available[:size], available[size:]
        estimator = make_estimator(rank, oversampling)
        estimator.start(blocks.side_by_side(seed), float(np.sum(blocks.energies[seed])))
        accepted = []
        for each in order.order(estimator.seed_basis(), others) if order else others[::-1]:
            if estimator.extend(blocks.block(each), energies[each]) > limit**2:
                break
            accepted.append(each)
        idle = 0 if accepted else idle + 1
        if idle >= patience:
            clusters.extend([each] for each in available.tolist())
            break
        clusters.append(seed.tolist() + [int(each) for each in accepted])
        if order:
            taken = np.zeros(len(blocks), bool)
            taken[accepted] = True
            available = others[~taken[others]]
        else:
            available = others[: len(others) - len(accepted)]
    return clusters


def seed_size(available, widths, rank):
    """How many of the largest blocks fit into r columns together; at least one."""
    size = 1
    columns = widths[available[0]]
    while size < len(available) and columns + widths[available[size]] <= rank:
        columns += widths[available[size]]
        size += 1
    return size


def load(file, dtype):
    """All tensors of a safetensors file by name, as (columns, widths)."""
    with open(file, "rb") as stream:
        header = json.loads(stream.read(int.from_bytes(stream.read(8), "little")))
        data = stream.read()
    header.pop("__metadata__", None)
    columns, widths = [], []
    for _, tensor in sorted(header.items()):
        m, n = tensor["shape"]
        numbers = {"F32": np.float32, "F64": np.float64}[tensor["dtype"]]
        begin = tensor["data_offsets"][0]
        columns.append(np.frombuffer(data, numbers, m * n, begin).reshape(m, n).T)
        widths.append(n)
    return np.concatenate(columns, axis=0, dtype=dtype), widths


def main():
    parser = argparse.ArgumentParser(description="Partitions blocks once for each line of standard input.")
    parser.add_argument("file")
    parser.add_argument("strategy", choices=STRATEGIES)
    parser.add_argument("--rank", type=int, required=True)
    parser.add_argument("--limit", type=float, required=True)
    parser.add_argument("--precision", choices=["float32", "float64"], default="float32")
    parser.add_argument("--patience", type=int, default=10)
    parser.add_argument("--oversampling", type=int, default=5)
    arguments = parser.parse_args()
    print(json.dumps({"started": True}), flush=True)
    columns, widths = load(arguments.file, arguments.precision)
    print(json.dumps({"loaded": len(widths)}), flush=True)
    while input_line():
        begun = time.perf_counter()
        blocks = Blocks(columns, widths)
        prepared = time.perf_counter()
        clusters = partition(
            blocks, arguments.strategy, arguments.rank, arguments.limit, arguments.patience, arguments.oversampling
        )
        ended = time.perf_counter()
        result = {
            "prepareSeconds": prepared - begun,
            "partitionSeconds": ended - prepared,
            "peakBytes": peak_bytes(),
            "clusters": clusters,
        }
        print(json.dumps(result), flush=True)


def peak_bytes():
    """The most memory that the process had at any time. (What getrusage tells may be its parent's.)"""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(1024 * int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def input_line():
    try:
        input()
        return True
    except EOFError:
        return False


if __name__ == "__main__":
    main()
