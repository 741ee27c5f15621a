"""What a family of models gives back when it was fitted."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import onnx


@dataclass(frozen=True)
class Fitted:
    # Scores by the model fitted to what was learned from alone, for the held-back queries.
    held_back_scores: np.ndarray
    # Scores by the model that is shipped, fitted to all queries.
    predict: Callable[[np.ndarray], np.ndarray]
    graph: onnx.ModelProto
    # How much each feature decides; any unit, none below 0.
    importance: np.ndarray
    # Figures and words for the manifest.
    metrics: dict[str, float]
    training: dict[str, str | float]


INPUT, OUTPUT = "features", "scores"


def score_output() -> onnx.ValueInfoProto:
    """One raw score a row, higher is better."""
    return onnx.helper.make_tensor_value_info(OUTPUT, onnx.TensorProto.FLOAT, ["rows"])
