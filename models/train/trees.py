"""LambdaMART: gradient-boosted trees that learn the order of a list."""

import lightgbm as lgb
import numpy as np
import onnx
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType

from fitted import INPUT, OUTPUT, Fitted, score_output
from matrix import Matrix, joined

PARAMETERS = {
    "objective": "lambdarank",
    "metric": "ndcg",
    "eval_at": [20],
    "label_gain": [0.0, 1.0, 1.5],
    "lambdarank_truncation_level": 30,
    "learning_rate": 0.15,
    # Even trees: no row has to go further than four steps, which is what serving pays for.
    "num_leaves": 16,
    "max_depth": 4,
    "min_data_in_leaf": 50,
    "feature_fraction": 0.7,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 20.0,
    "monotone_constraints_method": "advanced",
    "verbosity": -1,
    "deterministic": True,
    "force_row_wise": True,
    # More would wait for each other on a busy machine, for lists as short as these.
    "num_threads": 1,
}
FEWEST_TREES = 35
# Serving 500 rows costs about 8 µs a tree: the budget sets the end.
MOST_TREES = 45
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
    "visit_score": 1,
    "visit_share": 1,
    "visit_rank": 1,
    "after_sum": 1,
    "after_best": 1,
    "after_lift": 1,
    "category_place": 1,
    "category_hours": -1,
    "category_share": 1,
    "shop_place": 1,
    "shop_share": 1,
}


def fit(learn: Matrix, measure: Matrix, seed: int) -> Fitted:
    """Trees until the held-back queries gain no more, then all queries again with as many."""
    directions = [DIRECTIONS.get(name, 0) for name in learn.names]
    parameters = {**PARAMETERS, "seed": seed, "monotone_constraints": directions}
    dataset = _dataset(learn)
    judged = lgb.train(
        parameters,
        dataset,
        num_boost_round=MOST_TREES,
        valid_sets=[_dataset(measure, reference=dataset)],
        callbacks=[lgb.early_stopping(PATIENCE, verbose=False)],
    )
    # A few held-back queries stop early by luck; so few leaves as ours do not overfit before this.
    trees = max(FEWEST_TREES, judged.best_iteration)
    booster = lgb.train(parameters, _dataset(joined(learn, measure)), num_boost_round=trees)
    return Fitted(
        held_back_scores=judged.predict(measure.values),
        predict=booster.predict,
        graph=_graph(booster, len(learn.names)),
        importance=booster.feature_importance("gain"),
        metrics={"trees": booster.num_trees()},
        training={
            "library": f"lightgbm {lgb.__version__}",
            "objective": PARAMETERS["objective"],
            "learningRate": PARAMETERS["learning_rate"],
            "leaves": PARAMETERS["num_leaves"],
        },
    )


def _dataset(matrix: Matrix, reference: lgb.Dataset | None = None) -> lgb.Dataset:
    return lgb.Dataset(
        matrix.values, matrix.grades, group=matrix.groups, feature_name=matrix.names, reference=reference
    )


def _graph(booster: lgb.Booster, width: int) -> onnx.ModelProto:
    model = convert_lightgbm(
        booster,
        # Unnamed, a graph is called by a random id, and no two fits give the same bytes.
        name="tagrank",
        initial_types=[(INPUT, FloatTensorType([None, width]))],
        target_opset=15,
        zipmap=False,
    )
    # The converter keeps these in a set, whose order changes from process to process.
    opsets = sorted(model.opset_import, key=lambda opset: opset.domain)
    del model.opset_import[:]
    model.opset_import.extend(opsets)
    graph = model.graph
    score = graph.output[0].name
    graph.initializer.append(onnx.numpy_helper.from_array(np.array([-1], dtype=np.int64), "flat_shape"))
    graph.node.append(onnx.helper.make_node("Reshape", [score, "flat_shape"], [OUTPUT], name="flatten"))
    del graph.output[:]
    graph.output.append(score_output())
    return model
