"""A network of several tasks: hidden layers that all share, and a head each for click, cart and purchase."""

import itertools

import numpy as np
import onnx

import perceptron
from fitted import INPUT, OUTPUT, Fitted, score_output
from matrix import CART, CLICK, PURCHASE, Matrix, joined
from ndcg import ndcg
from scaling import Scaling

TASKS = ("click", "cart", "purchase")
# How much each head counts, in learning and in the score. Fixed: on a few hundred held-back queries the best of
# a grid is mostly luck.
SHARES = (1.0, 0.5, 0.5)
FEWEST_PASSES = 3
MOST_PASSES = 24
PATIENCE = 6
# A loss over lists leaves the level of scores open, and serving reads them as log-odds: trees lie there, too.
MEAN_SCORE = -1.0
# The latest queries, on which features are told apart.
IMPORTANCE_QUERIES = 500


def fit(learn: Matrix, measure: Matrix, seed: int) -> Fitted:
    """Passes until the held-back queries gain no more, then all queries again with as many."""
    scaling, shares = Scaling.of(learn.values), shares_of(learn)
    held_back = scaling(measure.values)
    passes, best, best_scores = 0, -1.0, np.empty(0)
    for done, layers in enumerate(itertools.islice(_learn(learn, scaling, shares, seed), MOST_PASSES), start=1):
        scores = perceptron.outputs(layers, held_back) @ shares
        figure = ndcg(scores, measure)
        if figure > best or done <= FEWEST_PASSES:
            passes, best, best_scores = done, figure, scores
        elif done - passes >= PATIENCE:
            break
    everything = joined(learn, measure)
    scaling, shares = Scaling.of(everything.values), shares_of(everything)
    layers = next(itertools.islice(_learn(everything, scaling, shares, seed), passes - 1, None))
    inputs = scaling(everything.values)
    offset = np.float32(MEAN_SCORE - (perceptron.outputs(layers, inputs) @ shares).mean())
    return Fitted(
        held_back_scores=best_scores,
        predict=lambda values: perceptron.outputs(layers, scaling(values)) @ shares + offset,
        graph=_graph(scaling, layers, shares, offset),
        importance=_importance(layers, scaling, everything.part(-IMPORTANCE_QUERIES, None), shares, seed),
        metrics={"passes": passes},
        training={
            "library": f"numpy {np.__version__}",
            "objective": "listwise softmax, " + ", ".join(f"{task} {share:g}" for task, share in zip(TASKS, shares)),
            "learningRate": perceptron.RATE,
            "hidden": "-".join(str(width) for width in perceptron.HIDDEN),
        },
    )


def targets_of(matrix: Matrix) -> np.ndarray:
    """A column a task. Whoever bought had it in a basket, whether the log tells of one or not."""
    bits = (CLICK, CART | PURCHASE, PURCHASE)
    return np.stack([(matrix.taken & each) > 0 for each in bits], axis=1).astype(np.float32)


def shares_of(matrix: Matrix) -> np.ndarray:
    """`SHARES`, made to sum to 1; a head that saw nothing taken learned nothing, and does not count."""
    shares = np.where(targets_of(matrix).any(axis=0), SHARES, 0)
    return (shares / shares.sum()).astype(np.float32)


def _learn(matrix: Matrix, scaling: Scaling, shares: np.ndarray, seed: int):
    # Relative to the first task's, so that a log without purchases is learned from at the same rate.
    return perceptron.learn(
        scaling(matrix.values), targets_of(matrix), matrix.groups, shares / shares.max(), seed
    )


def _importance(layers, scaling: Scaling, matrix: Matrix, shares: np.ndarray, seed: int) -> np.ndarray:
    """What is lost in NDCG when a feature's column is dealt out anew among the rows."""
    random = np.random.default_rng(seed)
    inputs = scaling(matrix.values)
    whole = ndcg(perceptron.outputs(layers, inputs) @ shares, matrix)
    losses = []
    for column in range(inputs.shape[1]):
        dealt = inputs.copy()
        dealt[:, column] = random.permutation(dealt[:, column])
        losses.append(whole - ndcg(perceptron.outputs(layers, dealt) @ shares, matrix))
    return np.maximum(losses, 0)


def _graph(scaling: Scaling, layers, shares: np.ndarray, offset: np.float32) -> onnx.ModelProto:
    nodes, constants = scaling.nodes(INPUT, "scaled")
    constants |= {
        "shares": shares.reshape(-1, 1),
        "offset": np.array(offset, dtype=np.float32),
        "flat_shape": np.array([-1], dtype=np.int64),
    }
    entered = "scaled"
    for at in range(0, len(layers), 2):
        left, is_last = f"layer{at // 2}", at + 2 == len(layers)
        constants |= {f"{left}_weights": layers[at], f"{left}_biases": layers[at + 1]}
        sums = "heads" if is_last else f"{left}_sums"
        nodes.append(
            onnx.helper.make_node("Gemm", [entered, f"{left}_weights", f"{left}_biases"], [sums], name=sums)
        )
        if not is_last:
            nodes.append(onnx.helper.make_node("Relu", [sums], [left], name=left))
        entered = left
    nodes += [
        onnx.helper.make_node("MatMul", ["heads", "shares"], ["combined"], name="combined"),
        onnx.helper.make_node("Add", ["combined", "offset"], ["shifted"], name="shifted"),
        onnx.helper.make_node("Reshape", ["shifted", "flat_shape"], [OUTPUT], name="flatten"),
    ]
    width = len(scaling.mean)
    graph = onnx.helper.make_graph(
        nodes,
        "tagrank",
        [onnx.helper.make_tensor_value_info(INPUT, onnx.TensorProto.FLOAT, ["rows", width])],
        [score_output()],
        [onnx.numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 15)], ir_version=8)
