"""Fits a ranking model of one family to a training matrix and writes it as ONNX.

Called by `tagrank train`, which makes the matrix and, afterwards, the manifest and the model card.
Reads from --matrix: values.f32 (rows x features), grades.u8, taken.u8, groups.u32, meta.json.
Writes to --out: model.onnx and fit.json (golden inputs and outputs, metrics, parameters).
Deterministic for a given matrix, family, seed and library versions.
"""

import argparse
import json
import os
import pathlib

# Sums of parts depend on the number of threads: one, so that any machine gives the same model.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
import onnx
import onnxruntime

import network
import trees
from fitted import INPUT, OUTPUT, Fitted
from matrix import Matrix, read_matrix, split_by_time
from ndcg import ndcg_by_query

FAMILIES = {"trees": trees.fit, "network": network.fit}
GOLDEN_ROWS = 32
# Single precision, summed in another order.
TOLERANCE = 1e-3


def golden_of(fitted: Fitted, path: pathlib.Path, measure: Matrix) -> dict[str, list]:
    """Rows with the scores that the exported model gives them, once these are those of the fitted one."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    step = max(1, len(measure.values) // GOLDEN_ROWS)
    inputs = np.ascontiguousarray(measure.values[::step][:GOLDEN_ROWS])
    outputs = session.run([OUTPUT], {INPUT: inputs})[0]
    worst = float(np.abs(outputs - fitted.predict(inputs)).max())
    if not worst <= TOLERANCE:
        raise SystemExit(f"the exported model differs from the fitted one by {worst}")
    return {"inputs": inputs.astype(float).tolist(), "outputs": outputs.astype(float).tolist()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--matrix", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--family", choices=FAMILIES, required=True)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()

    learn, measure = split_by_time(read_matrix(arguments.matrix))
    fitted = FAMILIES[arguments.family](learn, measure, arguments.seed)

    arguments.out.mkdir(parents=True, exist_ok=True)
    path = arguments.out / "model.onnx"
    onnx.checker.check_model(fitted.graph)
    path.write_bytes(fitted.graph.SerializeToString())

    by_query = ndcg_by_query(fitted.held_back_scores, measure)
    shares = fitted.importance / max(fitted.importance.sum(), 1e-12)
    importance = {name: float(share) for name, share in zip(learn.names, shares)}
    result = {
        "inputName": INPUT,
        "outputName": OUTPUT,
        "golden": golden_of(fitted, path, measure),
        "metrics": {
            "heldBackQueries": len(by_query),
            "heldBackNdcg20": float(by_query.mean()),
            **fitted.metrics,
        },
        # For comparing families query by query.
        "heldBackNdcg20ByQuery": by_query.tolist(),
        "importance": dict(sorted(importance.items(), key=lambda item: -item[1])),
        "training": {"family": arguments.family, **fitted.training, "seed": arguments.seed},
    }
    (arguments.out / "fit.json").write_text(json.dumps(result, indent=2))
    print(f"{arguments.family}: NDCG@20 {by_query.mean():.4f} on {len(by_query)} held-back queries")


if __name__ == "__main__":
    main()
