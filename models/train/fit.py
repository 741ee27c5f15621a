"""Fits a ranking model to a training matrix and writes it as ONNX.

Called by `tagrank train`, which makes the matrix and, afterwards, the manifest and the model card.
Reads from --matrix: values.f32 (rows x features), grades.u8, groups.u32, meta.json.
Writes to --out: model.onnx and fit.json (golden inputs and outputs, metrics, parameters).
Deterministic for a given matrix, seed and library versions.
"""

import argparse
import json
import pathlib

import lightgbm as lgb
import numpy as np
import onnx
import onnxruntime
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType

# The latest queries are held back, to choose the number of trees and to measure.
HELD_BACK_SHARE = 0.15
GOLDEN_ROWS = 32

PARAMETERS = {
    "objective": "lambdarank",
    "metric": "ndcg",
    "eval_at": [20],
    "label_gain": [0.0, 1.0, 1.5],
    "lambdarank_truncation_level": 30,
    "learning_rate": 0.05,
    "num_leaves": 7,
    "min_data_in_leaf": 200,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 20.0,
    "monotone_constraints_method": "advanced",
    "verbosity": -1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 2,
}
FEWEST_TREES = 80
MOST_TREES = 200
PATIENCE = 30

# What more of can only speak for a candidate (1) or against it (-1), whatever a small log suggests.
DIRECTIONS = {
    "own_interest": 1,
    "own_hours_since": -1,
    "own_purchase_days": 1,
    "own_purchase_rate": 1,
    "own_in_cart": 1,
    "own_favourite": 1,
    "own_recent_rank": 1,
    "shop_affinity": 1,
    "long_term_match": 1,
    "short_term_match": 1,
    "category_taste": 1,
    "category_intent": 1,
    "related_sum": 1,
    "related_mean": 1,
    "related_best": 1,
    "related_to_last": 1,
    "related_share": 1,
    "popularity_day": 1,
    "popularity_week": 1,
    "popularity_month": 1,
    "popularity_quarter": 1,
    "popularity_all_time": 1,
    "crowd_lift": 1,
    "crowd_share": 1,
    "rating": 1,
    "refund_ratio": -1,
}


def read_matrix(folder: pathlib.Path):
    meta = json.loads((folder / "meta.json").read_text())
    names = meta["features"]
    values = np.fromfile(folder / "values.f32", dtype="<f4").reshape(-1, len(names))
    grades = np.fromfile(folder / "grades.u8", dtype="u1").astype(np.int32)
    groups = np.fromfile(folder / "groups.u32", dtype="<u4").astype(np.int64)
    if values.shape[0] != grades.shape[0] or groups.sum() != grades.shape[0]:
        raise SystemExit("the matrix is broken: rows, grades and groups do not agree")
    return names, values, grades, groups


def split_by_time(values, grades, groups):
    """Queries come in order of time: the first part is learned from, the last measured on."""
    cut = len(groups) - max(1, int(len(groups) * HELD_BACK_SHARE))
    rows = int(groups[:cut].sum())
    learn = (values[:rows], grades[:rows], groups[:cut])
    measure = (values[rows:], grades[rows:], groups[cut:])
    return learn, measure


def fit(names, learn, measure, seed):
    """Trees until the held-back queries gain no more, then all queries again with as many."""
    directions = [DIRECTIONS.get(name, 0) for name in names]
    parameters = {**PARAMETERS, "seed": seed, "monotone_constraints": directions}
    dataset = lgb.Dataset(learn[0], learn[1], group=learn[2], feature_name=names)
    held_back = lgb.Dataset(measure[0], measure[1], group=measure[2], reference=dataset)
    judged = lgb.train(
        parameters,
        dataset,
        num_boost_round=MOST_TREES,
        valid_sets=[held_back],
        callbacks=[lgb.early_stopping(PATIENCE, verbose=False)],
    )
    # A few held-back queries stop early by luck; so few leaves as ours do not overfit before this.
    trees = max(FEWEST_TREES, judged.best_iteration)
    values, grades, groups = (np.concatenate(parts) for parts in zip(learn, measure))
    everything = lgb.Dataset(values, grades, group=groups, feature_name=names)
    return judged, lgb.train(parameters, everything, num_boost_round=trees)


def ndcg(scores, grades, groups, k=20):
    """Mean over queries of binary NDCG at k among the rows kept."""
    total, at = 0.0, 0
    for size in groups:
        order = np.argsort(-scores[at : at + size], kind="stable")[:k]
        hits = grades[at : at + size][order] > 0
        ideal = min(k, int((grades[at : at + size] > 0).sum()))
        discounts = 1 / np.log2(np.arange(2, k + 2))
        total += (hits * discounts[: len(hits)]).sum() / discounts[:ideal].sum()
        at += size
    return total / len(groups)


def export(booster, width, path):
    """One output of shape [rows]: raw scores, higher is better."""
    model = convert_lightgbm(
        booster,
        # Unnamed, a graph is called by a random id, and no two fits give the same bytes.
        name="tagrank",
        initial_types=[("features", FloatTensorType([None, width]))],
        target_opset=15,
        zipmap=False,
    )
    graph = model.graph
    score = graph.output[0].name
    flat = "scores"
    shape = onnx.numpy_helper.from_array(np.array([-1], dtype=np.int64), "flat_shape")
    graph.initializer.append(shape)
    graph.node.append(onnx.helper.make_node("Reshape", [score, "flat_shape"], [flat], name="flatten"))
    del graph.output[:]
    graph.output.append(onnx.helper.make_tensor_value_info(flat, onnx.TensorProto.FLOAT, ["rows"]))
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--matrix", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()

    names, values, grades, groups = read_matrix(arguments.matrix)
    if len(groups) < 20:
        raise SystemExit(f"only {len(groups)} queries with something taken: too few to learn from")
    learn, measure = split_by_time(values, grades, groups)
    judged, booster = fit(names, learn, measure, arguments.seed)

    arguments.out.mkdir(parents=True, exist_ok=True)
    path = arguments.out / "model.onnx"
    export(booster, len(names), path)

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    step = max(1, len(measure[0]) // GOLDEN_ROWS)
    golden = np.ascontiguousarray(measure[0][::step][:GOLDEN_ROWS])
    scores = session.run(None, {"features": golden})[0]
    worst = float(np.abs(scores - booster.predict(golden)).max())
    if worst > 1e-3:
        raise SystemExit(f"the exported model differs from the fitted one by {worst}")

    gain = booster.feature_importance("gain")
    importance = {name: float(share) for name, share in zip(names, gain / max(gain.sum(), 1e-12))}
    result = {
        "inputName": "features",
        "outputName": "scores",
        "golden": {"inputs": golden.astype(float).tolist(), "outputs": scores.astype(float).tolist()},
        "metrics": {
            "heldBackQueries": len(measure[2]),
            "heldBackNdcg20": float(ndcg(judged.predict(measure[0]), measure[1], measure[2])),
            "trees": booster.num_trees(),
        },
        "importance": dict(sorted(importance.items(), key=lambda item: -item[1])),
        "training": {
            "library": f"lightgbm {lgb.__version__}",
            "objective": PARAMETERS["objective"],
            "learningRate": PARAMETERS["learning_rate"],
            "leaves": PARAMETERS["num_leaves"],
            "seed": arguments.seed,
        },
    }
    (arguments.out / "fit.json").write_text(json.dumps(result, indent=2))
    print(f"{booster.num_trees()} trees, NDCG@20 {result['metrics']['heldBackNdcg20']:.4f} on {len(measure[2])} held-back queries")


if __name__ == "__main__":
    main()
