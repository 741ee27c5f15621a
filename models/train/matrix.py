"""The training matrix that `tagrank train` writes, and how it is parted."""

import json
import pathlib
from dataclasses import dataclass

import numpy as np

# The latest queries are held back, to choose how long to learn and to measure.
HELD_BACK_SHARE = 0.15
FEWEST_QUERIES = 20

# Bits of `taken`, as src/training/taken.ts writes them.
CLICK, CART, PURCHASE = 1, 2, 4


@dataclass(frozen=True)
class Matrix:
    """Rows of candidates; those of one query stand together, queries in order of time."""

    names: list[str]
    values: np.ndarray
    # 0 not taken, 1 a positive behaviour, 2 a purchase.
    grades: np.ndarray
    # How it was taken: CLICK, CART and PURCHASE.
    taken: np.ndarray
    # Rows of each query.
    groups: np.ndarray

    def part(self, first: int | None, last: int | None) -> "Matrix":
        """The queries from `first` up to `last`, as a slice counts them."""
        first, last, _ = slice(first, last).indices(len(self.groups))
        start, end = int(self.groups[:first].sum()), int(self.groups[:last].sum())
        return Matrix(
            self.names, self.values[start:end], self.grades[start:end], self.taken[start:end], self.groups[first:last]
        )


def read_matrix(folder: pathlib.Path) -> Matrix:
    names = json.loads((folder / "meta.json").read_text())["features"]
    matrix = Matrix(
        names,
        np.fromfile(folder / "values.f32", dtype="<f4").reshape(-1, len(names)),
        np.fromfile(folder / "grades.u8", dtype="u1").astype(np.int32),
        np.fromfile(folder / "taken.u8", dtype="u1"),
        np.fromfile(folder / "groups.u32", dtype="<u4").astype(np.int64),
    )
    rows = matrix.values.shape[0]
    if not rows == len(matrix.grades) == len(matrix.taken) == matrix.groups.sum():
        raise SystemExit("the matrix is broken: rows, grades, what was taken and groups do not agree")
    if len(matrix.groups) < FEWEST_QUERIES:
        raise SystemExit(f"only {len(matrix.groups)} queries with something taken: too few to learn from")
    return matrix


def split_by_time(matrix: Matrix) -> tuple[Matrix, Matrix]:
    """The first part is learned from, the last measured on."""
    queries = len(matrix.groups)
    cut = queries - max(1, int(queries * HELD_BACK_SHARE))
    return matrix.part(0, cut), matrix.part(cut, queries)


def joined(first: Matrix, second: Matrix) -> Matrix:
    columns = ("values", "grades", "taken", "groups")
    return Matrix(first.names, *(np.concatenate([getattr(each, name) for each in (first, second)]) for name in columns))
