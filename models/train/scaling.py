"""Brings features of any spread to a like one, within the model."""

from dataclasses import dataclass

import numpy as np
import onnx

# Beyond so many standard deviations a value says no more: a network would run on in a straight line.
LIMIT = 4.0


@dataclass(frozen=True)
class Scaling:
    """sign(x)·ln(1 + |x| / unit), standardised and clipped: counts and hours have heavy tails."""

    unit: np.ndarray
    mean: np.ndarray
    # 1 / standard deviation; 0 for a feature that never changed, which then says nothing.
    factor: np.ndarray

    @staticmethod
    def of(values: np.ndarray) -> "Scaling":
        # The middle of what is not nothing: a share and a count each get the bend that suits them.
        sizes = np.abs(values)
        unit = np.array([np.median(each[each > 0]) if (each > 0).any() else 1 for each in sizes.T], dtype=np.float32)
        bent = _bend(values, unit).astype(np.float64)
        spread = bent.std(axis=0)
        factor = np.where(spread > 1e-6, 1 / np.maximum(spread, 1e-6), 0)
        return Scaling(unit, bent.mean(axis=0).astype(np.float32), factor.astype(np.float32))

    def __call__(self, values: np.ndarray) -> np.ndarray:
        return np.clip((_bend(values, self.unit) - self.mean) * self.factor, -LIMIT, LIMIT)

    def nodes(self, source: str, target: str) -> tuple[list[onnx.NodeProto], dict[str, np.ndarray]]:
        """The same as ONNX: nodes from `source` to `target`, and the constants that they read."""
        constants = {
            "unit": self.unit,
            "one": np.array(1, dtype=np.float32),
            "mean": self.mean,
            "factor": self.factor,
            "lowest": np.array(-LIMIT, dtype=np.float32),
            "highest": np.array(LIMIT, dtype=np.float32),
        }
        steps = [
            ("Sign", [source], "sign"),
            ("Abs", [source], "size"),
            ("Div", ["size", "unit"], "units"),
            ("Add", ["units", "one"], "from_one"),
            ("Log", ["from_one"], "log"),
            ("Mul", ["sign", "log"], "bent"),
            ("Sub", ["bent", "mean"], "centred"),
            ("Mul", ["centred", "factor"], "standard"),
            ("Clip", ["standard", "lowest", "highest"], target),
        ]
        return [onnx.helper.make_node(kind, read, [made], name=made) for kind, read, made in steps], constants


def _bend(values: np.ndarray, unit: np.ndarray) -> np.ndarray:
    return np.sign(values) * np.log(1 + np.abs(values) / unit)
