"""How well scores order what was taken."""

import numpy as np

from matrix import Matrix


def ndcg_by_query(scores: np.ndarray, matrix: Matrix, k: int = 20) -> np.ndarray:
    """Binary NDCG at k of each query among the rows kept."""
    discounts = 1 / np.log2(np.arange(2, k + 2))
    figures, at = np.zeros(len(matrix.groups)), 0
    for query, size in enumerate(matrix.groups):
        taken = matrix.grades[at : at + size] > 0
        order = np.argsort(-scores[at : at + size], kind="stable")[:k]
        figures[query] = (taken[order] * discounts[: len(order)]).sum() / discounts[: min(k, taken.sum())].sum()
        at += size
    return figures


def ndcg(scores: np.ndarray, matrix: Matrix) -> float:
    return float(ndcg_by_query(scores, matrix).mean())
